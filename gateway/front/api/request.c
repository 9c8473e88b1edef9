/* request.c - a table of fields, with one function for each. A function that finds a mistake names
 * it and continues, so that one answer names all of them.
 */
#include "front/api/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "front/api/alias.h"
#include "front/api/reading.h"
#include "front/api/request_files.h"

/* ---- the fields, in the order of the API's table ---- */

/* Every character is allowed, even NUL: python3 decides what such a source means. (3.11 ignores the
 * rest of that line.) */
static void read_code(struct reading *reading, const char *name, const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_STRING))
        return;
    struct bytes source = json_string(value);
    if (source.len < 1 || source.len > CONFIG_SOURCE_MAX_BYTES)
        field_errors_add(reading->errors, name, "must be between 1 and %zu bytes long",
                         CONFIG_SOURCE_MAX_BYTES);
    else
        reading->request->job.source = source;
}

static void complain_of_runtime(struct reading *reading, const char *name)
{
    char known[CONFIG_RUNTIMES_MAX * (JOB_RUNTIME_NAME_MAX + 5)] = "";
    size_t len = 0;
    for (size_t i = 0; i < reading->config->runtimes_count && len < sizeof known; i++)
        len += (size_t)snprintf(known + len, sizeof known - len, "%s\"%s\"", i ? ", " : "",
                                reading->config->runtimes[i].name);
    field_errors_add(reading->errors, name, "must be one of %s", known);
}

static void read_runtime(struct reading *reading, const char *name, const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_STRING))
        return;
    int index = alias_resolve(reading->config, json_string(value));
    if (index < 0)
        complain_of_runtime(reading, name);
    else
        snprintf(reading->request->job.runtime, sizeof reading->request->job.runtime, "%s",
                 reading->config->runtimes[index].name);
}

static void read_timeout(struct reading *reading, const char *name, const struct json *value)
{
    reading_millis(reading, name, value, CONFIG_MIN_TIMEOUT_MS, reading->config->max_timeout_ms,
                   &reading->request->job.timeout_ms);
}

static void read_queue_timeout(struct reading *reading, const char *name, const struct json *value)
{
    reading_millis(reading, name, value, 1, reading->config->queue_timeout_ms,
                   &reading->request->job.queue_timeout_ms);
}

static void read_stdin(struct reading *reading, const char *name, const struct json *value)
{
    if (reading_is_type(reading, name, value, JSON_STRING))
        reading->request->job.stdin_data = json_string(value);
}

/* Check and count a string of args or env, which will be a C string in the kernel. name_len is the
 * length of the "NAME=" before it. */
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
                         REQUEST_STRING_MAX_BYTES - 1,
                         name_len > 0 ? ", with NAME= before it" : "");
    if (text.len > 0 && memchr(text.data, 0, text.len))
        field_errors_add(reading->errors, name, "must not contain a NUL character");
}

static void read_args(struct reading *reading, const char *name, const struct json *value)
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

static void read_env(struct reading *reading, const char *name, const struct json *value)
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

static void read_output_encoding(struct reading *reading, const char *name,
                                 const struct json *value)
{
    reading_encoding(reading, name, value, &reading->request->output_encoding);
}

static void read_output(struct reading *reading, const char *name, const struct json *value)
{
    static const char *const words[] = {"separate", "merged", NULL};
    unsigned word = 0;
    reading_word(reading, name, value, words, &word);
    reading->request->job.output_merged = word == 1;
}

static void read_buffering(struct reading *reading, const char *name, const struct json *value)
{
    static const char *const words[] = {
        [BUFFERING_AUTO] = "auto", [BUFFERING_LINE] = "line", [BUFFERING_BLOCK] = "block", NULL};
    unsigned word = BUFFERING_AUTO;
    reading_word(reading, name, value, words, &word);
    reading->request->buffering = word;
}

static void read_isolation(struct reading *reading, const char *name, const struct json *value)
{
    static const char *const words[] = {"auto", "container", NULL};
    unsigned word = 0;
    reading_word(reading, name, value, words, &word);
    if (word == 1)
        reading->request->job.box_runs = 1;
}

static void read_memory_bytes(struct reading *reading, const char *name, const struct json *value)
{
    reading_integer(reading, name, value, CONFIG_MIN_MEMORY_BYTES,
                    reading->config->max_limits.memory_bytes,
                    &reading->request->job.limits.memory_bytes);
}

static void read_cpus(struct reading *reading, const char *name, const struct json *value)
{
    reading_millis(reading, name, value, CONFIG_MIN_CPU_MILLIS,
                   reading->config->max_limits.cpu_millis,
                   &reading->request->job.limits.cpu_millis);
}

static void read_cpu_time(struct reading *reading, const char *name, const struct json *value)
{
    reading_millis(reading, name, value, CONFIG_MIN_CPU_TIME_MS,
                   config_max_cpu_time_ms(reading->config), &reading->request->job.cpu_time_ms);
}

static void read_pids(struct reading *reading, const char *name, const struct json *value)
{
    uint64_t pids = reading->request->job.limits.pids;
    reading_integer(reading, name, value, CONFIG_MIN_PIDS, reading->config->max_limits.pids, &pids);
    reading->request->job.limits.pids = (uint32_t)pids;
}

static void read_output_bytes(struct reading *reading, const char *name, const struct json *value)
{
    reading_integer(reading, name, value, CONFIG_MIN_OUTPUT_BYTES,
                    reading->config->max_output_bytes, &reading->request->job.output_bytes);
}

static void read_limits(struct reading *reading, const char *name, const struct json *value);

static const struct field fields[] = {
    {"code", read_code},
    {"runtime", read_runtime},
    {"timeout", read_timeout},
    {"queue_timeout", read_queue_timeout},
    {"stdin", read_stdin},
    {"args", read_args},
    {"env", read_env},
    {"limits", read_limits},
    {"output_encoding", read_output_encoding},
    {"output", read_output},
    {"buffering", read_buffering},
    {"isolation", read_isolation},
    {"files", request_files_read},
    {"outputs", request_outputs_read},
    {NULL, NULL},
};

#define FIELDS_COUNT (sizeof fields / sizeof fields[0])

static const struct field limit_fields[] = {
    {"memory_bytes", read_memory_bytes}, {"cpus", read_cpus},
    {"cpu_time", read_cpu_time},         {"pids", read_pids},
    {"output_bytes", read_output_bytes}, {NULL, NULL},
};

static void read_limits(struct reading *reading, const char *name, const struct json *value)
{
    if (reading_is_type(reading, name, value, JSON_OBJECT))
        reading_members(reading, limit_fields, "limits.", value);
}

/* Copy the rows of these names, and the last row. */
static void choose_fields(struct field chosen[FIELDS_COUNT], const char *const *names)
{
    size_t count = 0;
    for (const struct field *field = fields; field->name; field++) {
        size_t i = 0;
        while (names[i] && strcmp(names[i], field->name) != 0)
            i++;
        if (names[i])
            chosen[count++] = *field;
    }
    chosen[count] = (struct field){NULL, NULL};
}

void request_read_object(struct reading *reading, const struct json *object,
                         const char *const *names)
{
    struct field chosen[FIELDS_COUNT];
    if (object && !reading_is_type(reading, "", object, JSON_OBJECT))
        return;
    if (names)
        choose_fields(chosen, names);
    if (object)
        reading_members(reading, names ? chosen : fields, "", object);
    if (!object || !json_get(object, "code"))
        field_errors_add(reading->errors, "code", "is required");
    if (reading->strings_bytes > REQUEST_STRINGS_MAX_BYTES)
        field_errors_add(reading->errors, reading->request->args ? "args" : "env",
                         "args and env together must be at most %zu bytes long",
                         REQUEST_STRINGS_MAX_BYTES);
    request_files_check(reading);
}

/* ---- the interface ---- */

static struct request request_with_defaults(const struct config *config)
{
    struct request request = {
        .job =
            {
                .timeout_ms = config->default_timeout_ms,
                .queue_timeout_ms = config->queue_timeout_ms,
                .box_runs = config->box_runs,
                .limits = config->default_limits,
                .output_bytes = config->default_output_bytes,
                .displays_bytes = config->displays_bytes,
            },
        .output_encoding = OUTPUT_UTF8,
    };
    snprintf(request.job.runtime, sizeof request.job.runtime, "%s", config->runtimes[0].name);
    return request;
}

struct request_reader {
    struct bytes body;
    struct json_reader *json;
    request_decoder *decode;
    void *arg; /* of decode */
    struct request request;
};

static bool decode_own(void *arg, struct reading *reading, const struct json *document)
{
    (void)arg;
    /* NULL is a document too: the word null. */
    if (reading_is_type(reading, "", document, JSON_OBJECT))
        request_read_object(reading, document, NULL);
    return true;
}

struct request_reader *request_reader_new(struct bytes body, request_decoder *decode, void *arg)
{
    struct request_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->body = body;
    reader->decode = decode ? decode : decode_own;
    reader->arg = arg;
    reader->json = json_reader_new(body, REQUEST_VALUES_MAX);
    if (reader->json)
        return reader;
    free(reader);
    return NULL;
}

void request_reader_free(struct request_reader *reader)
{
    if (!reader)
        return;
    json_reader_free(reader->json);
    request_release(&reader->request);
    free(reader);
}

/* Read the fields, once the text has been parsed. Returns false when they are for no run. */
static bool read_fields(struct request_reader *reader, struct reading *reading)
{
    struct json *document = json_reader_take(reader->json);
    json_reader_free(reader->json);
    reader->json = NULL;
    reader->request = request_with_defaults(reading->config);
    reader->request.document = document;
    return reader->decode(reader->arg, reading, document);
}

enum request_result request_read(struct request_reader *reader, const struct config *config,
                                 size_t most_bytes, struct request *request,
                                 struct field_errors *errors, struct error *err)
{
    struct reading reading = {.config = config, .request = &reader->request, .errors = errors};
    if (reader->json) {
        enum json_progress progress = json_reader_step(reader->json, most_bytes, err);
        if (progress == JSON_MORE)
            return REQUEST_MORE;
        if (progress == JSON_FAILED)
            return err->kind == ERR_INVALID ? REQUEST_NO_JSON : REQUEST_NO_MEMORY;
        if (!read_fields(reader, &reading))
            return REQUEST_OTHER;
        return reading.is_out_of_memory ? REQUEST_NO_MEMORY : REQUEST_MORE;
    }
    if (!request_files_decode(&reading, most_bytes))
        return REQUEST_MORE;
    if (errors->count > 0)
        return REQUEST_BAD_FIELDS;
    *request = reader->request;
    reader->request = (struct request){.document = NULL};
    return REQUEST_OK;
}

enum request_result request_parse(const struct config *config, struct bytes body,
                                  struct request *request, struct field_errors *errors,
                                  struct error *err)
{
    enum request_result result = REQUEST_MORE;
    struct request_reader *reader = request_reader_new(body, NULL, NULL);
    if (!reader)
        return REQUEST_NO_MEMORY;
    while (result == REQUEST_MORE)
        result = request_read(reader, config, SIZE_MAX, request, errors, err);
    request_reader_free(reader);
    return result;
}

void request_release(struct request *request)
{
    request_files_release(&request->files);
    json_free(request->document);
    request->document = NULL;
}

void request_decide_buffering(struct request *request, bool takes_events)
{
    bool is_watched = takes_events || request->job.output_merged;
    request->job.line_buffered = request->buffering == BUFFERING_LINE ||
                                 (request->buffering == BUFFERING_AUTO && is_watched);
}
