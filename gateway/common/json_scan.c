/* json_scan.c - a function for each state, in the order of the picture in json_scan.h. Names,
 * numbers and words are short and are read whole. Strings and white space can be long and are read
 * in parts. */
#include "common/json_scan.h"

#include "common/json_token.h"

/* ---- values and separators ---- */

static void end_value(struct json_scan *s)
{
    s->state = s->depth > 0 ? JSON_SCAN_SEPARATOR : JSON_SCAN_END;
    if (s->depth > 0)
        s->key = s->levels[s->depth - 1].outer_key;
}

static bool open_container(struct json_scan *s, char bracket)
{
    if (s->depth == JSON_DEPTH_MAX)
        return json_token_fail(s, "nested too deeply");
    if (!s->sink->on_open(s->arg, bracket, s->err))
        return false;
    s->at++;
    bool is_object = bracket == '{';
    s->levels[s->depth].closing = is_object ? '}' : ']';
    s->levels[s->depth].outer_key = s->key;
    s->depth++;
    s->state = is_object ? JSON_SCAN_FIRST_KEY : JSON_SCAN_FIRST_ELEMENT;
    return true;
}

static bool close_container(struct json_scan *s)
{
    s->at++;
    s->depth--;
    s->sink->on_close(s->arg);
    end_value(s);
    return true;
}

static bool scan_scalar(struct json_scan *s)
{
    switch (json_token_peek(s)) {
    case 't':
        return json_token_word(s, "true");
    case 'f':
        return json_token_word(s, "false");
    case 'n':
        return json_token_word(s, "null");
    case '-':
    case '0' ... '9':
        return json_token_number(s);
    default:
        return json_token_fail(s, "value expected");
    }
}

static bool scan_value(struct json_scan *s)
{
    uint8_t first = json_token_peek(s);
    bool is_container = first == '{' || first == '[';
    s->values += is_container ? JSON_CONTAINER_VALUES : 1;
    if (s->values > s->max_values)
        return json_token_fail(s, "too many values");
    if (is_container)
        return open_container(s, (char)first);
    if (first == '"') {
        json_token_begin_string(s);
        s->state = JSON_SCAN_STRING;
        return true;
    }
    if (!scan_scalar(s))
        return false;
    end_value(s);
    return true;
}

static bool scan_string_value(struct json_scan *s, size_t until)
{
    bool is_whole = false, is_kept = false;
    if (!json_token_string(s, until, &is_whole))
        return false;
    if (!is_whole)
        return true;
    if (!s->sink->on_string(s->arg, json_token_string_at_hand(s), &is_kept, s->err))
        return false;
    if (!is_kept)
        s->text_len = s->string_begin;
    end_value(s);
    return true;
}

static bool scan_key(struct json_scan *s)
{
    size_t begin = s->at, end = s->data.len;
    bool is_whole = false;
    if (json_token_peek(s) != '"')
        return json_token_fail(s, "key expected");
    if (end - begin > JSON_NAME_MAX_BYTES + 2)
        end = begin + JSON_NAME_MAX_BYTES + 2;
    json_token_begin_string(s);
    if (!json_token_string(s, end, &is_whole))
        return false;
    if (!is_whole && s->at < s->data.len)
        return json_token_fail_at(s, begin, "key too long");
    if (!is_whole)
        return json_token_fail(s, "");
    if (s->has_nul)
        return json_token_fail_at(s, begin, "NUL in a key");
    if (++s->values > s->max_values)
        return json_token_fail_at(s, begin, "too many values");
    if ((s->names_bytes += s->at - begin) > s->max_values * JSON_NAMES_SHARE_BYTES)
        return json_token_fail_at(s, begin, "keys too long in total");
    s->text[s->text_len] = 0; /* json-c needs names that end with a NUL */
    struct bytes name = json_token_string_at_hand(s);
    s->text_len = s->string_begin;
    s->name = bytes_of(s->data.data + begin + 1, s->at - begin - 2);
    s->state = JSON_SCAN_COLON;
    return s->sink->on_name(s->arg, name, begin, s->err);
}

static bool scan_colon(struct json_scan *s)
{
    if (!json_token_accept(s, ':'))
        return json_token_fail(s, "':' expected");
    s->key = s->name;
    s->state = JSON_SCAN_VALUE;
    return true;
}

static bool scan_separator(struct json_scan *s)
{
    char closing = s->levels[s->depth - 1].closing;
    if (json_token_peek(s) == (uint8_t)closing)
        return close_container(s);
    if (!json_token_accept(s, ','))
        return json_token_fail(s, closing == '}' ? "',' or '}' expected" : "',' or ']' expected");
    s->state = closing == '}' ? JSON_SCAN_KEY : JSON_SCAN_VALUE;
    return true;
}

/* Advance by at least one byte. */
static bool advance(struct json_scan *s, size_t until)
{
    switch (s->state) {
    case JSON_SCAN_STRING:
        return scan_string_value(s, until);
    case JSON_SCAN_FIRST_ELEMENT:
        return json_token_peek(s) == ']' ? close_container(s) : scan_value(s);
    case JSON_SCAN_VALUE:
        return scan_value(s);
    case JSON_SCAN_FIRST_KEY:
        return json_token_peek(s) == '}' ? close_container(s) : scan_key(s);
    case JSON_SCAN_KEY:
        return scan_key(s);
    case JSON_SCAN_COLON:
        return scan_colon(s);
    case JSON_SCAN_SEPARATOR:
        return scan_separator(s);
    case JSON_SCAN_END:
        break;
    }
    return json_token_fail(s, "text after the value");
}

enum json_progress json_scan(struct json_scan *scan, size_t most_bytes, struct error *err)
{
    size_t left = scan->data.len - scan->at;
    size_t until = scan->at + (left < most_bytes ? left : most_bytes);
    scan->err = err;
    for (;;) {
        if (scan->state != JSON_SCAN_STRING)
            json_token_skip_space(scan, until);
        if (scan->at >= until)
            break;
        if (!advance(scan, until))
            return JSON_FAILED;
    }
    if (scan->at < scan->data.len)
        return JSON_MORE;
    if (scan->state == JSON_SCAN_END)
        return JSON_DONE;
    json_token_fail(scan, "");
    return JSON_FAILED;
}
