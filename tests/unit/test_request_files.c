#include "unit.h"

#include <stdio.h>

#include "request_config.h"

#include "asking.h"

/* Returns the body of a request with a program and these members. */
static const char *with(const char *members)
{
    static char body[1000];
    snprintf(body, sizeof body, "{\"code\":\"x\",%s}", members);
    return body;
}

static void files_reach_the_job(void **state)
{
    (void)state;
    static const struct {
        const char *path, *content;
        size_t len;
    } expected[] = {{"a.txt", "caf\xC3\xA9", 5},
                    {"d/b", "\0\xFF", 2},
                    {"d/empty", "", 0},
                    {"d/none", "", 0},
                    {"e", "=", 1}};
    struct buf out;
    struct job job;
    struct bytes path, content;
    uint16_t tag;
    assert_int_equal(parse(with("\"files\":[{\"path\":\"a.txt\",\"content\":\"caf\\u00e9\"},"
                                "{\"encoding\":\"base64\",\"content\":\"AP8=\",\"path\":\"d/b\"},"
                                "{\"path\":\"d/empty\",\"content\":\"\",\"encoding\":\"utf-8\"},"
                                "{\"path\":\"d/none\",\"content\":\"\",\"encoding\":\"base64\"},"
                                "{\"path\":\"e\",\"content\":\"PQ==\",\"encoding\":\"base64\"}]")),
                     REQUEST_OK);
    buf_init(&out, 4096);
    assert_true(write_request(&out));
    request_release(&request);
    assert_true(job_decode(buf_bytes(&out), &job, &err));
    struct bytes cursor = job.fields;
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_true(job_next(&cursor, WIRE_TAG_FILE_PATH, &path));
        assert_true(wire_next(&cursor, &tag, &content));
        check(bytes_equal_string(path, expected[i].path), "%zu", i);
        assert_int_equal(content.len, expected[i].len);
        assert_memory_equal(content.data, expected[i].content, content.len);
    }
    assert_false(job_next(&cursor, WIRE_TAG_FILE_PATH, &path));
    assert_int_equal(job.files_bytes, 0);
    buf_release(&out);
}

static void outputs_reach_the_job(void **state)
{
    (void)state;
    struct buf out;
    struct job job;
    struct bytes glob;
    assert_int_equal(parse(with("\"outputs\":[\"*.csv\",\"out/**\"]")), REQUEST_OK);
    buf_init(&out, 4096);
    assert_true(write_request(&out));
    request_release(&request);
    assert_true(job_decode(buf_bytes(&out), &job, &err));
    assert_int_equal(job.files_bytes, 8000);
    assert_int_equal(job.file_bytes, 4000);
    struct bytes cursor = job.fields;
    assert_true(job_next(&cursor, WIRE_TAG_OUTPUT_GLOB, &glob));
    assert_true(bytes_equal_string(glob, "*.csv"));
    assert_true(job_next(&cursor, WIRE_TAG_OUTPUT_GLOB, &glob));
    assert_true(bytes_equal_string(glob, "out/**"));
    assert_false(job_next(&cursor, WIRE_TAG_OUTPUT_GLOB, &glob));
    buf_release(&out);
}

/* /mnt/data is a link to /box. */
static void paths_from_the_root_are_below_box(void **state)
{
    (void)state;
    struct buf out;
    struct job job;
    struct bytes path, glob;
    assert_int_equal(
        parse(with("\"files\":[{\"path\":\"/mnt/data/in.txt\",\"content\":\"\"},"
                   "{\"path\":\"/box/d/in.txt\",\"content\":\"\"}],"
                   "\"outputs\":[\"/mnt/data/*.csv\",\"/box/out/**\",\"mnt/data/x\"]")),
        REQUEST_OK);
    buf_init(&out, 4096);
    assert_true(write_request(&out));
    request_release(&request);
    assert_true(job_decode(buf_bytes(&out), &job, &err));
    struct bytes cursor = job.fields;
    assert_true(job_next(&cursor, WIRE_TAG_FILE_PATH, &path));
    assert_true(bytes_equal_string(path, "in.txt"));
    assert_true(job_next(&cursor, WIRE_TAG_FILE_PATH, &path));
    assert_true(bytes_equal_string(path, "d/in.txt"));
    static const char *const globs[] = {"*.csv", "out/**", "mnt/data/x"};
    for (size_t i = 0; i < COUNT(globs); i++) {
        assert_true(job_next(&cursor, WIRE_TAG_OUTPUT_GLOB, &glob));
        assert_true(bytes_equal_string(glob, globs[i]));
    }
    buf_release(&out);
}

static void nothing_asked_is_nothing_sent(void **state)
{
    (void)state;
    assert_int_equal(parse(with("\"files\":[],\"outputs\":[]")), REQUEST_OK);
    assert_int_equal(request.files.count, 0);
    assert_int_equal(request.job.files_bytes, 0);
    assert_null(request.outputs);
    request_release(&request);
}

static void each_mistake_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *members, *field, *message;
    } rows[] = {
        {"\"files\":{}", "files", "must be an array"},
        {"\"files\":[3]", "files[0]", "must be an object"},
        {"\"files\":[{\"path\":\"a\"}]", "files[0].content", "is required"},
        {"\"files\":[{\"content\":\"a\"}]", "files[0].path", "is required"},
        {"\"files\":[{\"path\":1,\"content\":\"\"}]", "files[0].path", "must be a string"},
        {"\"files\":[{\"path\":\"a\",\"content\":null}]", "files[0].content", "must be a string"},
        {"\"files\":[{\"path\":\"a\",\"content\":\"\",\"mode\":420}]", "files[0].mode",
         "is not a field of this request"},
        {"\"files\":[{\"path\":\"a\",\"content\":\"\",\"encoding\":\"hex\"}]", "files[0].encoding",
         "must be \"utf-8\" or \"base64\""},
        {"\"files\":[{\"path\":\"a\",\"content\":\"A\",\"encoding\":\"base64\"}]",
         "files[0].content", "is not base64 (RFC 4648, padded)"},
        {"\"files\":[{\"path\":\"a\",\"content\":\"QQ=\\n\",\"encoding\":\"base64\"}]",
         "files[0].content", "is not base64 (RFC 4648, padded)"},
        {"\"files\":[{\"path\":\"a\",\"content\":\"QR==\",\"encoding\":\"base64\"}]",
         "files[0].content", "is not base64 (RFC 4648, padded)"},
        {"\"files\":[{\"path\":\"\",\"content\":\"\"}]", "files[0].path",
         "must be between 1 and 1024 bytes long"},
        {"\"files\":[{\"path\":\"/etc/x\",\"content\":\"\"}]", "files[0].path",
         "must be relative to /box"},
        {"\"files\":[{\"path\":\"a/../b\",\"content\":\"\"}]", "files[0].path",
         "must not have a segment that is empty, \".\" or \"..\""},
        {"\"files\":[{\"path\":\"a\\u0000b\",\"content\":\"\"}]", "files[0].path",
         "must not contain a control character"},
        {"\"files\":[{\"path\":\"main.py\",\"content\":\"\"}]", "files[0].path",
         "is the path of the program itself"},
        {"\"files\":[{\"path\":\"main.py/a\",\"content\":\"\"}]", "files[0].path",
         "uses the program, main.py, as a directory"},
        {"\"files\":[{\"path\":\"a\",\"content\":\"\"},{\"path\":\"b\",\"content\":\"\"},"
         "{\"path\":\"a\",\"content\":\"\"}]",
         "files[2].path", "is the same as files[0].path"},
        {"\"files\":[{\"path\":\"a\",\"content\":\"\"},{\"path\":\"a/b\",\"content\":\"\"}]",
         "files[1].path", "uses another file as a directory: files[0].path"},
        {"\"files\":[{\"path\":\"a/b/c\",\"content\":\"\"},{\"path\":\"a/b\",\"content\":\"\"}]",
         "files[1].path", "is also used as a directory by files[0].path"},
        {"\"outputs\":\"*\"", "outputs", "must be an array"},
        {"\"outputs\":[\"*\",1]", "outputs[1]", "must be a string"},
        {"\"outputs\":[\"/boxes/*\"]", "outputs[0]", "must be relative to /box"},
        {"\"outputs\":[\"..\"]", "outputs[0]",
         "must not have a segment that is empty, \".\" or \"..\""},
        {"\"outputs\":[\"\"]", "outputs[0]", "must be between 1 and 1024 bytes long"},
        {"\"outputs\":[\"[a\"]", "outputs[0]",
         "must close each \"[\" with a \"]\" in the same segment"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        only_mistake_is(with(rows[i].members), rows[i].field, rows[i].message);
}

static void all_mistakes_are_named_at_once(void **state)
{
    (void)state;
    assert_int_equal(
        parse(with("\"files\":[{\"path\":\"/a\",\"content\":1},{},"
                   "{\"path\":\"b\",\"content\":\"\",\"x\":1}],\"outputs\":[\"/\",2]")),
        REQUEST_BAD_FIELDS);
    assert_int_equal(errors.count, 7);
}

static void mistakes_of_one_file_hide_none_of_files_together(void **state)
{
    (void)state;
    static const char *const fields[] = {"timeout", "files[0].path", "files[1].path",
                                         "files[4].path", "files[3].content"};
    assert_int_equal(parse(with("\"timeout\":0,\"files\":["
                                "{\"path\":\"/a\",\"content\":\"\"},"
                                "{\"path\":\"\",\"content\":\"\"},"
                                "{\"path\":\"b\",\"content\":\"\"},"
                                "{\"path\":\"c\",\"content\":\"!\",\"encoding\":\"base64\"},"
                                "{\"path\":\"b\",\"content\":\"\"}]")),
                     REQUEST_BAD_FIELDS);
    assert_int_equal(errors.count, COUNT(fields));
    for (size_t i = 0; i < COUNT(fields); i++)
        assert_string_equal(errors.entries[i].field, fields[i]);
}

static void lists_have_their_caps(void **state)
{
    (void)state;
    for (int over = 0; over <= 1; over++) {
        struct buf body;
        buf_init(&body, 1 << 20);
        buf_append_string(&body, "{\"code\":\"x\",\"files\":[");
        for (int i = 0; i < REQUEST_FILES_MAX + over; i++)
            buf_printf(&body, "%s{\"path\":\"%d\",\"content\":\"\"}", i ? "," : "", i);
        buf_append_string(&body, "],\"outputs\":[");
        for (int i = 0; i < REQUEST_OUTPUTS_MAX + over; i++)
            buf_append_string(&body, i ? ",\"*\"" : "\"*\"");
        buf_append_string(&body, "]}");
        assert_int_equal(parse_body(buf_bytes(&body)), over ? REQUEST_BAD_FIELDS : REQUEST_OK);
        assert_int_equal(errors.count, over ? 2 : 0);
        if (!over)
            request_release(&request);
        buf_release(&body);
    }
}

static void bytes_count_as_they_are_laid_out(void **state)
{
    (void)state;
    const char two_files[] = "\"files\":[{\"path\":\"a\",\"content\":\"12345\"},"
                             "{\"path\":\"b\",\"content\":\"AAAAAA==\",\"encoding\":\"base64\"}]";
    config.max_files_bytes = 9;
    assert_int_equal(parse(with(two_files)), REQUEST_OK);
    request_release(&request);
    config.max_files_bytes = 8;
    only_mistake_is(with(two_files), "files", "must be at most 8 bytes in all");
    config.max_files_bytes = 16 << 20;
}

static void files_leave_the_program_most_of_its_memory(void **state)
{
    (void)state;
    static const char limits[] = "],\"limits\":{\"memory_bytes\":33554432}}";
    for (size_t over = 0; over <= 1; over++) {
        struct buf body;
        size_t len = (8 << 20) + over;
        buf_init(&body, 9 << 20);
        buf_append_string(&body, "{\"code\":\"x\",\"files\":[{\"path\":\"a\",\"content\":\"");
        memset(buf_reserve(&body, len), 'v', len);
        buf_commit(&body, len);
        buf_append_string(&body, "\"}");
        buf_append_string(&body, limits);
        assert_int_equal(parse_body(buf_bytes(&body)), over ? REQUEST_BAD_FIELDS : REQUEST_OK);
        if (!over)
            request_release(&request);
        buf_release(&body);
    }
    assert_string_equal(errors.entries[0].field, "files");
    assert_string_equal(errors.entries[0].message,
                        "must be at most 8388608 bytes in all: a quarter of limits.memory_bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_reach_the_job),
        cmocka_unit_test(outputs_reach_the_job),
        cmocka_unit_test(paths_from_the_root_are_below_box),
        cmocka_unit_test(nothing_asked_is_nothing_sent),
        cmocka_unit_test(each_mistake_is_named),
        cmocka_unit_test(all_mistakes_are_named_at_once),
        cmocka_unit_test(mistakes_of_one_file_hide_none_of_files_together),
        cmocka_unit_test(lists_have_their_caps),
        cmocka_unit_test(bytes_count_as_they_are_laid_out),
        cmocka_unit_test(files_leave_the_program_most_of_its_memory),
    };
    return cmocka_run_group_tests_name("request files", tests, NULL, NULL);
}
