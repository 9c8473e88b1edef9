/* config_value.c - parses a setting's text into its member of struct config, and prints it. */
#include "common/config_table.h"

#include <inttypes.h>
#include <string.h>

#include "common/endpoint.h"
#include "common/number.h"

#define UNIX_SCHEME "unix://"
#define VALUE_SHOWN_BYTES 60
#define HOST_MAX_BYTES 253
#define DIGITS "0123456789"

static void *member_of(const struct setting *setting, struct config *config)
{
    return (char *)config + setting->offset;
}

static const void *const_member_of(const struct setting *setting, const struct config *config)
{
    return (const char *)config + setting->offset;
}

uint64_t setting_number(const struct setting *setting, const struct config *config)
{
    uint32_t narrow;
    uint64_t wide;
    const void *member = const_member_of(setting, config);
    if (setting->size == sizeof wide) {
        memcpy(&wide, member, sizeof wide);
        return wide;
    }
    memcpy(&narrow, member, sizeof narrow);
    return narrow;
}

void setting_put_number(const struct setting *setting, struct config *config, uint64_t number)
{
    uint32_t narrow = (uint32_t)number;
    bool wide = setting->size == sizeof number;
    memcpy(member_of(setting, config), wide ? (void *)&number : (void *)&narrow, setting->size);
}

/* ---- reading ---- */

static bool parse_text(const struct setting *setting, const char *text, struct config *config)
{
    size_t len = strlen(text);
    if (len >= setting->size)
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7F)
            return false;
    }
    memcpy(member_of(setting, config), text, len + 1);
    return true;
}

/* An address may be empty if its default is. */
static bool parse_address(const struct setting *setting, const char *text, struct config *config)
{
    struct endpoint endpoint;
    bool is_address = text[0] == '\0' || endpoint_parse(&endpoint, text);
    return is_address && parse_text(setting, text, config);
}

static bool parse_socket(const struct setting *setting, const char *text, struct config *config)
{
    size_t scheme = strlen(UNIX_SCHEME);
    if (strncmp(text, UNIX_SCHEME, scheme) != 0 || text[scheme] != '/')
        return false;
    return parse_text(setting, text + scheme, config);
}

/* Check each item of a comma-separated list with `is_good`. The list itself is stored unchanged. */
static bool parse_list(const struct setting *setting, const char *text, struct config *config,
                       bool (*is_good)(const char *item, size_t len))
{
    for (const char *item = text;; item++) {
        size_t len = strcspn(item, ",");
        if (!is_good(item, len))
            return false;
        item += len;
        if (*item == '\0')
            return parse_text(setting, text, config);
    }
}

static bool is_host(const char *item, size_t len)
{
    return len > 0 && len <= HOST_MAX_BYTES &&
           strspn(item, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-" DIGITS) >= len;
}

static bool has_end(const char *item, size_t len, const char *end)
{
    size_t end_len = strlen(end);
    return len > end_len && memcmp(item + len - end_len, end, end_len) == 0;
}

/* An origin must be written exactly as browsers send it: in lower case, without a path, and without
 * the default port of its scheme. */
static bool is_origin(const char *item, size_t len)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    const char *host = memmem(item, len, "://", 3);
    size_t scheme_len = host ? (size_t)(host - item) : 0;
    if (scheme_len == 0 || strspn(item, letters) == 0 ||
        strspn(item, "abcdefghijklmnopqrstuvwxyz+.-" DIGITS) < scheme_len)
        return false;
    host += strlen("://");
    size_t host_len = len - scheme_len - strlen("://");
    bool is_implied = (strncmp(item, "https:", 6) == 0 && has_end(host, host_len, ":443")) ||
                      (strncmp(item, "http:", 5) == 0 && has_end(host, host_len, ":80"));
    return host_len > 0 && host[0] != ':' && !is_implied &&
           strspn(host, "abcdefghijklmnopqrstuvwxyz.-_[]:" DIGITS) >= host_len;
}

static bool parse_choice(const struct setting *setting, const char *text, struct config *config)
{
    for (size_t i = 0; i < SETTING_CHOICES_MAX && setting->choices[i]; i++) {
        if (strcmp(setting->choices[i], text) == 0) {
            setting_put_number(setting, config, i);
            return true;
        }
    }
    return false;
}

static bool parse_number(const struct setting *setting, const char *text, struct config *config)
{
    uint64_t number;
    size_t len = strlen(text);
    bool ok = setting->kind == SETTING_BYTES  ? number_parse_bytes(text, len, &number)
              : setting->kind == SETTING_CPUS ? number_parse_millis(text, len, &number)
                                              : number_parse_uint(text, len, &number);
    if (!ok || number < setting->least || number > setting->most)
        return false;
    setting_put_number(setting, config, number);
    return true;
}

/* Copy text[0..len) if it is not empty, fits, and has only characters of `allowed`. */
static bool copy_word(char *to, size_t size, const char *text, size_t len, const char *allowed)
{
    if (len == 0 || len >= size || strspn(text, allowed) < len)
        return false;
    memcpy(to, text, len);
    to[len] = '\0';
    return true;
}

/* Parse `len` bytes of the form name=image or name=image=N. */
static bool parse_runtime(const char *text, size_t len, struct config_runtime *runtime)
{
    static const char name_characters[] = "abcdefghijklmnopqrstuvwxyz.-" DIGITS;
    static const char image_characters[] = "abcdefghijklmnopqrstuvwxyz"
                                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-/:@" DIGITS;
    const char *name_end = memchr(text, '=', len);
    if (!name_end)
        return false;
    const char *end = text + len;
    const char *image = name_end + 1;
    const char *image_end = memchr(image, '=', (size_t)(end - image));
    uint64_t warm = RUNTIME_WARM_UNSET;
    if (image_end) {
        const char *count = image_end + 1;
        if (!number_parse_uint(count, (size_t)(end - count), &warm) || warm > 1000)
            return false;
    }
    runtime->warm = (uint32_t)warm;
    size_t image_len = (size_t)((image_end ? image_end : end) - image);
    return copy_word(runtime->name, sizeof runtime->name, text, (size_t)(name_end - text),
                     name_characters) &&
           copy_word(runtime->image, sizeof runtime->image, image, image_len, image_characters);
}

static bool parse_runtimes(const char *text, struct config *config)
{
    config->runtimes_count = 0;
    for (;;) {
        struct config_runtime runtime = {0};
        size_t len = strcspn(text, ",");
        if (config->runtimes_count == CONFIG_RUNTIMES_MAX || !parse_runtime(text, len, &runtime) ||
            config_runtime_index(config, bytes_of_string(runtime.name)) >= 0)
            return false;
        config->runtimes[config->runtimes_count++] = runtime;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
}

static bool parse(const struct setting *setting, const char *text, struct config *config)
{
    switch (setting->kind) {
    case SETTING_TEXT:
        return parse_text(setting, text, config);
    case SETTING_ADDRESS:
        return parse_address(setting, text, config);
    case SETTING_SOCKET:
        return parse_socket(setting, text, config);
    case SETTING_HOSTS:
        return parse_list(setting, text, config, is_host);
    case SETTING_ORIGINS:
        return parse_list(setting, text, config, is_origin);
    case SETTING_RUNTIMES:
        return parse_runtimes(text, config);
    case SETTING_CHOICE:
        return parse_choice(setting, text, config);
    case SETTING_COUNT:
    case SETTING_BYTES:
    case SETTING_CPUS:
        return parse_number(setting, text, config);
    }
    return false;
}

/* Returns a hint for a value that other Docker clients accept, but the gateway does not; "" if
 * there is none. */
static const char *advice(const struct setting *setting, const char *text)
{
    bool is_remote = setting->kind == SETTING_SOCKET && strstr(text, "://") &&
                     strncmp(text, UNIX_SCHEME, strlen(UNIX_SCHEME)) != 0;
    return is_remote ? ". Mayfly talks only to an engine on its own host, over its Unix socket: "
                       "whoever reaches an engine over a network is root on its host. Run Mayfly, "
                       "or its broker, on that host and leave this unset there"
                     : "";
}

bool setting_parse(const struct setting *setting, const char *text, struct config *config,
                   struct error *err)
{
    if (parse(setting, text, config))
        return true;
    char range[160] = "";
    FILE *out = fmemopen(range, sizeof range, "w");
    if (out) {
        setting_print_range(setting, out);
        fclose(out);
    }
    return error_set(err, ERR_INVALID, "%s is \"%.*s\": must be %s%s", setting->name,
                     VALUE_SHOWN_BYTES, text, range, advice(setting, text));
}

/* ---- printing ---- */

static void print_number(const struct setting *setting, uint64_t number, FILE *out)
{
    const char *unit;
    unsigned decimals = 3;
    uint64_t part = number % 1000;
    switch (setting->kind) {
    case SETTING_BYTES:
        number = number_in_unit(number, &unit);
        fprintf(out, "%" PRIu64 "%s", number, unit);
        break;
    case SETTING_CPUS:
        for (; decimals > 0 && part % 10 == 0; decimals--)
            part /= 10;
        fprintf(out, "%" PRIu64, number / 1000);
        if (decimals > 0)
            fprintf(out, ".%0*" PRIu64, (int)decimals, part);
        break;
    case SETTING_TEXT:
    case SETTING_ADDRESS:
    case SETTING_SOCKET:
    case SETTING_HOSTS:
    case SETTING_ORIGINS:
    case SETTING_RUNTIMES:
    case SETTING_CHOICE:
    case SETTING_COUNT:
        fprintf(out, "%" PRIu64, number);
        break;
    }
}

static void print_runtimes(const struct config *config, FILE *out)
{
    for (size_t i = 0; i < config->runtimes_count; i++) {
        const struct config_runtime *runtime = &config->runtimes[i];
        fprintf(out, "%s%s=%s=%" PRIu32, i ? "," : "", runtime->name, runtime->image,
                runtime->warm);
    }
}

void setting_print(const struct setting *setting, const struct config *config, FILE *out)
{
    switch (setting->kind) {
    case SETTING_TEXT:
    case SETTING_ADDRESS:
    case SETTING_HOSTS:
    case SETTING_ORIGINS:
        fputs(const_member_of(setting, config), out);
        break;
    case SETTING_SOCKET:
        fprintf(out, UNIX_SCHEME "%s", (const char *)const_member_of(setting, config));
        break;
    case SETTING_RUNTIMES:
        print_runtimes(config, out);
        break;
    case SETTING_CHOICE:
        fputs(setting->choices[setting_number(setting, config)], out);
        break;
    case SETTING_COUNT:
    case SETTING_BYTES:
    case SETTING_CPUS:
        print_number(setting, setting_number(setting, config), out);
        break;
    }
}

static const char *number_noun(enum setting_kind kind)
{
    return kind == SETTING_BYTES ? "size" : kind == SETTING_CPUS ? "decimal" : "whole number";
}

void setting_print_range(const struct setting *setting, FILE *out)
{
    switch (setting->kind) {
    case SETTING_TEXT:
        fprintf(out, "printable text, at most %zu bytes", setting->size - 1);
        break;
    case SETTING_ADDRESS:
        fprintf(out, "address:port, at most %zu bytes", setting->size - 1);
        break;
    case SETTING_SOCKET:
        fprintf(out, UNIX_SCHEME " and an absolute path of at most %zu bytes", setting->size - 1);
        break;
    case SETTING_HOSTS:
        fprintf(out, "names without ports, comma-separated, at most %zu bytes", setting->size - 1);
        break;
    case SETTING_ORIGINS:
        fprintf(out,
                "scheme://host or scheme://host:port, comma-separated, as browsers write them, at "
                "most %zu bytes",
                setting->size - 1);
        break;
    case SETTING_RUNTIMES:
        fprintf(out, "name=image or name=image=N, comma-separated, at most %d, no name twice",
                CONFIG_RUNTIMES_MAX);
        break;
    case SETTING_CHOICE:
        for (size_t i = 0; i < SETTING_CHOICES_MAX && setting->choices[i]; i++)
            fprintf(out, "%s%s", i ? ", " : "one of ", setting->choices[i]);
        break;
    case SETTING_COUNT:
    case SETTING_BYTES:
    case SETTING_CPUS:
        fprintf(out, "a %s from ", number_noun(setting->kind));
        print_number(setting, setting->least, out);
        fputs(" to ", out);
        print_number(setting, setting->most, out);
        break;
    }
}

void setting_print_bounds(const struct setting *setting, FILE *out)
{
    switch (setting->kind) {
    case SETTING_TEXT:
        fputs(" (text)", out);
        break;
    case SETTING_ADDRESS:
        fputs(" (address:port)", out);
        break;
    case SETTING_HOSTS:
    case SETTING_ORIGINS:
        fputs(" (list)", out);
        break;
    case SETTING_SOCKET:
    case SETTING_RUNTIMES:
        break;
    case SETTING_CHOICE:
        for (size_t i = 0; i < SETTING_CHOICES_MAX && setting->choices[i]; i++)
            fprintf(out, "%s%s", i ? "|" : " (", setting->choices[i]);
        fputc(')', out);
        break;
    case SETTING_COUNT:
    case SETTING_BYTES:
    case SETTING_CPUS:
        fputs(" (", out);
        print_number(setting, setting->least, out);
        fputs("..", out);
        print_number(setting, setting->most, out);
        fputc(')', out);
        break;
    }
}
