#include "client/prompt.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <wchar.h>

#define READ_BYTES ((size_t)64 << 10)
#define INDENT "    "
#define REPLACEMENT 0xfffd

/* ---- waiting ---- */

/* Wait until standard input can be read. Returns false when a signal has come. If the process is
 * stopped or the terminal is resized, poll(2) is interrupted, and the wait continues. */
static bool wait_for_input(struct prompt *prompt)
{
    struct signalfd_siginfo info;
    for (;;) {
        struct pollfd ready[] = {{.fd = prompt->signals, .events = POLLIN},
                                 {.fd = STDIN_FILENO, .events = POLLIN}};
        int count = poll(ready, 2, -1);
        if (count < 0 && errno != EINTR)
            return true; /* read(2) then reports the error */
        if (count > 0 && read(prompt->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
            prompt->signal = (int)info.ssi_signo;
            return false;
        }
        if (count > 0 && ready[1].revents)
            return true;
    }
}

/* ---- a terminal, by libedit ---- */

static struct prompt *prompt_of(EditLine *editor)
{
    void *prompt = NULL;
    el_get(editor, EL_CLIENTDATA, &prompt);
    return prompt;
}

/* Returns 1 with a character, 0 at the end of the input, -1 when a signal has come. */
static int on_wanted(EditLine *editor, wchar_t *character)
{
    struct prompt *prompt = prompt_of(editor);
    mbstate_t state = {0};
    char byte;
    while (wait_for_input(prompt)) {
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return (int)got;
        if (byte == '\0') /* libedit would quote the next character */
            continue;
        size_t used = mbrtowc(character, &byte, 1, &state);
        if (used == (size_t)-2)
            continue;
        if (used == (size_t)-1)
            *character = REPLACEMENT;
        return 1;
    }
    return -1;
}

static char *on_shown(EditLine *editor)
{
    return (char *)(uintptr_t)prompt_of(editor)->sign;
}

static unsigned char on_tabbed(EditLine *editor, wint_t character)
{
    (void)character;
    return el_insertstr(editor, INDENT) == 0 ? CC_REFRESH : CC_ERROR;
}

/* libedit needs a locale that has UTF-8. */
static void choose_locale(void)
{
    if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

/* The editing keys are those of Emacs, unless the user's ~/.editrc wants others. */
static bool start_editor(struct prompt *prompt)
{
    choose_locale();
    prompt->editor = el_init("mayfly", stdin, stdout, stderr);
    if (!prompt->editor)
        return false;
    recall_init(&prompt->recall);
    el_set(prompt->editor, EL_CLIENTDATA, (void *)prompt);
    el_set(prompt->editor, EL_SIGNAL, 1);
    el_set(prompt->editor, EL_PROMPT, on_shown);
    el_set(prompt->editor, EL_GETCFN, on_wanted);
    el_set(prompt->editor, EL_EDITOR, "emacs");
    if (prompt->recall.lines)
        el_set(prompt->editor, EL_HIST, history, prompt->recall.lines);
    /* The function for bytes would copy the names, and lose the copies. */
    el_wset(prompt->editor, EL_ADDFN, L"mayfly-indent", L"Indent", on_tabbed);
    el_set(prompt->editor, EL_BIND, "^I", "mayfly-indent", NULL);
    el_set(prompt->editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_source(prompt->editor, NULL);
    return true;
}

static enum prompt_end edit_line(struct prompt *prompt, struct buf *line)
{
    int len = 0;
    /* By itself, libedit prepares the terminal only when the prompt can be seen already. */
    el_set(prompt->editor, EL_PREP_TERM, 1);
    const char *text = el_gets(prompt->editor, &len);
    if (prompt->signal != 0) {
        (void)!write(STDOUT_FILENO, "\n", 1);
        return PROMPT_SIGNALED;
    }
    if (!text || len <= 0) {
        (void)!write(STDOUT_FILENO, "\n", 1);
        return PROMPT_FINISHED;
    }
    len -= text[len - 1] == '\n';
    if (!buf_append(line, text, (size_t)len)) {
        error_set(&prompt->why, ERR_INVALID, "the line is longer than %zu bytes", line->max_bytes);
        return PROMPT_FAILED;
    }
    if (line->len > 0 && buf_append(line, "", 1)) {
        recall_add(&prompt->recall, (const char *)buf_bytes(line).data);
        buf_truncate(line, line->len - 1);
    }
    return PROMPT_LINE;
}

/* ---- anything else ---- */

/* Move the first line of the input to `line`; at the end of the input, move all the rest. */
static bool take_line(struct prompt *prompt, struct buf *line)
{
    struct bytes input = buf_bytes(&prompt->input);
    const uint8_t *newline = input.len > 0 ? memchr(input.data, '\n', input.len) : NULL;
    if (!newline && !(prompt->is_at_end && input.len > 0))
        return false;
    size_t len = newline ? (size_t)(newline - input.data) : input.len;
    size_t shown = len - (len > 0 && input.data[len - 1] == '\r');
    if (!buf_append(line, input.data, shown))
        return false;
    buf_consume(&prompt->input, newline ? len + 1 : len);
    return true;
}

static enum prompt_end read_more(struct prompt *prompt)
{
    if (!wait_for_input(prompt))
        return PROMPT_SIGNALED;
    long got;
    do {
        got = buf_read_fd(&prompt->input, STDIN_FILENO, READ_BYTES);
    } while (got < 0 && (errno == EINTR || errno == EAGAIN));
    if (got < 0 && errno == ENOBUFS)
        error_set(&prompt->why, ERR_INVALID, "a line of standard input is longer than %zu bytes",
                  PROMPT_LINE_MAX_BYTES);
    else if (got < 0)
        error_errno(&prompt->why, "standard input cannot be read");
    if (got < 0)
        return PROMPT_FAILED;
    prompt->is_at_end = got == 0;
    return PROMPT_LINE;
}

static enum prompt_end read_line(struct prompt *prompt, struct buf *line)
{
    if (prompt->is_interactive)
        (void)!write(STDERR_FILENO, prompt->sign, strlen(prompt->sign));
    while (!take_line(prompt, line)) {
        if (prompt->is_at_end)
            return PROMPT_FINISHED;
        enum prompt_end end = read_more(prompt);
        if (end != PROMPT_LINE)
            return end;
    }
    return PROMPT_LINE;
}

/* ---- life ---- */

bool prompt_init(struct prompt *prompt, int signals, struct error *err)
{
    const char *terminal = getenv("TERM");
    bool can_edit = terminal && terminal[0] && strcmp(terminal, "dumb") != 0;
    *prompt = (struct prompt){.signals = signals, .is_interactive = isatty(STDIN_FILENO)};
    buf_init(&prompt->input, PROMPT_LINE_MAX_BYTES);
    bool is_edited = prompt->is_interactive && can_edit && isatty(STDOUT_FILENO);
    return !is_edited || start_editor(prompt) ||
           error_set(err, ERR_SYSTEM, "the terminal could not be set up");
}

void prompt_release(struct prompt *prompt)
{
    if (prompt->editor) {
        recall_save(&prompt->recall);
        el_end(prompt->editor);
        recall_release(&prompt->recall);
    }
    prompt->editor = NULL;
    buf_release(&prompt->input);
}

enum prompt_end prompt_read(struct prompt *prompt, const char *sign, struct buf *line)
{
    buf_consume(line, line->len);
    prompt->sign = sign;
    prompt->signal = 0;
    return prompt->editor ? edit_line(prompt, line) : read_line(prompt, line);
}
