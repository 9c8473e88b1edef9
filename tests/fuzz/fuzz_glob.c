/* Checks globs: glob_matches must give the same result as a simple matcher that tries every
 * possibility, and glob_reaches must be true for each parent folder of a path that matches. The
 * input: a glob, a NUL, a path.
 */
#include "fuzz.h"

#include "common/glob.h"

/* Longest input that is also given to the simple matcher, which takes exponential time. */
#define TRIED_BYTES_MAX 20

static bool starts_with_set(struct bytes glob, uint8_t byte, bool *holds, size_t *used)
{
    size_t i = 1;
    bool negated = i < glob.len && glob.data[i] == '!', found = false;
    i += negated;
    for (size_t first = i; i < glob.len; i++) {
        if (glob.data[i] == ']' && i > first) {
            *holds = found != negated;
            *used = i + 1;
            return true;
        }
        uint8_t least = glob.data[i], most = least;
        if (i + 2 < glob.len && glob.data[i + 1] == '-' && glob.data[i + 2] != ']')
            most = glob.data[i += 2];
        found = found || (byte >= least && byte <= most);
    }
    return false;
}

static struct bytes rest_of(struct bytes bytes, size_t from)
{
    return bytes_of(bytes.data + from, bytes.len - from);
}

/* Match one path segment. Correct only for ASCII. */
static bool segment_is_tried(struct bytes glob, struct bytes text)
{
    bool holds;
    size_t used;
    if (glob.len == 0)
        return text.len == 0;
    if (glob.data[0] == '*')
        return segment_is_tried(rest_of(glob, 1), text) ||
               (text.len > 0 && segment_is_tried(glob, rest_of(text, 1)));
    if (text.len == 0)
        return false;
    if (glob.data[0] == '[')
        return starts_with_set(glob, text.data[0], &holds, &used) && holds &&
               segment_is_tried(rest_of(glob, used), rest_of(text, 1));
    return (glob.data[0] == '?' || glob.data[0] == text.data[0]) &&
           segment_is_tried(rest_of(glob, 1), rest_of(text, 1));
}

static bool is_tried(struct bytes glob, struct bytes path)
{
    struct bytes glob_rest = glob, path_rest = path, pattern, segment;
    if (!path_next(&glob_rest, &pattern))
        return path.len == 0;
    bool has_segment = path_next(&path_rest, &segment);
    if (bytes_equal_string(pattern, "**"))
        return has_segment &&
               (glob_rest.len == 0 || is_tried(glob_rest, path) || is_tried(glob, path_rest));
    return has_segment && segment_is_tried(pattern, segment) && is_tried(glob_rest, path_rest);
}

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] >= 0x80)
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const uint8_t *nul = len ? memchr(data, 0, len) : NULL;
    if (!nul)
        return 0;
    struct bytes glob = bytes_of(data, (size_t)(nul - data));
    struct bytes path = bytes_of(nul + 1, len - glob.len - 1);
    bool named = glob_matches(glob, path);
    const char *fault = glob_fault(glob);
    must(fault || path_is_plain(glob));
    if (fault || !path_is_plain(path))
        return 0;
    if (is_ascii(glob) && is_ascii(path) && len <= TRIED_BYTES_MAX)
        must(named == is_tried(glob, path));
    for (size_t i = 0; named && i < path.len; i++)
        must(path.data[i] != '/' || glob_reaches(glob, bytes_of(path.data, i)));
    must(!named || !glob_reaches(glob, path) || memmem(glob.data, glob.len, "**", 2));
    return 0;
}
