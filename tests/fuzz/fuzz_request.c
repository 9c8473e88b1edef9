/* POST /api/v1/execute: an accepted body must give a RUN payload that decodes to the same job, with
 * every value in the configured range. A refused body must give a problem document that is valid
 * JSON. With tests, each test's RUN frame must decode to the request's job, with the test's own
 * values in place of the request's.
 */
#include "configured.h"

#include "common/glob.h"
#include "front/api/request.h"
#include "front/api/request_tests.h"
#include "front/http/problem.h"

#define BODY_MAX_BYTES ((size_t)32 << 20)

static void check_ranges(const struct config *config, const struct job *job)
{
    must(strcmp(job->runtime, config->runtimes[0].name) == 0);
    must(job->timeout_ms >= CONFIG_MIN_TIMEOUT_MS && job->timeout_ms <= config->max_timeout_ms);
    must(job->queue_timeout_ms >= 1 && job->queue_timeout_ms <= config->queue_timeout_ms);
    must(job->limits.memory_bytes >= CONFIG_MIN_MEMORY_BYTES);
    must(job->limits.memory_bytes <= config->max_limits.memory_bytes);
    must(job->limits.cpu_millis >= CONFIG_MIN_CPU_MILLIS);
    must(job->limits.cpu_millis <= config->max_limits.cpu_millis);
    must(job->limits.pids >= CONFIG_MIN_PIDS && job->limits.pids <= config->max_limits.pids);
    must(job->cpu_time_ms == 0 || (job->cpu_time_ms >= CONFIG_MIN_CPU_TIME_MS &&
                                   job->cpu_time_ms <= config_max_cpu_time_ms(config)));
    must(job->output_bytes >= CONFIG_MIN_OUTPUT_BYTES);
    must(job->output_bytes <= config->max_output_bytes);
    must(job->source.len >= 1 && job->source.len <= CONFIG_SOURCE_MAX_BYTES);
}

static size_t count(const struct job *job, enum wire_tag tag)
{
    struct bytes cursor = job->fields, value;
    size_t seen = 0;
    while (job_next(&cursor, tag, &value))
        seen++;
    return seen;
}

/* Check that the files' paths do not collide and that the files fit into the box. */
static void check_files(const struct config *config, const struct job *job)
{
    struct bytes cursor = job->fields, one, content;
    size_t total_bytes = 0;
    uint16_t tag;
    while (job_next(&cursor, WIRE_TAG_FILE_PATH, &one)) {
        struct bytes others = cursor, other;
        must(wire_next(&cursor, &tag, &content));
        must(!path_fault(one) && !bytes_equal_string(one, "main.py"));
        while (job_next(&others, WIRE_TAG_FILE_PATH, &other))
            must(!same_bytes(one, other) && !path_is_below(one, other) &&
                 !path_is_below(other, one));
        total_bytes += content.len;
    }
    must(total_bytes <= config->max_files_bytes && total_bytes <= job->limits.memory_bytes / 4);
}

static void check_outputs(const struct config *config, const struct job *job)
{
    struct bytes cursor = job->fields, glob;
    while (job_next(&cursor, WIRE_TAG_OUTPUT_GLOB, &glob))
        must(!glob_fault(glob));
    bool any = count(job, WIRE_TAG_OUTPUT_GLOB) > 0;
    must(job->files_bytes == (any ? config->output_files_bytes : 0));
    must(job->file_bytes == (any ? config->output_file_bytes : 0));
}

static void check_accepted(const struct config *config, const struct request *request)
{
    struct buf payload;
    struct job job;
    struct error err = {0};
    buf_init(&payload, BODY_MAX_BYTES);
    struct request_cursor cursor = {.list = 0};
    must(request_write(&payload, request, &cursor, SIZE_MAX));
    must(job_decode(buf_bytes(&payload), &job, &err));
    check_ranges(config, &job);
    must(job.timeout_ms == request->job.timeout_ms &&
         job.output_bytes == request->job.output_bytes);
    must(limits_equal(&job.limits, &request->job.limits));
    must(same_bytes(job.source, request->job.source));
    must(same_bytes(job.stdin_data, request->job.stdin_data));
    must(count(&job, WIRE_TAG_ARG) == (request->args ? json_array_len(request->args) : 0));
    must(count(&job, WIRE_TAG_ARG) <= REQUEST_ARGS_MAX);
    must(count(&job, WIRE_TAG_ENV) <= REQUEST_ENV_MAX);
    must(count(&job, WIRE_TAG_FILE_PATH) == request->files.count);
    must(count(&job, WIRE_TAG_FILE_PATH) <= REQUEST_FILES_MAX);
    must(count(&job, WIRE_TAG_OUTPUT_GLOB) <= REQUEST_OUTPUTS_MAX);
    check_files(config, &job);
    check_outputs(config, &job);
    buf_release(&payload);
}

/* ---- tests ---- */

static void check_test(const struct test_plan *plan, const struct request *request, size_t index)
{
    const struct request_test *test = &request->tests.list[index];
    const struct test_case *made = &plan->cases[index];
    const struct json *args = test->request.args ? test->request.args : request->args;
    struct buf whole;
    struct frame frame;
    struct job job;
    struct error err = {0};
    size_t used;
    must(test_plan_write(plan, index, 100, 1, &whole));
    must(wire_parse(whole.data, whole.len, WIRE_PAYLOAD_MAX_BYTES, &frame, &used) == WIRE_FRAME);
    must(used == whole.len && job_decode(frame.payload, &job, &err));
    must(job.timeout_ms == 100 && job.queue_timeout_ms == 1 && job.box_scope == 77);
    must(same_bytes(job.source, request->job.source));
    must(same_bytes(job.stdin_data,
                    test->has_stdin ? test->request.job.stdin_data : request->job.stdin_data));
    must(count(&job, WIRE_TAG_ARG) == (args ? json_array_len(args) : 0));
    must(count(&job, WIRE_TAG_FILE_PATH) == request->files.count + test->request.files.count);
    check_files(configured(), &job);
    must(same_bytes(made->name, test->name) && same_bytes(made->stdout_text, test->stdout_text));
    must(!made->stdout_text.data == !test->stdout_text.data);
    must(made->comparer.tolerance >= 0 && made->comparer.tolerance <= 1);
    must(made->files_count == test->expected_files.count);
    buf_release(&whole);
}

static void check_tests(const struct config *config, struct request *request)
{
    struct test_plan plan = {.cases = NULL};
    struct request_tests_cursor cursor = {.index = 0};
    must(request->tests.count <= REPORTS_MAX);
    must(request->tests.total_timeout_ms <= config->max_total_timeout_ms);
    request_tests_complete(request, config, 77);
    while (!cursor.is_at_end)
        must(request_tests_write(&plan, request, &cursor, 64));
    must(plan.count == request->tests.count);
    for (size_t i = 0; i < plan.count; i++)
        check_test(&plan, request, i);
    test_plan_release(&plan);
}

static void check_refused(const struct problem *problem)
{
    struct buf text;
    buf_init(&text, (size_t)64 << 10);
    must(problem_write(&text, problem));
    struct json *document = json_parse(buf_bytes(&text).data, text.len, NULL);
    must(document != NULL);
    const struct json *errors = json_get(document, "errors");
    size_t expected = problem->errors ? problem->errors->count : 0;
    must(!errors || json_array_len(errors) >= expected);
    must(expected == 0 || errors);
    json_free(document);
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct field_errors errors;
    const struct config *config = configured();
    struct request request;
    struct error err = {0};
    errors = (struct field_errors){.count = 0};
    switch (request_parse(config, bytes_of(data, len), &request, &errors, &err)) {
    case REQUEST_MORE:
    case REQUEST_OTHER:
        must(false);
        break;
    case REQUEST_OK:
        must(errors.count == 0);
        check_accepted(config, &request);
        if (request.tests.count > 0)
            check_tests(config, &request);
        request_release(&request);
        break;
    case REQUEST_NO_JSON:
        must(err.kind == ERR_INVALID && err.text[0]);
        check_refused(&(struct problem){.status = 400, .code = "x", .detail = err.text});
        break;
    case REQUEST_NO_MEMORY:
        must(false);
        break;
    case REQUEST_BAD_FIELDS:
        must(errors.count > 0 && errors.count <= FIELD_ERRORS_MAX);
        check_refused(&(struct problem){.status = 422, .code = "x", .errors = &errors});
        break;
    }
    return 0;
}
