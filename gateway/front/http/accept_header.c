#include "front/http/accept_header.h"

#include <string.h>
#include <strings.h>

#include "common/number.h"

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static struct bytes trim(struct bytes text)
{
    while (text.len > 0 && is_blank(text.data[0]))
        text = bytes_of(text.data + 1, text.len - 1);
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

/* Returns the text before the next delimiter. *rest becomes the text after it. */
static struct bytes take_until(struct bytes *rest, char delimiter)
{
    const uint8_t *end = rest->len > 0 ? memchr(rest->data, delimiter, rest->len) : NULL;
    struct bytes part = bytes_of(rest->data, end ? (size_t)(end - rest->data) : rest->len);
    size_t taken = part.len + (end ? 1 : 0);
    *rest = taken > 0 ? bytes_of(rest->data + taken, rest->len - taken) : *rest;
    return trim(part);
}

static bool equals(struct bytes text, const char *word)
{
    return text.len == strlen(word) && strncasecmp((const char *)text.data, word, text.len) == 0;
}

/* Returns true for a weight of zero: "q=0", "q=0.000". */
static bool is_zero_weight(struct bytes parameter)
{
    if (parameter.len < 3 || strncasecmp((const char *)parameter.data, "q=0", 3) != 0)
        return false;
    for (size_t i = 3; i < parameter.len; i++) {
        if (parameter.data[i] != '.' && parameter.data[i] != '0')
            return false;
    }
    return true;
}

static bool has_zero_weight(struct bytes parameters)
{
    while (parameters.len > 0) {
        if (is_zero_weight(take_until(&parameters, ';')))
            return true;
    }
    return false;
}

bool accept_header_names(struct bytes value, const char *item)
{
    while (value.len > 0) {
        struct bytes parameters = take_until(&value, ',');
        if (equals(take_until(&parameters, ';'), item) && !has_zero_weight(parameters))
            return true;
    }
    return false;
}

/* ---- one of two forms ---- */

/* Read the weight from an element's parameters, in thousandths; 1000 if none is given. Returns
 * false when it is malformed. */
static bool read_quality(struct bytes parameters, uint64_t *quality)
{
    bool is_given = false;
    *quality = 1000;
    while (parameters.len > 0) {
        struct bytes value = take_until(&parameters, ';');
        if (!equals(take_until(&value, '='), "q"))
            continue;
        value = trim(value);
        if (is_given || !number_parse_millis((const char *)value.data, value.len, quality) ||
            *quality > 1000)
            return false;
        is_given = true;
    }
    return true;
}

/* Returns how specifically an element covers JSON; 0 if it does not. */
static int closeness_to_json(struct bytes name)
{
    if (equals(name, "application/json"))
        return 3;
    if (equals(name, "application/*"))
        return 2;
    return equals(name, "*/*") ? 1 : 0;
}

bool accept_header_prefers_events(struct bytes accept)
{
    uint64_t events = 0, json = 0;
    int closest = 0;
    while (accept.len > 0) {
        struct bytes parameters = take_until(&accept, ',');
        struct bytes name = take_until(&parameters, ';');
        int closeness = closeness_to_json(name);
        uint64_t quality;
        if (!read_quality(parameters, &quality))
            continue;
        if (equals(name, "text/event-stream"))
            events = quality;
        if (closeness > 0 && closeness >= closest) {
            closest = closeness;
            json = quality;
        }
    }
    bool names_json = closest > 1;
    return events > 0 && (names_json ? events > json : events >= json);
}
