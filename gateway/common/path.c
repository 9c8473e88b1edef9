#include "common/path.h"

#include <string.h>

#define DEL 0x7F
/* U+0080 to U+009F are control characters too. In UTF-8 they are the byte C1_LEAD and a second one
 * below C1_END. */
#define C1_LEAD 0xC2
#define C1_END 0xA0

bool path_next(struct bytes *path, struct bytes *segment)
{
    if (path->len == 0)
        return false;
    const uint8_t *slash = memchr(path->data, '/', path->len);
    size_t len = slash ? (size_t)(slash - path->data) : path->len;
    size_t taken = slash ? len + 1 : len;
    *segment = bytes_of(path->data, len);
    *path = bytes_of(path->data + taken, path->len - taken);
    return true;
}

bool path_is_below(struct bytes path, struct bytes directory)
{
    return path.len > directory.len && path.data[directory.len] == '/' &&
           memcmp(path.data, directory.data, directory.len) == 0;
}

static const char *segment_fault(struct bytes segment)
{
    if (segment.len == 0 || bytes_equal_string(segment, ".") || bytes_equal_string(segment, ".."))
        return "must not have a segment that is empty, \".\" or \"..\"";
    if (segment.len > PATH_SEGMENT_BYTES_MAX)
        return "must not have a segment of more than 255 bytes";
    return NULL;
}

static const char *plain_fault(struct bytes path)
{
    if (path.len < 1 || path.len > PATH_BYTES_MAX)
        return "must be between 1 and 1024 bytes long";
    if (path.data[0] == '/')
        return "must be relative to /box";
    if (path.data[path.len - 1] == '/')
        return "must not end with a slash";
    if (memchr(path.data, 0, path.len))
        return "must not contain a control character";
    struct bytes segment;
    for (size_t count = 1; path_next(&path, &segment); count++) {
        const char *fault = segment_fault(segment);
        if (fault)
            return fault;
        if (count > PATH_SEGMENTS_MAX)
            return "must have at most 15 segments";
    }
    return NULL;
}

static bool has_control_character(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        bool is_c1 = byte == C1_LEAD && i + 1 < text.len && text.data[i + 1] < C1_END;
        if (byte < ' ' || byte == DEL || is_c1)
            return true;
    }
    return false;
}

bool path_is_plain(struct bytes path)
{
    return plain_fault(path) == NULL;
}

const char *path_fault(struct bytes path)
{
    const char *fault = plain_fault(path);
    if (!fault && has_control_character(path))
        fault = "must not contain a control character";
    return fault;
}
