/* glob.c - matching backtracks only to the most recent star. A later star can absorb anything that
 * an earlier star could have absorbed instead. This holds for "*" within a segment and for "**"
 * across segments. */
#include "common/glob.h"

#include <string.h>

#define CHARACTER_BYTES_MAX 4

static void drop(struct bytes *text, size_t len)
{
    *text = bytes_of(text->data + len, text->len - len);
}

/* Remove one character from a text that is not empty. Returns its UTF-8 bytes as one number; these
 * numbers sort like code points. */
static uint32_t take_character(struct bytes *text)
{
    uint32_t character = text->data[0];
    size_t len = 1;
    bool is_lead = character >= 0xC0;
    while (is_lead && len < text->len && len < CHARACTER_BYTES_MAX &&
           (text->data[len] & 0xC0) == 0x80)
        character = character << 8 | text->data[len++];
    drop(text, len);
    return character;
}

static bool begins_with(struct bytes text, char character)
{
    return text.len > 0 && text.data[0] == (uint8_t)character;
}

/* Remove a set "[...]" from the start of the glob. Sets *holds if `character` matches it. Returns
 * false when the closing bracket is missing. */
static bool take_set(struct bytes *glob, uint32_t character, bool *holds)
{
    drop(glob, 1);
    bool negated = begins_with(*glob, '!'), found = false;
    if (negated)
        drop(glob, 1);
    for (bool first = true; glob->len > 0; first = false) {
        if (begins_with(*glob, ']') && !first) {
            drop(glob, 1);
            *holds = found != negated;
            return true;
        }
        uint32_t least = take_character(glob), most = least;
        if (glob->len >= 2 && glob->data[0] == '-' && glob->data[1] != ']') {
            drop(glob, 1);
            most = take_character(glob);
        }
        found = found || (character >= least && character <= most);
    }
    return false;
}

/* Match one character of the glob and remove it from both. Returns false, with both untouched, when
 * they do not match. */
static bool take_one(struct bytes *glob, struct bytes *text)
{
    struct bytes glob_rest = *glob, text_rest = *text;
    uint32_t character = take_character(&text_rest);
    bool agrees = false;
    if (glob->len == 0)
        return false;
    if (begins_with(*glob, '['))
        agrees = take_set(&glob_rest, character, &agrees) && agrees;
    else
        agrees = take_character(&glob_rest) == character || begins_with(*glob, '?');
    if (!agrees)
        return false;
    *glob = glob_rest;
    *text = text_rest;
    return true;
}

static bool segment_matches(struct bytes glob, struct bytes text)
{
    struct bytes behind_star = {0}, taken_up_to = {0};
    bool has_star = false;
    while (text.len > 0) {
        if (begins_with(glob, '*')) {
            drop(&glob, 1);
            has_star = true;
            behind_star = glob;
            taken_up_to = text;
        } else if (!take_one(&glob, &text)) {
            if (!has_star)
                return false;
            take_character(&taken_up_to);
            glob = behind_star;
            text = taken_up_to;
        }
    }
    while (begins_with(glob, '*'))
        drop(&glob, 1);
    return glob.len == 0;
}

/* Match one segment and remove it from both, like take_one. */
static bool take_segment(struct bytes *glob, struct bytes *path)
{
    struct bytes glob_rest = *glob, path_rest = *path, pattern, segment;
    if (!path_next(&glob_rest, &pattern) || !path_next(&path_rest, &segment) ||
        !segment_matches(pattern, segment))
        return false;
    *glob = glob_rest;
    *path = path_rest;
    return true;
}

/* Remove the segment "**" from the start of the glob. Returns false if it is not there. */
static bool take_star_star(struct bytes *glob)
{
    struct bytes rest = *glob, pattern;
    if (!path_next(&rest, &pattern) || !bytes_equal_string(pattern, "**"))
        return false;
    *glob = rest;
    return true;
}

bool glob_matches(struct bytes glob, struct bytes path)
{
    struct bytes behind_star = {0}, taken_up_to = {0}, segment;
    bool has_star = false;
    while (path.len > 0) {
        if (take_star_star(&glob)) {
            if (glob.len == 0)
                return true;
            has_star = true;
            behind_star = glob;
            taken_up_to = path;
        } else if (!take_segment(&glob, &path)) {
            if (!has_star)
                return false;
            path_next(&taken_up_to, &segment);
            glob = behind_star;
            path = taken_up_to;
        }
    }
    return glob.len == 0;
}

bool glob_reaches(struct bytes glob, struct bytes directory)
{
    while (directory.len > 0) {
        if (take_star_star(&glob))
            return true;
        if (!take_segment(&glob, &directory))
            return false;
    }
    return glob.len > 0;
}

const char *glob_fault(struct bytes glob)
{
    const char *fault = path_fault(glob);
    struct bytes segment;
    bool holds;
    while (!fault && path_next(&glob, &segment)) {
        while (segment.len > 0 && !fault) {
            if (!begins_with(segment, '['))
                take_character(&segment);
            else if (!take_set(&segment, 0, &holds))
                fault = "must close each \"[\" with a \"]\" in the same segment";
        }
    }
    return fault;
}
