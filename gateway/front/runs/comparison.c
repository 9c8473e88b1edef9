/* comparison.c - see comparison.h. Long stretches that are equal byte by byte are skipped quickly.
 * The rest is compared slowly: by bytes for TRIM, skipping white space that does not count, and by
 * tokens for TOKENS and NUMBERS. A very long token is compared in pieces.
 */
#include "front/runs/comparison.h"

#include <math.h>
#include <string.h>

#include "common/number.h"
#include "common/utf8.h"

#define STRETCH_BYTES ((size_t)4 << 10) /* bytes compared at once, and skipped if equal */
/* after an unequal stretch, slow steps before the next stretch is tried */
#define SLOW_STEPS 256
#define PIECE_BYTES ((size_t)512) /* of a token, compared at once; longer than any number */
#define SHOWN_BEFORE_BYTES 64     /* of a line, shown in front of the difference */
#define NEEDS_MORE (-2)
#define AT_END (-1)

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static size_t left_of(const struct comparison_side *side)
{
    return side->text.len - side->at;
}

struct comparison comparison_of(struct comparer comparer, struct bytes expected, struct bytes got)
{
    return (struct comparison){
        .comparer = comparer, .expected.text = expected, .got.text = got, .line = 1};
}

/* ---- equal stretches ---- */

static uint64_t count_lines(const uint8_t *data, size_t len)
{
    uint64_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += data[i] == '\n';
    return count;
}

/* Returns how much of an equal stretch can be skipped without knowing what follows it. */
static size_t cut_stretch(enum comparer_kind kind, const uint8_t *data, size_t len)
{
    bool ends_with_space = kind != COMPARER_TRIM;
    while (kind != COMPARER_EXACT && len > 0 && is_space(data[len - 1]) != ends_with_space)
        len--;
    return len;
}

static bool is_between(const struct comparison_side *side)
{
    return !side->is_in_token && side->at >= side->solid_to && side->scanned_to <= side->at;
}

/* Skip a stretch if it is equal in both texts. Returns how many bytes were skipped. */
static size_t pass_stretch(struct comparison *comparison)
{
    struct comparison_side *expected = &comparison->expected, *got = &comparison->got;
    size_t len = left_of(expected) < left_of(got) ? left_of(expected) : left_of(got);
    if (len == 0 || !is_between(expected) || !is_between(got))
        return 0;
    len = len < STRETCH_BYTES ? len : STRETCH_BYTES;
    const uint8_t *data = expected->text.data + expected->at;
    if (memcmp(data, got->text.data + got->at, len) != 0)
        return 0;
    len = cut_stretch(comparison->comparer.kind, data, len);
    comparison->line += count_lines(data, len);
    expected->at += len;
    got->at += len;
    return len;
}

/* ---- exact ---- */

static enum comparison_result step_exact(struct comparison *comparison)
{
    struct comparison_side *expected = &comparison->expected, *got = &comparison->got;
    while (left_of(expected) > 0 && left_of(got) > 0 &&
           expected->text.data[expected->at] == got->text.data[got->at]) {
        comparison->line += expected->text.data[expected->at] == '\n';
        expected->at++;
        got->at++;
    }
    return left_of(expected) == 0 && left_of(got) == 0 ? COMPARISON_EQUAL : COMPARISON_DIFFERENT;
}

/* ---- trim ---- */

/* Read to the end of the white space at `at`: only then it is known which of it counts. Returns
 * false when the budget is used up. */
static bool resolve(struct comparison_side *side, size_t *budget)
{
    const uint8_t *data = side->text.data;
    if (side->scanned_to < side->at)
        side->scanned_to = side->lead = side->at;
    while (side->scanned_to < side->text.len && is_space(data[side->scanned_to])) {
        if (*budget == 0)
            return false;
        --*budget;
        if (data[side->scanned_to++] == '\n')
            side->lead = side->scanned_to;
    }
    side->solid_to = side->scanned_to;
    side->is_at_end = side->scanned_to == side->text.len;
    return true;
}

/* Returns the next byte that counts. */
static int peek(struct comparison_side *side, size_t *budget)
{
    const uint8_t *data = side->text.data;
    if (side->at == side->text.len || side->is_at_end)
        return AT_END;
    if (side->at >= side->solid_to && is_space(data[side->at]) && !resolve(side, budget))
        return NEEDS_MORE;
    if (side->is_at_end)
        return AT_END;
    while (side->at < side->lead && data[side->at] != '\n') {
        if (*budget == 0)
            return NEEDS_MORE;
        --*budget;
        side->at++;
    }
    return data[side->at];
}

static enum comparison_result step_trim(struct comparison *comparison, size_t *budget)
{
    int expected = peek(&comparison->expected, budget);
    int got = expected == NEEDS_MORE ? NEEDS_MORE : peek(&comparison->got, budget);
    if (expected == NEEDS_MORE || got == NEEDS_MORE)
        return COMPARISON_MORE;
    if (expected != got)
        return COMPARISON_DIFFERENT;
    if (expected == AT_END)
        return COMPARISON_EQUAL;
    comparison->line += expected == '\n';
    comparison->expected.at++;
    comparison->got.at++;
    return COMPARISON_MORE;
}

/* ---- tokens and numbers ---- */

/* Skip white space, and find the end of the next token, or of a piece of it. Returns false when the
 * budget is used up. */
static bool find_token(struct comparison_side *side, size_t *budget, uint64_t *line)
{
    const uint8_t *data = side->text.data;
    while (!side->is_in_token && left_of(side) > 0 && is_space(data[side->at])) {
        if (*budget == 0)
            return false;
        --*budget;
        *line += data[side->at++] == '\n';
    }
    size_t end = side->at;
    while (end < side->text.len && end - side->at < PIECE_BYTES && !is_space(data[end]))
        end++;
    side->solid_to = end;
    return true;
}

static bool is_close(const struct comparer *comparer, struct bytes expected, struct bytes got)
{
    double wanted, found;
    if (comparer->kind != COMPARER_NUMBERS ||
        !number_parse_real((const char *)expected.data, expected.len, &wanted) ||
        !number_parse_real((const char *)got.data, got.len, &found))
        return false;
    double most = comparer->tolerance * fmax(1, fabs(wanted));
    return fabs(wanted - found) <= most;
}

static struct bytes token_of(const struct comparison_side *side)
{
    return bytes_of(side->text.data + side->at, side->solid_to - side->at);
}

static bool has_ended(const struct comparison_side *side)
{
    return side->solid_to == side->text.len || is_space(side->text.data[side->solid_to]);
}

static enum comparison_result step_token(struct comparison *comparison, size_t *budget)
{
    struct comparison_side *expected = &comparison->expected, *got = &comparison->got;
    uint64_t others = 0;
    if (!find_token(expected, budget, &comparison->line) || !find_token(got, budget, &others))
        return COMPARISON_MORE;
    struct bytes a = token_of(expected), b = token_of(got);
    *budget = *budget > a.len + b.len ? *budget - a.len - b.len : 0;
    bool is_same = a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0) &&
                   has_ended(expected) == has_ended(got);
    bool is_whole = !expected->is_in_token && has_ended(expected) && has_ended(got);
    if (!is_same && !(is_whole && a.len > 0 && b.len > 0 && is_close(&comparison->comparer, a, b)))
        return COMPARISON_DIFFERENT;
    expected->is_in_token = got->is_in_token = !has_ended(expected);
    expected->at = expected->solid_to;
    got->at = got->solid_to;
    return left_of(expected) == 0 && left_of(got) == 0 ? COMPARISON_EQUAL : COMPARISON_MORE;
}

/* ---- all ---- */

static enum comparison_result step_slowly(struct comparison *comparison, size_t *budget)
{
    switch (comparison->comparer.kind) {
    case COMPARER_TRIM:
        return step_trim(comparison, budget);
    case COMPARER_EXACT:
        return step_exact(comparison);
    case COMPARER_TOKENS:
    case COMPARER_NUMBERS:
        break;
    }
    return step_token(comparison, budget);
}

enum comparison_result comparison_step(struct comparison *comparison, size_t most_bytes)
{
    enum comparison_result result = COMPARISON_MORE;
    size_t budget = most_bytes > 0 ? most_bytes : 1;
    while (result == COMPARISON_MORE && budget > 0) {
        size_t passed = comparison->slow_count == 0 ? pass_stretch(comparison) : 0;
        if (passed > 0) {
            budget = budget > passed ? budget - passed : 0;
            continue;
        }
        if (comparison->slow_count == 0)
            comparison->slow_count = SLOW_STEPS;
        comparison->slow_count--;
        result = step_slowly(comparison, &budget);
        budget -= budget > 0;
    }
    return result;
}

/* ---- the difference ---- */

/* Cut a text to the length that is shown, without cutting a character. */
static struct bytes shown(struct bytes text)
{
    if (text.len < DIFFERENCE_SHOWN_BYTES)
        return text;
    return bytes_of(text.data, utf8_cut(text.data, DIFFERENCE_SHOWN_BYTES));
}

/* Returns the line around `at`. If its beginning must be cut, no character is cut. */
static struct bytes line_around(struct bytes text, size_t at, bool with_newline)
{
    size_t from = at, to = at;
    while (from > 0 && at - from < SHOWN_BEFORE_BYTES && text.data[from - 1] != '\n')
        from--;
    while (from < at && from > 0 && (text.data[from] & 0xC0) == 0x80)
        from++;
    while (to < text.len && to - from < DIFFERENCE_SHOWN_BYTES && text.data[to] != '\n')
        to++;
    if (with_newline && to < text.len && to - from < DIFFERENCE_SHOWN_BYTES)
        return bytes_of(text.data + from, to + 1 - from);
    bool is_cut = to < text.len && text.data[to] != '\n';
    while (!with_newline && !is_cut && to > from && is_space(text.data[to - 1]))
        to--;
    return shown(bytes_of(text.data + from, to - from));
}

static struct bytes token_shown(const struct comparison_side *side)
{
    struct bytes token = token_of(side);
    return token.len > 0 ? shown(token) : (struct bytes){0};
}

/* Returns the line of one side in a difference. It is empty if that text has ended while the other
 * has one more line. */
static struct bytes line_shown(const struct comparison *comparison,
                               const struct comparison_side *side, bool is_next_line)
{
    bool is_exact = comparison->comparer.kind == COMPARER_EXACT;
    bool is_at_end = side->is_at_end || left_of(side) == 0;
    bool is_empty = side->at == 0 || (is_exact && side->text.data[side->at - 1] == '\n');
    if (is_at_end && (is_next_line || is_empty))
        return (struct bytes){0};
    return line_around(side->text, side->at + is_next_line, is_exact);
}

static bool is_newline(const struct comparison_side *side)
{
    return left_of(side) > 0 && !side->is_at_end && side->text.data[side->at] == '\n';
}

struct difference comparison_difference(const struct comparison *comparison)
{
    const struct comparison_side *expected = &comparison->expected, *got = &comparison->got;
    struct difference difference = {.line = comparison->line};
    if (comparison->comparer.kind >= COMPARER_TOKENS) {
        difference.expected = token_shown(expected);
        difference.got = token_shown(got);
        return difference;
    }
    bool is_next_line = comparison->comparer.kind == COMPARER_TRIM &&
                        ((is_newline(expected) && (got->is_at_end || left_of(got) == 0)) ||
                         (is_newline(got) && (expected->is_at_end || left_of(expected) == 0)));
    difference.line += is_next_line;
    difference.expected = line_shown(comparison, expected, is_next_line);
    difference.got = line_shown(comparison, got, is_next_line);
    return difference;
}
