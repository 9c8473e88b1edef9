#include "client/draft.h"

#include <ctype.h>
#include <string.h>

#define NO_CHARACTER '\0'

void draft_init(struct draft *draft)
{
    *draft = (struct draft){.depth = 0};
    buf_init(&draft->text, DRAFT_MAX_BYTES);
}

void draft_release(struct draft *draft)
{
    buf_release(&draft->text);
    draft_init(draft);
}

void draft_clear(struct draft *draft)
{
    draft_release(draft);
}

/* ---- words ---- */

static struct bytes first_word(struct bytes line)
{
    size_t len = 0;
    while (len < line.len && (isalnum(line.data[len]) || line.data[len] == '_'))
        len++;
    return bytes_of(line.data, len);
}

static bool is_one_of(struct bytes word, const char *const *words)
{
    while (*words && !bytes_equal_string(word, *words))
        words++;
    return *words != NULL;
}

/* "match" is missing here, since it may be a name. A match statement is known by its colon. */
static bool begins_block(struct bytes line)
{
    static const char *const keywords[] = {"if",  "for",   "while", "try", "with",
                                           "def", "class", "async", NULL};
    return is_one_of(first_word(line), keywords);
}

bool draft_is_blank(struct bytes line)
{
    size_t i = 0;
    while (i < line.len && isspace(line.data[i]))
        i++;
    return i == line.len;
}

bool draft_continues(struct bytes line)
{
    static const char *const keywords[] = {"else", "elif", "except", "finally", NULL};
    if (draft_is_blank(line))
        return true;
    char first = (char)line.data[0];
    return first == ' ' || first == '\t' || first == '\f' || first == '#' ||
           is_one_of(first_word(line), keywords);
}

/* ---- characters ---- */

static char at(struct bytes line, size_t i)
{
    if (i >= line.len)
        return NO_CHARACTER;
    return (char)line.data[i];
}

static bool is_tripled(struct bytes line, size_t i)
{
    return at(line, i + 1) == at(line, i) && at(line, i + 2) == at(line, i);
}

/* Continue at line[i], inside of a string. Returns the number of characters consumed. */
static size_t scan_string(struct draft *draft, struct bytes line, size_t i)
{
    if (at(line, i) == '\\') {
        draft->is_joined = i + 1 == line.len;
        return 2;
    }
    if (at(line, i) != draft->quote)
        return 1;
    if (draft->is_triple && !is_tripled(line, i))
        return 1;
    draft->quote = NO_CHARACTER;
    return draft->is_triple ? 3 : 1;
}

/* Continue at line[i], outside of strings; sets *last for a character that may be the line's last
 * one. Returns the number of characters consumed. */
static size_t scan_code(struct draft *draft, struct bytes line, size_t i, char *last)
{
    char character = at(line, i);
    switch (character) {
    case '#':
        return line.len - i;
    case '"':
    case '\'':
        draft->quote = character;
        draft->is_triple = is_tripled(line, i);
        *last = character;
        return draft->is_triple ? 3 : 1;
    case '(':
    case '[':
    case '{':
        draft->depth++;
        break;
    case ')':
    case ']':
    case '}':
        draft->depth -= draft->depth > 0;
        break;
    case '\\':
        draft->is_joined = i + 1 == line.len;
        break;
    case ' ':
    case '\t':
    case '\f':
    case '\r':
        return 1;
    }
    *last = character;
    return 1;
}

/* ---- lines ---- */

static bool is_inside(const struct draft *draft)
{
    return draft->depth > 0 || draft->quote || draft->is_joined;
}

static void scan(struct draft *draft, struct bytes line)
{
    bool is_first = !is_inside(draft);
    char last = NO_CHARACTER;
    draft->is_joined = false;
    for (size_t i = 0; i < line.len;)
        i += draft->quote ? scan_string(draft, line, i) : scan_code(draft, line, i, &last);
    if (!draft->is_triple && !draft->is_joined)
        draft->quote = NO_CHARACTER; /* it is never closed: an error, which Python reports */
    bool has_code = last != NO_CHARACTER || !is_first;
    if (!has_code)
        return;
    draft->has_code = true;
    if (is_first) {
        draft->has_block = draft->has_block || begins_block(line);
        draft->needs_more = at(line, 0) == '@' || (at(line, 0) == '%' && at(line, 1) == '%');
    }
    if (last == ':' && !is_inside(draft))
        draft->has_block = true;
}

bool draft_add(struct draft *draft, struct bytes line)
{
    if (line.len >= DRAFT_MAX_BYTES || draft->text.len + line.len + 1 > DRAFT_MAX_BYTES)
        return false;
    size_t before = draft->text.len;
    if (!buf_append(&draft->text, line.data, line.len) || !buf_append(&draft->text, "\n", 1)) {
        buf_truncate(&draft->text, before);
        return false;
    }
    scan(draft, line);
    return true;
}

enum draft_state draft_state(const struct draft *draft)
{
    if (is_inside(draft) || draft->needs_more)
        return DRAFT_OPEN;
    if (draft->has_block)
        return DRAFT_BLOCK;
    return draft->has_code ? DRAFT_WHOLE : DRAFT_EMPTY;
}
