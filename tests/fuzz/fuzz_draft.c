/* Lines that a person types in the repl: whatever the bytes, a draft keeps each line unchanged.
 * An empty line changes nothing outside of brackets, strings and joined lines. Also a gateway's
 * list of sessions: it is refused, or becomes lines that do no harm to a terminal.
 */
#include "fuzz.h"

#include "client/draft.h"
#include "client/session.h"

static bool is_comment(struct bytes line)
{
    size_t i = 0;
    while (i < line.len && strchr(" \t\f\r", line.data[i]) && line.data[i])
        i++;
    return i < line.len && line.data[i] == '#';
}

static void check_line(struct draft *draft, struct bytes line)
{
    enum draft_state before = draft_state(draft);
    bool is_nothing = line.len == 0 || is_comment(line);
    must(draft_add(draft, line));
    if (before != DRAFT_OPEN && is_nothing)
        must(draft_state(draft) == before);
    if (before == DRAFT_BLOCK)
        must(draft_state(draft) == DRAFT_BLOCK || draft_state(draft) == DRAFT_OPEN);
    if (line.len == 0)
        must(draft_continues(line));
}

static void check_draft(struct bytes data)
{
    struct draft draft;
    struct buf all;
    draft_init(&draft);
    buf_init(&all, 2 * data.len + 2);
    for (size_t at = 0; at <= data.len;) {
        const uint8_t *rest = data.data + at;
        const uint8_t *newline = at < data.len ? memchr(rest, '\n', data.len - at) : NULL;
        size_t len = newline ? (size_t)(newline - rest) : data.len - at;
        check_line(&draft, bytes_of(rest, len));
        must(buf_append(&all, rest, len) && buf_append_string(&all, "\n"));
        at += len + 1;
    }
    must(same_bytes(buf_bytes(&draft.text), buf_bytes(&all)));
    draft_clear(&draft);
    must(draft_state(&draft) == DRAFT_EMPTY && draft.text.len == 0);
    draft_release(&draft);
    buf_release(&all);
}

static void check_lines(const struct buf *lines)
{
    struct bytes text = buf_bytes(lines);
    for (size_t i = 0; i < text.len; i++)
        must((text.data[i] >= 0x20 && text.data[i] != 0x7f) || text.data[i] == '\n');
    must(text.len == 0 || text.data[text.len - 1] == '\n');
}

static void check_lists(struct bytes data)
{
    struct error why = {.kind = ERR_NONE};
    struct json *answer = json_parse(data.data, data.len, &why);
    struct session session;
    struct buf lines;
    bool is_cut;
    if (!answer)
        return;
    buf_init(&lines, 1 << 20);
    if (session_read(&session, answer, &why))
        must(job_is_session_name(bytes_of_string(session.id)));
    if (!session_put_table(&lines, answer, &why))
        must(lines.len == 0);
    check_lines(&lines);
    buf_truncate(&lines, 0);
    if (!session_put_files(&lines, answer, &is_cut, &why))
        must(lines.len == 0);
    check_lines(&lines);
    buf_release(&lines);
    json_free(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0)
        return 0;
    check_draft(bytes_of(data, len));
    check_lists(bytes_of(data, len));
    return 0;
}
