#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/submission.h"

static char place[] = "/tmp/mayfly-submission-XXXXXX";
static char *no_args[] = {NULL};
static struct inputs inputs; /* without room: none is kept */

/* In a folder of its own, so that relative paths can be tried. */
static int enter_place(void **state)
{
    (void)state;
    return mkdtemp(place) ? chdir(place) : -1;
}

static int leave_place(void **state)
{
    (void)state;
    return unlink("a") | chdir("/") | rmdir(place);
}

static void write_file(const char *content, size_t len)
{
    int fd = open("a", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, content, len), len);
    close(fd);
}

static bool is_body(const struct options *options, const char *expected)
{
    struct buf body;
    struct error why = {.text = ""};
    buf_init(&body, SUBMISSION_MAX_BYTES);
    bool is_written = submission_write(&body, options, &inputs, &why);
    struct bytes text = buf_bytes(&body);
    bool is_right = is_written && bytes_equal_string(text, expected);
    if (!is_right)
        print_error("%.*s%s\n", (int)text.len, text.data ? (const char *)text.data : "", why.text);
    buf_release(&body);
    return is_right;
}

static void names_only_what_was_asked_for(void **state)
{
    (void)state;
    write_file("print(\"\xe2\x82\xac\")\n", 13);
    struct options options = {.program = "a", .args = no_args};
    assert_true(is_body(
        &options, "{\"code\":\"print(\\\"\xe2\x82\xac\\\")\\n\",\"output_encoding\":\"base64\"}"));
    options.json = true;
    assert_true(is_body(
        &options, "{\"code\":\"print(\\\"\xe2\x82\xac\\\")\\n\",\"output_encoding\":\"utf-8\"}"));
}

static void writes_every_member(void **state)
{
    (void)state;
    write_file("1", 1);
    const char *outputs[] = {"*.csv", "out/**"};
    char first[] = "-x", second[] = "";
    char *args[] = {first, second, NULL};
    struct options_file file = {.local = "a", .remote = "data/in.csv"};
    struct options_variable env[] = {{"A", "1"}, {"\xc3\xa4", ""}};
    const struct options options = {.program = "a",
                                    .stdin_file = "a",
                                    .runtime = "python-data",
                                    .timeout_ms = 1500,
                                    .memory_bytes = 1 << 30,
                                    .cpu_millis = 1500,
                                    .pids = 8,
                                    .cpu_time_ms = 2500,
                                    .merged = true,
                                    .buffering = "line",
                                    .cell = true,
                                    .isolation = "container",
                                    .output_bytes = 100,
                                    .env = env,
                                    .env_count = 2,
                                    .args = args,
                                    .outputs = outputs,
                                    .outputs_count = 2,
                                    .files = &file,
                                    .files_count = 1};
    assert_true(is_body(
        &options,
        "{\"code\":\"1\",\"stdin\":\"1\",\"runtime\":\"python-data\","
        "\"args\":[\"-x\",\"\"],\"env\":{\"A\":\"1\",\"\xc3\xa4\":\"\"},"
        "\"buffering\":\"line\",\"mode\":\"cell\",\"isolation\":\"container\",\"timeout\":1.5,"
        "\"limits\":{\"memory_bytes\":1073741824,\"cpus\":1.5,\"cpu_time\":2.5,\"pids\":8,"
        "\"output_bytes\":100},\"output\":\"merged\",\"outputs\":[\"*.csv\",\"out/**\"],"
        "\"output_encoding\":\"base64\",\"files\":[{\"path\":\"data/in.csv\","
        "\"content\":\"1\",\"encoding\":\"utf-8\"}]}"));
}

/* A session's box gets one part of the options, and its cells get the other. */
static void a_session_and_its_cells_share_the_members(void **state)
{
    (void)state;
    struct buf body;
    struct error why;
    struct options_file file = {.local = "a", .remote = "b"};
    struct options_variable variable = {"A", "1"};
    const struct options options = {.command = OPTIONS_REPL,
                                    .runtime = "python",
                                    .timeout_ms = 1500,
                                    .idle_timeout_ms = 500,
                                    .max_lifetime_ms = 7200000,
                                    .memory_bytes = 9,
                                    .cpu_millis = 500,
                                    .pids = 8,
                                    .cpu_time_ms = 2500,
                                    .output_bytes = 100,
                                    .env = &variable,
                                    .env_count = 1,
                                    .args = no_args,
                                    .files = &file,
                                    .files_count = 1};
    write_file("1", 1);
    buf_init(&body, SUBMISSION_MAX_BYTES);
    assert_true(submission_write_session(&body, &options, "a.b", &inputs, &why));
    assert_true(holds(&body,
                      "{\"id\":\"a.b\",\"runtime\":\"python\",\"env\":{\"A\":\"1\"},"
                      "\"files\":[{\"path\":\"b\",\"content\":\"1\",\"encoding\":\"utf-8\"}],"
                      "\"limits\":{\"memory_bytes\":9,\"cpus\":0.5,\"pids\":8},"
                      "\"idle_timeout\":0.5,\"max_lifetime\":7200}"));
    buf_truncate(&body, 0);
    assert_true(submission_write_cell(&body, &options, bytes_of_string("x\n"), &inputs, &why));
    assert_true(holds(&body, "{\"code\":\"x\\n\",\"timeout\":1.5,\"limits\":{\"cpu_time\":2.5,"
                             "\"output_bytes\":100},\"output_encoding\":\"base64\"}"));
    assert_false(submission_write_cell(&body, &options, bytes_of("\xff", 1), &inputs, &why));
    assert_string_equal(why.text, "the input is not UTF-8 text");
    buf_truncate(&body, 0);
    const struct options nothing = {.command = OPTIONS_SESSION_NEW, .args = no_args};
    assert_true(submission_write_session(&body, &nothing, NULL, &inputs, &why));
    assert_true(holds(&body, "{}"));
    buf_release(&body);
}

static void bytes_travel_as_base64_or_not_at_all(void **state)
{
    (void)state;
    struct buf body;
    struct error why;
    struct options_file file = {.local = "a", .remote = "b"};
    struct options options = {
        .program = "/dev/null", .args = no_args, .files = &file, .files_count = 1};
    write_file("\xff\0", 2);
    assert_true(is_body(&options,
                        "{\"code\":\"\",\"output_encoding\":\"base64\",\"files\":["
                        "{\"path\":\"b\",\"content\":\"/wA=\",\"encoding\":\"base64\"}]}"));
    buf_init(&body, SUBMISSION_MAX_BYTES);
    options.program = "a";
    assert_false(submission_write(&body, &options, &inputs, &why));
    assert_string_equal(why.text, "a is not UTF-8 text");
    options.program = "/dev/null";
    options.stdin_file = "a";
    assert_false(submission_write(&body, &options, &inputs, &why));
    assert_string_equal(why.text, "a is not UTF-8 text");
    char argument[] = "\xc3";
    char *args[] = {argument, NULL};
    options.stdin_file = NULL;
    options.args = args;
    assert_false(submission_write(&body, &options, &inputs, &why));
    struct options_variable variable = {"A", "\xff"};
    options.args = no_args;
    options.env = &variable;
    options.env_count = 1;
    assert_false(submission_write(&body, &options, &inputs, &why));
    assert_string_equal(why.text, "the value of --env A is not UTF-8 text");
    assert_int_equal(body.len, 0);
    buf_release(&body);
}

static void says_which_file_cannot_be_read(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text;
    } rows[] = {
        {"no-such-file", "no-such-file cannot be read: No such file"},
        {"/tmp", "/tmp cannot be read: Is a directory"},
        {"/dev/zero", "/dev/zero is larger than 67108864 bytes"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf body;
        struct error why;
        const struct options options = {.program = rows[i].path, .args = no_args};
        buf_init(&body, SUBMISSION_MAX_BYTES);
        assert_false(submission_write(&body, &options, &inputs, &why));
        check(strstr(why.text, rows[i].text) != NULL, "%s", why.text);
        buf_release(&body);
    }
}

static void keeps_in_mind_what_was_sent(void **state)
{
    (void)state;
    struct buf body;
    struct inputs kept;
    struct stat here;
    struct options_file files[] = {{.local = "a", .remote = "b/c"}, {"/dev/null", "empty"}};
    const struct options options = {.program = "/dev/null",
                                    .stdin_file = "a",
                                    .args = no_args,
                                    .files = files,
                                    .files_count = 2};
    write_file("1", 1);
    assert_true(inputs_init(&kept, submission_inputs_most(&options)));
    buf_init(&body, SUBMISSION_MAX_BYTES);
    assert_true(submission_read_key(&body, "a", &kept, NULL));
    assert_true(submission_write(&body, &options, &kept, NULL));
    assert_int_equal(kept.count, 5);
    static const struct {
        const char *path, *content;
        bool is_there;
    } rows[] = {{"b/c", "1", true},     {"b/c", "2", false}, {"b/c", "", false},
                {"a", "1", false},      {"empty", "", true}, {"main.py", "", true},
                {"main.py", "1", false}};
    for (size_t i = 0; i < COUNT(rows); i++)
        check(inputs_have(&kept, bytes_of_string(rows[i].path), bytes_of_string(rows[i].content)) ==
                  rows[i].is_there,
              "row %zu", i);
    assert_int_equal(stat("a", &here), 0);
    assert_true(inputs_were_read_from(&kept, &here));
    assert_int_equal(stat("/dev/null", &here), 0);
    assert_false(inputs_were_read_from(&kept, &here));
    assert_int_equal(stat(".", &here), 0);
    assert_false(inputs_were_read_from(&kept, &here));
    buf_release(&body);
    inputs_release(&kept);
}

static void reads_keys(void **state)
{
    (void)state;
    static const struct {
        const char *content, *key; /* NULL: refused */
    } rows[] = {
        {"mf_abc-123", "mf_abc-123"},
        {"key\n", "key"},
        {"key \r\n\n", "key"},
        {"", NULL},
        {"\n", NULL},
        {"a b", NULL},
        {"a\nb", NULL},
        {"k\xc3\xa9", NULL},
        {"k\x01", NULL},
        {" key", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf key;
        buf_init(&key, 100);
        write_file(rows[i].content, strlen(rows[i].content));
        bool is_read = submission_read_key(&key, "a", &inputs, NULL);
        check(is_read == (rows[i].key != NULL), "%s", rows[i].content);
        assert_true(bytes_equal_string(buf_bytes(&key), is_read ? rows[i].key : ""));
        buf_release(&key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_only_what_was_asked_for),
        cmocka_unit_test(writes_every_member),
        cmocka_unit_test(a_session_and_its_cells_share_the_members),
        cmocka_unit_test(bytes_travel_as_base64_or_not_at_all),
        cmocka_unit_test(says_which_file_cannot_be_read),
        cmocka_unit_test(reads_keys),
        cmocka_unit_test(keeps_in_mind_what_was_sent),
    };
    return cmocka_run_group_tests(tests, enter_place, leave_place);
}
