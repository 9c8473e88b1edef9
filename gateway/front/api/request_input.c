#include "front/api/request_input.h"

#include <stdio.h>
#include <string.h>

void request_stdin_read(struct reading *reading, const char *name, const struct json *value)
{
    if (reading_is_type(reading, name, value, JSON_STRING))
        reading->request->job.stdin_data = json_string(value);
}

/* Check a string of args or env, which becomes a C string for the kernel, and add its length.
 * name_len is the length of "NAME=" in front of it. */
static void check_string(struct reading *reading, const char *name, size_t name_len,
                         const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_STRING))
        return;
    struct bytes text = json_string(value);
    size_t bytes = name_len + text.len + 1;
    reading->strings_bytes += bytes;
    if (bytes > REQUEST_STRING_MAX_BYTES)
        field_errors_add(reading->errors, name, "must be at most %zu bytes long%s",
                         REQUEST_STRING_MAX_BYTES - 1, name_len > 0 ? ", including its NAME=" : "");
    if (text.len > 0 && memchr(text.data, 0, text.len))
        field_errors_add(reading->errors, name, "must not contain a NUL character");
}

void request_args_read(struct reading *reading, const char *name, const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_ARRAY))
        return;
    size_t count = json_array_len(value);
    if (count > REQUEST_ARGS_MAX) {
        field_errors_add(reading->errors, name, "must have at most %d elements", REQUEST_ARGS_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        char element[32];
        snprintf(element, sizeof element, "%s[%zu]", name, i);
        check_string(reading, element, 0, json_array_at(value, i));
    }
    reading->request->args = value;
}

void request_env_read(struct reading *reading, const char *name, const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_OBJECT))
        return;
    const char *variable;
    const struct json *member;
    size_t position = 0, count = 0;
    while (json_next(value, &position, &variable, &member)) {
        char path[128];
        if (++count > REQUEST_ENV_MAX) {
            field_errors_add(reading->errors, name, "must have at most %d members",
                             REQUEST_ENV_MAX);
            return;
        }
        snprintf(path, sizeof path, "%s.%.*s", name, READING_NAME_SHOWN, variable);
        if (variable[0] == '\0' || strchr(variable, '='))
            field_errors_add(reading->errors, path,
                             "is not a valid name for an environment variable");
        check_string(reading, path, strlen(variable) + 1, member);
    }
    reading->request->env = value;
}

void request_strings_check(struct reading *reading)
{
    char name[READING_NAME_BYTES];
    if (reading->strings_bytes <= REQUEST_STRINGS_MAX_BYTES)
        return;
    snprintf(name, sizeof name, "%s%s", reading->prefix, reading->request->args ? "args" : "env");
    field_errors_add(reading->errors, name, "args and env together must be at most %zu bytes long",
                     REQUEST_STRINGS_MAX_BYTES);
}
