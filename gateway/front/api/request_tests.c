#include "front/api/request_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/glob.h"
#include "front/api/request_files.h"
#include "front/api/request_input.h"

/* ---- a test's fields ---- */

static void read_name(struct reading *reading, const char *name, const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_STRING))
        return;
    struct bytes text = json_string(value);
    if (text.len > REQUEST_TEST_NAME_MAX_BYTES)
        field_errors_add(reading->errors, name, "must be at most %d bytes long",
                         REQUEST_TEST_NAME_MAX_BYTES);
    reading->test->name = text;
}

static void read_stdin(struct reading *reading, const char *name, const struct json *value)
{
    reading->test->has_stdin = true;
    request_stdin_read(reading, name, value);
}

static void read_expected_stdout(struct reading *reading, const char *name,
                                 const struct json *value)
{
    if (!reading_is_type(reading, name, value, JSON_STRING))
        return;
    struct bytes text = json_string(value);
    reading->test->stdout_text = text.len > 0 ? text : bytes_of("", 0);
}

static void read_expected_files(struct reading *reading, const char *name, const struct json *value)
{
    request_files_take(reading, &reading->test->expected_files, name, value);
}

/* Read an object such as {"numbers": 1e-6}. */
static bool read_tolerance(const struct json *value, struct comparer *comparer)
{
    size_t position = 0;
    const char *member;
    const struct json *number, *another;
    if (json_type_of(value) != JSON_OBJECT || !json_next(value, &position, &member, &number) ||
        strcmp(member, "numbers") != 0 || json_type_of(number) != JSON_NUMBER ||
        json_next(value, &position, &member, &another))
        return false;
    *comparer = (struct comparer){COMPARER_NUMBERS, json_number(number)};
    return comparer->tolerance >= 0 && comparer->tolerance <= 1;
}

static void read_compare(struct reading *reading, const char *name, const struct json *value)
{
    static const char *const words[] = {
        [COMPARER_TRIM] = "trim", [COMPARER_EXACT] = "exact", [COMPARER_TOKENS] = "tokens"};
    for (enum comparer_kind kind = COMPARER_TRIM; kind <= COMPARER_TOKENS; kind++) {
        if (json_type_of(value) == JSON_STRING &&
            bytes_equal_string(json_string(value), words[kind])) {
            reading->test->comparer.kind = kind;
            return;
        }
    }
    if (!read_tolerance(value, &reading->test->comparer))
        field_errors_add(
            reading->errors, name,
            "must be \"trim\", \"exact\", \"tokens\" or {\"numbers\": N}, N from 0 to 1");
}

static const struct field test_fields[] = {
    {"name", read_name},
    {"stdin", read_stdin},
    {"args", request_args_read},
    {"env", request_env_read},
    {"files", request_files_read},
    {"expected_stdout", read_expected_stdout},
    {"expected_files", read_expected_files},
    {"compare", read_compare},
    {NULL, NULL},
};

/* ---- the request's fields ---- */

void request_tests_read(struct reading *reading, const char *name, const struct json *value)
{
    struct request_tests *tests = &reading->request->tests;
    if (!reading_is_type(reading, name, value, JSON_ARRAY))
        return;
    size_t count = json_array_len(value);
    if (count < 1 || count > REPORTS_MAX) {
        field_errors_add(reading->errors, name, "must have 1 to %d elements", REPORTS_MAX);
        return;
    }
    tests->list = calloc(count, sizeof *tests->list);
    if (!tests->list) {
        reading->is_out_of_memory = true;
        return;
    }
    tests->count = count;
    tests->json = value;
}

void request_stop_on_read(struct reading *reading, const char *name, const struct json *value)
{
    static const char *const words[] = {"never", "failure", NULL};
    unsigned word = 0;
    reading_word(reading, name, value, words, &word);
    reading->request->tests.stops_on_failure = word == 1;
    reading->request->tests.only_name = "stop_on";
}

void request_total_timeout_read(struct reading *reading, const char *name, const struct json *value)
{
    reading_millis(reading, name, value, CONFIG_MIN_TIMEOUT_MS,
                   reading->config->max_total_timeout_ms,
                   &reading->request->tests.total_timeout_ms);
    reading->request->tests.only_name = "total_timeout";
}

void request_tests_output_read(struct reading *reading, const char *name, const struct json *value)
{
    static const char *const words[] = {[EXCERPT_BRIEF] = "brief",
                                        [EXCERPT_NONE] = "none",
                                        [EXCERPT_FAILED] = "failed",
                                        [EXCERPT_ALL] = "all",
                                        NULL};
    unsigned word = EXCERPT_BRIEF;
    reading_word(reading, name, value, words, &word);
    reading->request->tests.excerpt = word;
    reading->request->tests.only_name = "tests_output";
}

void request_tests_check(struct reading *reading)
{
    struct request_tests *tests = &reading->request->tests;
    tests->strings_bytes = reading->strings_bytes;
    if (tests->only_name && !json_get(reading->request->document, "tests"))
        field_errors_add(reading->errors, tests->only_name, "is allowed only with tests");
}

/* ---- a test in steps ---- */

struct names {
    char prefix[32], files[48], expected_files[48];
};

static void make_names(struct names *names, size_t index)
{
    snprintf(names->prefix, sizeof names->prefix, "tests[%zu].", index);
    snprintf(names->files, sizeof names->files, "tests[%zu].files", index);
    snprintf(names->expected_files, sizeof names->expected_files, "tests[%zu].expected_files",
             index);
}

/* Read the fields of a test. `own` is a reading for this test alone. */
static void read_test(struct reading *own, const struct request *request, const struct names *names,
                      const struct json *value)
{
    struct request_test *test = own->test;
    char element[32];
    snprintf(element, sizeof element, "%.*s", (int)strlen(names->prefix) - 1, names->prefix);
    test->is_read = true;
    test->request.job.limits = request->job.limits;
    if (!reading_is_type(own, element, value, JSON_OBJECT))
        return;
    reading_members(own, test_fields, names->prefix, value);
    request_strings_check(own);
    request_files_check(own, &test->request.files, names->files);
    request_files_check_with(own, &test->request.files, names->files, &request->files);
    request_files_check(own, &test->expected_files, names->expected_files);
}

/* Read the current test, or decode some of its files. Returns true when it is complete. */
static bool step_test(struct reading *reading, size_t most_bytes)
{
    struct request_tests *tests = &reading->request->tests;
    struct request_test *test = &tests->list[tests->reading];
    struct names names;
    make_names(&names, tests->reading);
    struct reading own = {.config = reading->config,
                          .request = &test->request,
                          .errors = reading->errors,
                          .prefix = names.prefix,
                          .strings_bytes = tests->strings_bytes,
                          .test = test};
    if (!test->is_read)
        read_test(&own, reading->request, &names, json_array_at(tests->json, tests->reading));
    reading->is_out_of_memory = own.is_out_of_memory;
    if (!request_files_decode(&own, &test->request.files, names.files, most_bytes) ||
        !request_files_decode(&own, &test->expected_files, names.expected_files, most_bytes))
        return false;
    request_files_check_total(&own, &test->request.files, names.files,
                              request_files_bytes(&reading->request->files));
    return true;
}

static size_t cost_of(const struct request_test *test)
{
    return 256 + request_files_bytes(&test->request.files) +
           64 * (test->request.files.count + test->expected_files.count);
}

bool request_tests_step(struct reading *reading, size_t most_bytes)
{
    struct request_tests *tests = &reading->request->tests;
    size_t done = 0;
    while (tests->reading < tests->count && done < most_bytes) {
        if (!step_test(reading, most_bytes) || reading->is_out_of_memory)
            return false;
        done += cost_of(&tests->list[tests->reading]);
        tests->reading++;
    }
    return tests->reading == tests->count;
}

void request_tests_release(struct request_tests *tests)
{
    for (size_t i = 0; i < tests->count; i++) {
        request_files_release(&tests->list[i].request.files);
        request_files_release(&tests->list[i].expected_files);
    }
    free(tests->list);
    tests->list = NULL;
    tests->count = 0;
}

void request_tests_complete(struct request *request, const struct config *config, uint64_t scope)
{
    struct job *job = &request->job;
    job->box_scope = scope;
    job->box_runs = request->is_alone ? 1 : JOB_BOX_RUNS_MAX;
    for (size_t i = 0; i < request->tests.count; i++) {
        if (request->tests.list[i].expected_files.count > 0) {
            job->files_bytes = config->output_files_bytes;
            job->file_bytes = config->output_file_bytes;
        }
    }
}

/* ---- writing ---- */

/* Append the path as a glob that matches only this path. */
static bool put_path_glob(struct buf *out, struct bytes path)
{
    struct buf glob;
    buf_init(&glob, 3 * path.len + 1);
    bool fine = true;
    for (size_t i = 0; fine && i < path.len; i++) {
        bool is_special = strchr(GLOB_SPECIAL, path.data[i]) != NULL;
        fine = (!is_special || buf_append(&glob, "[", 1)) && buf_append(&glob, &path.data[i], 1) &&
               (!is_special || buf_append(&glob, "]", 1));
    }
    fine = fine && job_put_output_glob(out, buf_bytes(&glob));
    buf_release(&glob);
    return fine;
}

/* Copy bytes to `memory`, which has enough space. */
static struct bytes keep(struct buf *memory, struct bytes bytes)
{
    if (!bytes.data)
        return bytes;
    size_t at = memory->len;
    buf_append(memory, bytes.data, bytes.len);
    return bytes_of(memory->data + at, bytes.len);
}

static bool keep_expected(struct test_case *to, const struct request_test *test)
{
    const struct request_files *files = &test->expected_files;
    size_t bytes = test->name.len + test->stdout_text.len + request_files_bytes(files) + 1;
    for (size_t i = 0; i < files->count; i++)
        bytes += files->list[i].path.len;
    buf_init(&to->memory, bytes);
    to->files = files->count > 0 ? calloc(files->count, sizeof *to->files) : NULL;
    if (!buf_reserve(&to->memory, bytes) || (files->count > 0 && !to->files))
        return false;
    to->files_count = files->count;
    to->comparer = test->comparer;
    to->name = keep(&to->memory, test->name);
    to->stdout_text = keep(&to->memory, test->stdout_text);
    for (size_t i = 0; i < files->count; i++) {
        to->files[i].path = keep(&to->memory, files->list[i].path);
        to->files[i].content = keep(&to->memory, files->list[i].content);
        if (!put_path_glob(&to->fields, files->list[i].path))
            return false;
    }
    return true;
}

/* Write the next part of the fields that all tests share. */
static bool write_common(struct test_plan *plan, const struct request *request,
                         struct request_tests_cursor *cursor, size_t most_bytes)
{
    struct request_cursor *fields = &cursor->fields;
    if (!plan->cases) {
        buf_init(&plan->common, WIRE_PAYLOAD_MAX_BYTES);
        plan->cases = calloc(request->tests.count, sizeof *plan->cases);
        plan->count = plan->cases ? request->tests.count : 0;
    }
    if (!plan->cases || !request_write(&plan->common, request, fields, most_bytes))
        return false;
    if (!fields->is_at_end)
        return true;
    plan->args_at = fields->list_at[REQUEST_LIST_ARGS];
    plan->stdin_at = fields->list_at[REQUEST_LIST_STDIN];
    buf_trim(&plan->common);
    cursor->has_common = true;
    *fields = (struct request_cursor){.list = REQUEST_LIST_ENV};
    return true;
}

/* Write the next part of a test's fields. */
static bool write_test(struct test_plan *plan, const struct request *request,
                       struct request_tests_cursor *cursor, size_t most_bytes)
{
    const struct request_test *test = &request->tests.list[cursor->index];
    struct test_case *to = &plan->cases[cursor->index];
    struct request_cursor *fields = &cursor->fields;
    if (to->fields.max_bytes == 0)
        buf_init(&to->fields, WIRE_PAYLOAD_MAX_BYTES);
    /* Stdin is the last list. Leave it out if the test has none of its own. */
    if (!request_write(&to->fields, &test->request, fields, most_bytes))
        return false;
    if (!fields->is_at_end && (test->has_stdin || fields->list < REQUEST_LIST_STDIN))
        return true;
    to->has_args = test->request.args != NULL;
    to->has_stdin = test->has_stdin;
    if (!test->has_stdin)
        buf_truncate(&to->fields, fields->list_at[REQUEST_LIST_STDIN]);
    *fields = (struct request_cursor){.list = REQUEST_LIST_ENV};
    cursor->is_at_end = ++cursor->index == request->tests.count;
    if (!keep_expected(to, test))
        return false;
    buf_trim(&to->fields);
    return true;
}

bool request_tests_write(struct test_plan *plan, const struct request *request,
                         struct request_tests_cursor *cursor, size_t most_bytes)
{
    if (!cursor->has_common)
        return write_common(plan, request, cursor, most_bytes);
    for (int i = 0; i < 16 && !cursor->is_at_end; i++) {
        if (!write_test(plan, request, cursor, most_bytes / 16))
            return false;
    }
    return true;
}
