/* Checks comparisons of a test's output: whatever the size of a step, the result must be the same
 * as when both texts are reduced to their relevant bytes and compared at once. A reported
 * difference must lie within the texts. For NUMBERS the check is weaker: texts that differ may be
 * equal as numbers.
 *
 * The input: the comparer, the size of a step, then both texts, separated by a NUL.
 */
#include "fuzz.h"

#include "front/runs/comparison.h"

static int is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Write the bytes of a text that the comparer considers. Returns their number. */
static size_t reduce(enum comparer_kind kind, struct bytes text, uint8_t *to)
{
    size_t len = 0, solid_len = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        if (kind == COMPARER_EXACT || !is_space(byte)) {
            to[len++] = byte;
            solid_len = len;
        } else if (kind != COMPARER_TRIM) {
            if (len > 0 && to[len - 1] != ' ')
                to[len++] = ' ';
        } else {
            while (byte == '\n' && len > 0 && to[len - 1] != '\n' && is_space(to[len - 1]))
                len--;
            to[len++] = byte;
        }
    }
    return solid_len;
}

static enum comparison_result compare(struct comparison *comparison, size_t step)
{
    enum comparison_result result = COMPARISON_MORE;
    size_t most = 8 * (comparison->expected.text.len + comparison->got.text.len) + 64;
    for (size_t i = 0; i < most && result == COMPARISON_MORE; i++)
        result = comparison_step(comparison, step);
    must(result != COMPARISON_MORE);
    return result;
}

static void check_shown(struct bytes shown, struct bytes text)
{
    must(shown.len <= DIFFERENCE_SHOWN_BYTES);
    must(!shown.data ||
         (shown.data >= text.data && shown.data + shown.len <= text.data + text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 3)
        return 0;
    enum comparer_kind kind = data[0] % 4;
    const uint8_t *nul = memchr(data + 2, 0, len - 2);
    if (!nul)
        return 0;
    struct bytes a = bytes_of(data + 2, (size_t)(nul - data - 2));
    struct bytes b = bytes_of(nul + 1, (size_t)(data + len - nul - 1));
    struct comparer comparer = {.kind = kind, .tolerance = 0.25};
    struct comparison comparison = comparison_of(comparer, a, b);
    enum comparison_result result = compare(&comparison, data[1]);
    uint8_t *of_a = calloc(1, a.len + 1), *of_b = calloc(1, b.len + 1);
    bool is_same =
        same_bytes(bytes_of(of_a, reduce(kind, a, of_a)), bytes_of(of_b, reduce(kind, b, of_b)));
    must(result == COMPARISON_EQUAL ? is_same || kind == COMPARER_NUMBERS : !is_same);
    if (result == COMPARISON_DIFFERENT) {
        struct difference difference = comparison_difference(&comparison);
        must(difference.line >= 1);
        check_shown(difference.expected, a);
        check_shown(difference.got, b);
    }
    free(of_a);
    free(of_b);
    return 0;
}
