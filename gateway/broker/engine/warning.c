#include "broker/engine/warning.h"

#include <string.h>

/* The beginnings of moby's harmless warnings (daemon/daemon_unix.go,
 * daemon/server/router/container). They are harmless because boxes have no network, volumes or
 * ports, and because a deprecation does not change anything yet. Warnings about an image of another
 * platform, or with the word "discarded", are not harmless. */
static const char *const harmless[] = {
    "IPv4 forwarding is disabled.",
    "Links on the default bridge network are deprecated",
    "The container-wide MacAddress field is now deprecated.",
    "WARNING: the container-wide volume-driver configuration is ignored",
    "[DEPRECATION NOTICE]",
};

static bool is_harmless(struct bytes text)
{
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
        size_t len = strlen(harmless[i]);
        if (text.len >= len && memcmp(text.data, harmless[i], len) == 0)
            return true;
    }
    return false;
}

bool warning_counts(const struct json *warnings, char *text, size_t size)
{
    static const char unreadable[] = "its warnings are not a list of strings";
    if (json_type_of(warnings) == JSON_NULL)
        return false;
    size_t count = json_type_of(warnings) == JSON_ARRAY ? json_array_len(warnings) : 1;
    for (size_t i = 0; i < count; i++) {
        const struct json *warning =
            json_type_of(warnings) == JSON_ARRAY ? json_array_at(warnings, i) : NULL;
        bool is_text = json_type_of(warning) == JSON_STRING;
        struct bytes told = is_text ? json_string(warning) : bytes_of_string(unreadable);
        if (is_text && is_harmless(told))
            continue;
        bytes_copy_cut(text, size, told);
        return true;
    }
    return false;
}
