#include "unit.h"

#include "front/api/request_reader.h"
#include "front/api/session_query.h"
#include "front/api/session_request.h"

static struct config config;
static struct session_request asked;
static struct request request;
static struct field_errors errors;

static int set_up(void **state)
{
    (void)state;
    clearenv();
    return config_load(&config, NULL) ? 0 : -1;
}

typedef void read_document(struct reading *reading, const struct json *document);

static bool decode(void *arg, struct reading *reading, const struct json *document)
{
    read_document **read = arg;
    reading->session = &asked;
    (*read)(reading, document);
    return true;
}

/* Returns whether the body is valid. */
static bool parse(read_document *read, const char *body)
{
    struct error err;
    enum request_result result = REQUEST_MORE;
    asked = (struct session_request){.id = ""};
    errors = (struct field_errors){.count = 0};
    struct request_reader *reader = request_reader_new(bytes_of_string(body), decode, &read);
    while (result == REQUEST_MORE)
        result = request_read(reader, &config, SIZE_MAX, &request, &errors, &err);
    request_reader_free(reader);
    if (result == REQUEST_OK)
        request_release(&request);
    return result == REQUEST_OK;
}

static void only_mistake_is(read_document *read, const char *body, const char *field,
                            const char *message)
{
    check(!parse(read, body), "%s", body);
    check(errors.count == 1, "%s: %zu errors", body, errors.count);
    check(strcmp(errors.entries[0].field, field) == 0, "%s: %s", body, errors.entries[0].field);
    check(strcmp(errors.entries[0].message, message) == 0, "%s: %s", body,
          errors.entries[0].message);
}

/* ---- opening ---- */

static void an_opening_may_ask_for_nothing(void **state)
{
    (void)state;
    assert_true(parse(session_request_read_opening, "{}"));
    assert_true(asked.id[0] == '\0' && !asked.idle_ms && !asked.life_ms && !asked.has_runtime);
    assert_true(!asked.limits.memory_bytes && !asked.limits.cpu_millis && !asked.limits.pids);
    assert_string_equal(request.job.runtime, "python");
}

static void an_opening_may_ask_for_all(void **state)
{
    (void)state;
    assert_true(parse(session_request_read_opening,
                      "{\"id\":\"My-1.x_\",\"runtime\":\"py\",\"env\":{\"A\":\"b\"},"
                      "\"limits\":{\"memory_bytes\":67108864,\"cpus\":0.5,\"pids\":20,"
                      "\"cpu_time\":1.5,\"output_bytes\":7},"
                      "\"files\":[{\"path\":\"a\",\"content\":\"x\"}],\"queue_timeout\":2,"
                      "\"idle_timeout\":1.5,\"max_lifetime\":86400}"));
    assert_string_equal(asked.id, "My-1.x_");
    assert_true(asked.has_runtime && asked.has_cpu_time && asked.has_output_bytes);
    assert_int_equal(asked.idle_ms, 1500);
    assert_int_equal(asked.life_ms, 86400000);
    assert_int_equal(asked.limits.memory_bytes, 67108864);
    assert_int_equal(asked.limits.cpu_millis, 500);
    assert_int_equal(asked.limits.pids, 20);
    assert_int_equal(request.job.cpu_time_ms, 1500);
    assert_int_equal(request.job.output_bytes, 7);
    assert_int_equal(request.job.queue_timeout_ms, 2000);
}

#define ID_MESSAGE                                                                                 \
    "must be 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or a digit"

static void each_mistake_of_an_opening_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *body, *field, *message;
    } rows[] = {
        {"[]", "", "must be an object"},
        {"null", "", "must be an object"},
        {"{\"id\":\"\"}", "id", ID_MESSAGE},
        {"{\"id\":\".a\"}", "id", ID_MESSAGE},
        {"{\"id\":\"-\"}", "id", ID_MESSAGE},
        {"{\"id\":\"a/b\"}", "id", ID_MESSAGE},
        {"{\"id\":\"a b\"}", "id", ID_MESSAGE},
        {"{\"id\":\"a\\u0000\"}", "id", ID_MESSAGE},
        {"{\"id\":\"\xc3\xa4\"}", "id", ID_MESSAGE},
        {"{\"id\":7}", "id", "must be a string"},
        {"{\"idle_timeout\":0.9}", "idle_timeout", "must be between 1 and 86400"},
        {"{\"idle_timeout\":86401}", "idle_timeout", "must be between 1 and 86400"},
        {"{\"max_lifetime\":0}", "max_lifetime", "must be between 1 and 86400"},
        {"{\"max_lifetime\":\"1\"}", "max_lifetime", "must be a number"},
        {"{\"env\":{\"TZ\":\"UTC\"}}", "env.TZ",
         "cannot be set: Python has read it before a session is opened"},
        {"{\"env\":{\"PYTHONHASHSEED\":\"1\"}}", "env.PYTHONHASHSEED",
         "cannot be set: Python has read it before a session is opened"},
        {"{\"env\":[]}", "env", "must be an object"},
        {"{\"limits\":{\"timeout\":1}}", "limits.timeout", "is not a field of this request"},
        {"{\"limits\":7}", "limits", "must be an object"},
        {"{\"code\":\"1\"}", "code", "is not a field of this request"},
        {"{\"args\":[]}", "args", "is not a field of this request"},
        {"{\"files\":[{\"path\":\"../a\",\"content\":\"\"}]}", "files[0].path",
         "must not have a segment that is empty, \".\" or \"..\""},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        only_mistake_is(session_request_read_opening, rows[i].body, rows[i].field, rows[i].message);
}

static void an_id_has_at_most_64_characters(void **state)
{
    (void)state;
    char text[80];
    memset(text, 'a', sizeof text);
    assert_true(job_is_session_name(bytes_of(text, 64)));
    assert_false(job_is_session_name(bytes_of(text, 65)));
    assert_false(job_is_session_name(bytes_of(text, 0)));
}

/* ---- cells ---- */

static void a_cell_has_the_fields_of_a_run(void **state)
{
    (void)state;
    assert_true(parse(session_request_read_cell,
                      "{\"code\":\"x\",\"mode\":\"cell\",\"timeout\":2,\"stdin\":\"in\","
                      "\"limits\":{\"cpu_time\":1,\"output_bytes\":9},"
                      "\"output_encoding\":\"base64\",\"output\":\"merged\",\"outputs\":[\"*\"],"
                      "\"files\":[{\"path\":\"main.txt\",\"content\":\"x\"}]}"));
    assert_int_equal(request.job.timeout_ms, 2000);
    assert_int_equal(request.job.cpu_time_ms, 1000);
    assert_int_equal(request.job.output_bytes, 9);
    assert_true(request.job.output_merged && !asked.waits);
    assert_true(parse(session_request_read_cell, "{\"code\":\"x\",\"queue_timeout\":1.5}"));
    assert_true(asked.waits && request.job.queue_timeout_ms == 1500);
}

static void a_cell_cannot_change_the_session(void **state)
{
    (void)state;
    static const char *const fixed[][2] = {
        {"{\"code\":\"x\",\"runtime\":\"python\"}", "runtime"},
        {"{\"code\":\"x\",\"env\":{}}", "env"},
        {"{\"code\":\"x\",\"limits\":{\"memory_bytes\":67108864}}", "limits.memory_bytes"},
        {"{\"code\":\"x\",\"limits\":{\"cpus\":1}}", "limits.cpus"},
        {"{\"code\":\"x\",\"limits\":{\"pids\":9}}", "limits.pids"},
    };
    static const char *const impossible[][2] = {
        {"{\"code\":\"x\",\"args\":[]}", "args"},
        {"{\"code\":\"x\",\"tests\":[]}", "tests"},
        {"{\"code\":\"x\",\"isolation\":\"auto\"}", "isolation"},
        {"{\"code\":\"x\",\"buffering\":\"line\"}", "buffering"},
        {"{\"code\":\"x\",\"total_timeout\":9}", "total_timeout"},
        {"{\"code\":\"x\",\"stop_on\":\"failure\"}", "stop_on"},
        {"{\"code\":\"x\",\"tests_output\":\"all\"}", "tests_output"},
    };
    for (size_t i = 0; i < COUNT(fixed); i++)
        only_mistake_is(session_request_read_cell, fixed[i][0], fixed[i][1],
                        "cannot be given here: it is fixed when the session is opened");
    for (size_t i = 0; i < COUNT(impossible); i++)
        only_mistake_is(session_request_read_cell, impossible[i][0], impossible[i][1],
                        "is not possible in a session");
    only_mistake_is(session_request_read_cell, "{\"code\":\"x\",\"mode\":\"script\"}", "mode",
                    "must be \"cell\": a session runs cells");
    only_mistake_is(session_request_read_cell, "{}", "code", "is required");
    only_mistake_is(session_request_read_cell, "{\"code\":\"x\",\"id\":\"a\"}", "id",
                    "is not a field of this request");
}

/* ---- keepalive ---- */

static void keepalive_may_set_the_idle_time(void **state)
{
    (void)state;
    assert_true(parse(session_request_read_keepalive, "{}") && asked.idle_ms == 0);
    assert_true(parse(session_request_read_keepalive, "{\"idle_timeout\":7}"));
    assert_int_equal(asked.idle_ms, 7000);
    only_mistake_is(session_request_read_keepalive, "{\"max_lifetime\":7}", "max_lifetime",
                    "is not a field of this request");
}

/* ---- the query of files ---- */

static void a_query_has_a_glob_and_a_time(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        int may_glob;
        uint32_t queue_timeout_ms;
        const char *glob; /* NULL: refused */
    } rows[] = {
        {"", true, 0, ""},
        {"glob=*.csv", true, 0, "*.csv"},
        {"glob=a%2Fb+c&queue_timeout=1.5", true, 1500, "a/b c"},
        {"queue_timeout=10&glob=**", true, 10000, "**"},
        {"queue_timeout=2", false, 2000, ""},
        {"glob=*", false, 0, NULL},
        {"glob=", true, 0, NULL},
        {"glob=../a", true, 0, NULL},
        {"glob=a&glob=b", true, 0, NULL},
        {"glob=%zz", true, 0, NULL},
        {"queue_timeout=0", true, 0, NULL},
        {"queue_timeout=10.001", true, 0, NULL},
        {"queue_timeout=1&queue_timeout=1", true, 0, NULL},
        {"queue_timeout=", true, 0, NULL},
        {"x=1", true, 0, NULL},
        {"&", true, 0, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf glob;
        uint32_t queue_timeout_ms;
        buf_init(&glob, 100);
        errors = (struct field_errors){.count = 0};
        session_query_read(bytes_of_string(rows[i].query), 10000, rows[i].may_glob ? &glob : NULL,
                           &queue_timeout_ms, &errors);
        check((errors.count == 0) == (rows[i].glob != NULL), "%s", rows[i].query);
        if (rows[i].glob)
            check(bytes_equal_string(buf_bytes(&glob), rows[i].glob) &&
                      queue_timeout_ms == rows[i].queue_timeout_ms,
                  "%s", rows[i].query);
        buf_release(&glob);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_opening_may_ask_for_nothing),
        cmocka_unit_test(an_opening_may_ask_for_all),
        cmocka_unit_test(each_mistake_of_an_opening_is_named),
        cmocka_unit_test(an_id_has_at_most_64_characters),
        cmocka_unit_test(a_cell_has_the_fields_of_a_run),
        cmocka_unit_test(a_cell_cannot_change_the_session),
        cmocka_unit_test(keepalive_may_set_the_idle_time),
        cmocka_unit_test(a_query_has_a_glob_and_a_time),
    };
    return cmocka_run_group_tests_name("session_request", tests, set_up, NULL);
}
