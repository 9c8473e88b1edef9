#include "front/keys/keys.h"

#include <math.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/base64.h"
#include "common/json.h"
#include "common/sha256.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_-"
#define RANDOM_BYTES 32
#define COUNT_MOST 1000000

/* ---- reading the file ---- */

struct place {
    const struct config *config;
    size_t index; /* of the key in the file */
    struct key *key;
    struct error *err;
};

static bool complain(const struct place *place, const char *member, const char *what)
{
    return error_set(place->err, ERR_INVALID, "keys[%zu].%s %s", place->index, member, what);
}

static bool is_name(struct bytes text)
{
    if (text.len < 1 || text.len > JOB_OWNER_NAME_MAX || text.data[0] == '-')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!text.data[i] || !strchr(NAME_CHARACTERS, text.data[i]))
            return false;
    }
    return true;
}

static bool read_name(const struct place *place, const char *member, const struct json *value)
{
    struct bytes text = json_string(value);
    if (json_type_of(value) != JSON_STRING || !is_name(text))
        return complain(place, member,
                        "must be 1 to 63 characters of a-z, 0-9, _ and -, and not begin with -");
    memcpy(place->key->name, text.data, text.len);
    return true;
}

static int digit_of(uint8_t character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

static bool read_digest(const struct place *place, const char *member, const struct json *value)
{
    struct bytes text = json_string(value);
    bool ok = json_type_of(value) == JSON_STRING && text.len == 2 * KEY_DIGEST_BYTES;
    for (size_t i = 0; ok && i < KEY_DIGEST_BYTES; i++) {
        int high = digit_of(text.data[2 * i]), low = digit_of(text.data[2 * i + 1]);
        ok = high >= 0 && low >= 0;
        if (ok)
            place->key->digest[i] = (uint8_t)(high * 16 + low);
    }
    return ok || complain(place, member, "must be 64 hex digits, in lower case");
}

static bool read_count(const struct place *place, const char *member, const struct json *value)
{
    int64_t number;
    if (json_type_of(value) != JSON_NUMBER || !json_integer(value, &number) || number < 1 ||
        number > COUNT_MOST)
        return complain(place, member, "must be an integer between 1 and 1000000");
    uint32_t *count = strcmp(member, "max_runs") == 0      ? &place->key->max_runs
                      : strcmp(member, "max_waiting") == 0 ? &place->key->max_waiting
                                                           : &place->key->runs_per_minute;
    *count = (uint32_t)number;
    return true;
}

static bool read_box_runs(const struct place *place, const char *member, const struct json *value)
{
    int64_t number;
    if (json_type_of(value) != JSON_NUMBER || !json_integer(value, &number) || number < 1 ||
        number > JOB_BOX_RUNS_MAX)
        return complain(place, member, "must be an integer between 1 and 1000");
    place->key->box_runs = (uint32_t)number;
    return true;
}

static bool read_timeout(const struct place *place, const char *member, const struct json *value)
{
    double ms = json_type_of(value) == JSON_NUMBER ? json_number(value) * 1000 : 0;
    if (!(ms >= CONFIG_MIN_TIMEOUT_MS && ms <= place->config->max_timeout_ms))
        return complain(place, member, "must be seconds, from 0.1 to MAYFLY_MAX_TIMEOUT_MS");
    place->key->max_timeout_ms = (uint32_t)lround(ms);
    return true;
}

static bool read_memory(const struct place *place, const char *member, const struct json *value)
{
    int64_t bytes;
    if (json_type_of(value) != JSON_NUMBER || !json_integer(value, &bytes) ||
        bytes < (int64_t)CONFIG_MIN_MEMORY_BYTES ||
        (uint64_t)bytes > place->config->max_limits.memory_bytes)
        return complain(place, member, "must be bytes, from 32 MiB to MAYFLY_MAX_MEMORY_BYTES");
    place->key->max_memory_bytes = (uint64_t)bytes;
    return true;
}

static bool read_runtimes(const struct place *place, const char *member, const struct json *value)
{
    if (json_type_of(value) != JSON_ARRAY || json_array_len(value) == 0)
        return complain(place, member, "must be an array of at least one name");
    for (size_t i = 0; i < json_array_len(value); i++) {
        const struct json *name = json_array_at(value, i);
        int index = json_type_of(name) == JSON_STRING
                        ? config_runtime_index(place->config, json_string(name))
                        : -1;
        if (index < 0)
            return complain(place, member, "names a runtime that MAYFLY_RUNTIMES does not");
        place->key->runtimes |= 1U << index;
    }
    return true;
}

static const struct member {
    const char *name;
    bool (*read)(const struct place *place, const char *member, const struct json *value);
} members[] = {
    {"name", read_name},
    {"sha256", read_digest},
    {"max_runs", read_count},
    {"max_waiting", read_count},
    {"runs_per_minute", read_count},
    {"max_timeout", read_timeout},
    {"max_memory_bytes", read_memory},
    {"runtimes", read_runtimes},
    {"box_runs", read_box_runs},
};

static bool read_member(const struct place *place, const char *name, const struct json *value)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (strcmp(members[i].name, name) == 0)
            return members[i].read(place, name, value);
    }
    return error_set(place->err, ERR_INVALID, "keys[%zu] has an unknown member \"%.40s\"",
                     place->index, name);
}

static bool read_key(const struct place *place, const struct json *object)
{
    const char *name;
    const struct json *value;
    size_t position = 0;
    if (json_type_of(object) != JSON_OBJECT)
        return error_set(place->err, ERR_INVALID, "keys[%zu] must be an object", place->index);
    while (json_next(object, &position, &name, &value)) {
        if (!read_member(place, name, value))
            return false;
    }
    if (!json_get(object, "name"))
        return complain(place, "name", "is missing");
    return json_get(object, "sha256") || complain(place, "sha256", "is missing");
}

static bool is_unique(const struct place *place, const struct key *others)
{
    for (size_t i = 0; i < place->index; i++) {
        if (strcmp(others[i].name, place->key->name) == 0)
            return complain(place, "name", "is used by an earlier key");
        if (memcmp(others[i].digest, place->key->digest, KEY_DIGEST_BYTES) == 0)
            return complain(place, "sha256", "is used by an earlier key");
    }
    return true;
}

static struct keys *read_keys(const struct config *config, const struct json *document,
                              struct error *err)
{
    const struct json *list = json_get(document, "keys");
    size_t count = json_type_of(list) == JSON_ARRAY ? json_array_len(list) : 0, position = 0;
    const struct json *value;
    const char *name;
    while (json_type_of(document) == JSON_OBJECT && json_next(document, &position, &name, &value)) {
        if (strcmp(name, "keys") != 0)
            count = 0;
    }
    if (count < 1 || count > KEYS_MAX) {
        error_set(err, ERR_INVALID, "must be {\"keys\": [...]}, of 1 to %d keys", KEYS_MAX);
        return NULL;
    }
    struct keys *keys = calloc(1, sizeof *keys + count * sizeof(struct key));
    if (!keys)
        error_set(err, ERR_SYSTEM, "out of memory");
    for (size_t i = 0; keys && i < count; i++) {
        const struct place place = {config, i, &keys->all[i], err};
        if (!read_key(&place, json_array_at(list, i)) || !is_unique(&place, keys->all)) {
            free(keys);
            return NULL;
        }
        keys->count++;
    }
    return keys;
}

struct keys *keys_parse(const struct config *config, struct bytes text, struct error *err)
{
    struct json *document = json_parse(text.data, text.len, err);
    if (!document)
        return NULL;
    struct keys *keys = read_keys(config, document, err);
    json_free(document);
    return keys;
}

/* ---- using it ---- */

const struct key *keys_find(const struct keys *keys, struct bytes text)
{
    const struct key *found = NULL;
    uint8_t digest[KEY_DIGEST_BYTES];
    if (text.len == 0 || text.len > KEY_NEVER_MATCHED_BYTES)
        return NULL;
    sha256(text, digest);
    for (size_t i = 0; i < keys->count; i++) {
        if (CRYPTO_memcmp(digest, keys->all[i].digest, KEY_DIGEST_BYTES) == 0)
            found = &keys->all[i];
    }
    return found;
}

void key_narrow(const struct key *key, const struct config *config, struct config *narrowed)
{
    *narrowed = *config;
    if (key->max_timeout_ms)
        narrowed->max_timeout_ms = key->max_timeout_ms;
    if (key->box_runs)
        narrowed->box_runs = key->box_runs;
    if (key->max_memory_bytes)
        narrowed->max_limits.memory_bytes = key->max_memory_bytes;
    if (narrowed->default_timeout_ms > narrowed->max_timeout_ms)
        narrowed->default_timeout_ms = narrowed->max_timeout_ms;
    if (narrowed->default_limits.memory_bytes > narrowed->max_limits.memory_bytes)
        narrowed->default_limits.memory_bytes = narrowed->max_limits.memory_bytes;
    if (!key->runtimes)
        return;
    narrowed->runtimes_count = 0;
    for (size_t i = 0; i < config->runtimes_count; i++) {
        if (key->runtimes & 1U << i)
            narrowed->runtimes[narrowed->runtimes_count++] = config->runtimes[i];
    }
}

/* ---- making one ---- */

bool keys_generate(const char *name, char key[KEY_TEXT_BYTES + 1], struct buf *entry,
                   struct error *err)
{
    uint8_t random[RANDOM_BYTES], digest[KEY_DIGEST_BYTES];
    struct buf text;
    if (!is_name(bytes_of_string(name)))
        return error_set(
            err, ERR_INVALID,
            "NAME must be 1 to 63 characters of a-z, 0-9, _ and -, and not begin with -");
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_errno(err, "no random bytes");
    buf_init(&text, 2 * sizeof random);
    base64_encode(&text, random, sizeof random);
    struct bytes encoded = buf_bytes(&text);
    snprintf(key, KEY_TEXT_BYTES + 1, KEY_PREFIX "%.43s", (const char *)encoded.data);
    for (char *at = key; *at; at++) {
        if (*at == '+')
            *at = '-';
        else if (*at == '/')
            *at = '_';
    }
    buf_release(&text);
    sha256(bytes_of_string(key), digest);
    buf_printf(entry, "{\"name\": \"%s\", \"sha256\": \"", name);
    for (size_t i = 0; i < sizeof digest; i++)
        buf_printf(entry, "%02x", digest[i]);
    return buf_append_string(entry, "\"}") || error_set(err, ERR_SYSTEM, "out of memory");
}
