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
#include "front/api/request_input.h"
#include "front/api/request_reader.h"
#include "front/api/request_tests.h"

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

static void read_mode(struct reading *reading, const char *name, const struct json *value)
{
    static const char *const words[] = {"script", "cell", NULL};
    unsigned word = 0;
    reading_word(reading, name, value, words, &word);
    reading->request->job.is_cell = word == 1;
}

static void read_isolation(struct reading *reading, const char *name, const struct json *value)
{
    static const char *const words[] = {"auto", "container", NULL};
    unsigned word = 0;
    reading_word(reading, name, value, words, &word);
    reading->request->is_alone = word == 1;
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
    {"mode", read_mode},
    {"runtime", read_runtime},
    {"timeout", read_timeout},
    {"queue_timeout", read_queue_timeout},
    {"stdin", request_stdin_read},
    {"args", request_args_read},
    {"env", request_env_read},
    {"limits", read_limits},
    {"output_encoding", read_output_encoding},
    {"output", read_output},
    {"buffering", read_buffering},
    {"isolation", read_isolation},
    {"files", request_files_read},
    {"outputs", request_outputs_read},
    {"tests", request_tests_read},
    {"stop_on", request_stop_on_read},
    {"total_timeout", request_total_timeout_read},
    {"tests_output", request_tests_output_read},
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

static void read_by(const struct field *table, struct reading *reading, const char *member,
                    const struct json *value)
{
    char name[READING_NAME_BYTES];
    snprintf(name, sizeof name, "%s%s", table == limit_fields ? "limits." : "", member);
    while (strcmp(table->name, member) != 0)
        table++;
    table->read(reading, name, value);
}

void request_read_member(struct reading *reading, const char *member, const struct json *value)
{
    read_by(fields, reading, member, value);
}

void request_read_limit(struct reading *reading, const char *member, const struct json *value)
{
    read_by(limit_fields, reading, member, value);
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
    request_check_members(reading);
}

void request_check_members(struct reading *reading)
{
    request_strings_check(reading);
    request_files_check(reading, &reading->request->files, "files");
    request_tests_check(reading);
}

/* ---- the interface ---- */

void request_init(struct request *request, const struct config *config)
{
    *request = (struct request){
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
        .tests.total_timeout_ms = config->max_total_timeout_ms,
    };
    snprintf(request->job.runtime, sizeof request->job.runtime, "%s", config->runtimes[0].name);
}

struct request_reader {
    struct bytes body;
    struct json_reader *json;
    request_decoder *decode;
    void *arg; /* of decode */
    struct request request;
    bool has_files; /* all of the request's own are decoded */
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
    request_init(&reader->request, reading->config);
    reader->request.document = document;
    return reader->decode(reader->arg, reading, document);
}

enum request_result request_read(struct request_reader *reader, const struct config *config,
                                 size_t most_bytes, struct request *request,
                                 struct field_errors *errors, struct error *err)
{
    struct reading reading = {
        .config = config, .request = &reader->request, .errors = errors, .prefix = ""};
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
    if (!request_files_decode(&reading, &reader->request.files, "files", most_bytes))
        return REQUEST_MORE;
    if (!reader->has_files && errors->count == 0)
        request_files_check_total(&reading, &reader->request.files, "files", 0);
    reader->has_files = true;
    if (!request_tests_step(&reading, most_bytes))
        return reading.is_out_of_memory ? REQUEST_NO_MEMORY : REQUEST_MORE;
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
    request_tests_release(&request->tests);
    json_free(request->document);
    request->document = NULL;
}

void request_decide_buffering(struct request *request, bool takes_events)
{
    bool is_watched = (takes_events && request->tests.count == 0) || request->job.output_merged;
    request->job.line_buffered = request->buffering == BUFFERING_LINE ||
                                 (request->buffering == BUFFERING_AUTO && is_watched);
}
