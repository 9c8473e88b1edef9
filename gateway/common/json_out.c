/* json_out.c - the writing half of json.h; knows nothing of json-c.
 *
 * A string is written in two steps: made valid UTF-8 where it is not, then escaped. Escaped are
 * what JSON demands, what HTML and JavaScript would take for their own ("</", "<!", U+2028,
 * U+2029), and what a terminal would (DEL and the C1 controls).
 */
#include "common/json.h"

#include <string.h>

#include "common/base64.h"
#include "common/utf8.h"

#define NS_PER_US 1000
#define US_PER_S 1000000

static void put_raw(struct json_out *json, const void *data, size_t len)
{
    json->ok = json->ok && buf_append(json->out, data, len);
}

static void begin_value(struct json_out *json)
{
    if (json->comma)
        put_raw(json, ",", 1);
    json->comma = true;
}

static void put_word(struct json_out *json, const char *word)
{
    begin_value(json);
    put_raw(json, word, strlen(word));
}

void json_begin(struct json_out *json, struct buf *out)
{
    *json = (struct json_out){.out = out, .ok = true};
}

void json_open(struct json_out *json, char bracket)
{
    begin_value(json);
    put_raw(json, &bracket, 1);
    json->comma = false;
}

void json_close(struct json_out *json, char bracket)
{
    put_raw(json, &bracket, 1);
    json->comma = true;
}

void json_key(struct json_out *json, const char *name)
{
    json_put_text(json, name);
    put_raw(json, ":", 1);
    json->comma = false;
}

/* ---- strings ---- */

static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\' && byte != '<' && byte != 0x7F &&
           byte != 0xC2 && byte != 0xE2;
}

static void put_code(struct json_out *json, unsigned code)
{
    json->ok = json->ok && buf_printf(json->out, "\\u%04x", code);
}

static void put_ascii(struct json_out *json, uint8_t byte, uint8_t next)
{
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* byte, letter */
    for (const char *form = short_forms; *form; form += 2) {
        if ((uint8_t)form[0] == byte) {
            put_raw(json, (const char[]){'\\', form[1]}, 2);
            return;
        }
    }
    if (byte == '<' && next != '/' && next != '!')
        put_raw(json, "<", 1);
    else
        put_code(json, byte);
}

/* Write the character at data, one that is_plain stopped at; valid UTF-8 stands from there on.
 * Returns its size. */
static size_t put_special(struct json_out *json, const uint8_t *data, size_t len)
{
    if (data[0] < 0x80) {
        put_ascii(json, data[0], len > 1 ? data[1] : 0);
        return 1;
    }
    if (data[0] == 0xC2) {
        if (data[1] < 0xA0)
            put_code(json, data[1]);
        else
            put_raw(json, data, 2);
        return 2;
    }
    if (data[1] == 0x80 && (data[2] == 0xA8 || data[2] == 0xA9))
        put_code(json, 0x2000u + data[2] - 0x80u);
    else
        put_raw(json, data, 3);
    return 3;
}

static void put_escaped(struct json_out *json, const uint8_t *data, size_t len)
{
    size_t at = 0;
    while (json->ok && at < len) {
        size_t begin = at;
        while (at < len && is_plain(data[at]))
            at++;
        put_raw(json, data + begin, at - begin);
        if (at < len)
            at += put_special(json, data + at, len - at);
    }
}

void json_put_string(struct json_out *json, const uint8_t *data, size_t len)
{
    begin_value(json);
    put_raw(json, "\"", 1);
    if (utf8_is_valid(data, len)) {
        put_escaped(json, data, len);
    } else {
        struct buf sane;
        buf_init(&sane, SIZE_MAX / 2);
        json->ok = json->ok && utf8_sanitize(&sane, data, len);
        if (json->ok)
            put_escaped(json, sane.data, sane.len);
        buf_release(&sane);
    }
    put_raw(json, "\"", 1);
}

void json_put_text(struct json_out *json, const char *string)
{
    if (string)
        json_put_string(json, (const uint8_t *)string, strlen(string));
    else
        json_put_null(json);
}

void json_put_base64(struct json_out *json, const uint8_t *data, size_t len)
{
    begin_value(json);
    put_raw(json, "\"", 1);
    json->ok = json->ok && base64_encode(json->out, data, len);
    put_raw(json, "\"", 1);
}

/* ---- the rest ---- */

void json_put_uint(struct json_out *json, uint64_t number)
{
    begin_value(json);
    json->ok = json->ok && buf_printf(json->out, "%llu", (unsigned long long)number);
}

void json_put_int(struct json_out *json, int64_t number)
{
    begin_value(json);
    json->ok = json->ok && buf_printf(json->out, "%lld", (long long)number);
}

void json_put_seconds(struct json_out *json, uint64_t ns)
{
    uint64_t us = ns / NS_PER_US + (ns % NS_PER_US >= NS_PER_US / 2);
    unsigned digits = 6;
    unsigned part = (unsigned)(us % US_PER_S);
    for (; digits > 0 && part % 10 == 0; digits--)
        part /= 10;
    json_put_uint(json, us / US_PER_S);
    if (digits > 0)
        json->ok = json->ok && buf_printf(json->out, ".%0*u", (int)digits, part);
}

void json_put_bool(struct json_out *json, bool value)
{
    put_word(json, value ? "true" : "false");
}

void json_put_null(struct json_out *json)
{
    put_word(json, "null");
}

void json_put_json(struct json_out *json, struct bytes text)
{
    begin_value(json);
    put_raw(json, text.data, text.len);
}

void json_member_text(struct json_out *json, const char *name, const char *string)
{
    json_key(json, name);
    json_put_text(json, string);
}

void json_member_uint(struct json_out *json, const char *name, uint64_t number)
{
    json_key(json, name);
    json_put_uint(json, number);
}

void json_member_bool(struct json_out *json, const char *name, bool value)
{
    json_key(json, name);
    json_put_bool(json, value);
}

void json_member_seconds(struct json_out *json, const char *name, uint64_t ns)
{
    json_key(json, name);
    json_put_seconds(json, ns);
}
