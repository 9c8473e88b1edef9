/* json_out.c - the writing half of json.h. Does not use json-c. */
#include "common/json.h"

#include <stdio.h>
#include <string.h>

#include "common/base64.h"
#include "common/escape.h"

#define PIECE_BYTES 512 /* bytes of a string that are escaped at a time */
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

void json_open_string(struct json_out *json)
{
    begin_value(json);
    put_raw(json, "\"", 1);
}

void json_close_string(struct json_out *json)
{
    put_raw(json, "\"", 1);
}

/* Escape through a small buffer on the stack: reserving the worst case in `out` would take six
 * times the space. */
void json_put_string(struct json_out *json, const uint8_t *data, size_t len)
{
    uint8_t room[ESCAPE_ROOM(PIECE_BYTES)];
    json_open_string(json);
    for (size_t at = 0; json->ok && at < len;) {
        size_t put;
        at += escape_put(data + at, len - at, PIECE_BYTES, room, &put);
        put_raw(json, room, put);
    }
    json_close_string(json);
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

void json_put_real(struct json_out *json, double number)
{
    char text[32];
    snprintf(text, sizeof text, "%.17g", number);
    put_word(json, text);
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
