#include "unit.h"

#include <stdlib.h>

#include "common/config_table.h"
#include "common/machine.h"

extern char **environ;

/* Each test starts without the settings of the environment that runs the tests. */
static int without_settings(void **state)
{
    (void)state;
    unsetenv("DOCKER_HOST");
    for (char **entry = environ; *entry;) {
        char name[100];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*entry, "="), *entry);
        if (strncmp(name, "MAYFLY_", 7) == 0) {
            unsetenv(name);
            entry = environ;
        } else {
            entry++;
        }
    }
    return 0;
}

static void defaults_are_as_documented(void **state)
{
    (void)state;
    struct config c;
    struct error err = {0};
    check(config_load(&c, &err), "%s", err.text);
    assert_string_equal(c.listen, "127.0.0.1:8000");
    assert_string_equal(c.user, "nobody");
    assert_int_equal(c.max_body_bytes, 8 << 20);
    assert_int_equal(c.max_pending_bytes, 256 << 20);
    assert_int_equal(c.max_connections, 10240);
    assert_int_equal(c.max_connections_per_address, 10240);
    assert_int_equal(c.header_timeout_ms, 10000);
    assert_int_equal(c.write_timeout_ms, 30000);
    assert_string_equal(c.wire_socket, "/run/mayfly/wire.sock");
    assert_string_equal(c.engine_socket, "/var/run/docker.sock");
    assert_string_equal(c.oci_runtime, "");
    assert_int_equal(c.engine_timeout_ms, 10000);
    assert_int_equal(c.uid_base, 200000);
    assert_int_equal(c.uid_blocks, 4096);
    assert_int_equal(c.runtimes_count, 1);
    assert_string_equal(c.runtimes[0].name, "python");
    assert_string_equal(c.runtimes[0].image, "mayfly-python:latest");
    assert_int_equal(c.runtimes[0].warm, c.warm);
    assert_true(c.parallel_starts >= 1);
    assert_int_equal(c.warm, config_warm_that_fits(c.parallel_starts, machine_memory_bytes(""), 1));
    uint32_t boxes = 4 * c.parallel_starts + c.warm;
    assert_int_equal(c.max_boxes, boxes < 16 ? 16 : boxes);
    assert_int_equal(c.max_waiting, 1000);
    assert_int_equal(c.queue_timeout_ms, 30000);
    assert_int_equal(c.box_age_ms, 600000);
    assert_int_equal(c.default_timeout_ms, 5000);
    assert_int_equal(c.max_timeout_ms, 30000);
    assert_int_equal(c.drain_ms, 35000);
    assert_int_equal(c.default_limits.memory_bytes, 256 << 20);
    assert_int_equal(c.max_limits.memory_bytes, 1 << 30);
    assert_int_equal(c.default_limits.cpu_millis, 1000);
    assert_int_equal(c.max_limits.cpu_millis, 1000 * c.parallel_starts);
    assert_int_equal(c.default_limits.pids, 64);
    assert_int_equal(c.max_limits.pids, 256);
    assert_int_equal(c.default_output_bytes, 1 << 20);
    assert_int_equal(c.max_output_bytes, 8 << 20);
    assert_int_equal(c.tmpfs_bytes, 64 << 20);
    assert_int_equal(c.max_files_bytes, 8 << 20);
    assert_int_equal(c.output_files_bytes, 8 << 20);
    assert_int_equal(c.output_file_bytes, 4 << 20);
    assert_int_equal(c.log_format, LOG_FORMAT_AUTO);
    assert_int_equal(c.log_level, LOG_INFO);
}

static void the_pool_fits_its_machine(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint64_t cores, memory_mib, runtimes, warm;
    } rows[] = {
        {"a burst, though the memory holds more", 2, 24576, 1, 16},
        {"just a burst", 2, 16 * 24 * 8, 1, 16},
        {"a box less", 2, 16 * 24 * 8 - 1, 1, 15},
        {"two runtimes share the memory", 2, 2048, 2, 5},
        {"a runtime alone has all of it", 2, 2048, 1, 10},
        {"a small machine", 1, 512, 1, 2},
        {"one at least", 1, 64, 1, 1},
        {"and where nothing tells the memory", 4, 0, 1, 1},
        {"many cores serve more at once", 64, 262144, 1, 128},
        {"every runtime has a number of its own", 2, 24576, 0, 16},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t warm =
            config_warm_that_fits(rows[i].cores, rows[i].memory_mib << 20, rows[i].runtimes);
        check(warm == rows[i].warm, "%s: %u", rows[i].what, (unsigned)warm);
    }
}

static void runtimes_with_a_number_take_none_of_the_default(void **state)
{
    (void)state;
    struct config one, c;
    struct error err = {0};
    check(config_load(&one, &err), "%s", err.text);
    setenv("MAYFLY_RUNTIMES", "a=i,b=i=2", 1);
    check(config_load(&c, &err), "%s", err.text);
    assert_int_equal(c.runtimes[0].warm, one.warm);
    assert_int_equal(c.runtimes[1].warm, 2);
}

static void reads_each_kind_of_value(void **state)
{
    (void)state;
    struct config c;
    struct error err = {0};
    setenv("MAYFLY_LISTEN", "[::1]:80", 1);
    setenv("DOCKER_HOST", "unix:///a b/docker.sock", 1);
    setenv("MAYFLY_RUNTIMES", "python=reg.example:5000/a_b/C.d@sha256:0a=7,node-18.1=n", 1);
    setenv("MAYFLY_WARM", "3", 1);
    setenv("MAYFLY_MAX_BOXES", "10", 1);
    setenv("MAYFLY_MAX_TIMEOUT_MS", "60000", 1);
    setenv("MAYFLY_MEMORY_BYTES", "33554432", 1);
    setenv("MAYFLY_MAX_MEMORY_BYTES", "2GiB", 1);
    setenv("MAYFLY_TMPFS_BYTES", "1025KiB", 1);
    setenv("MAYFLY_CPUS", "0.05", 1);
    setenv("MAYFLY_LOG", "text", 1);
    setenv("MAYFLY_LOG_LEVEL", "error", 1);
    setenv("MAYFLY_USER", "", 1);
    setenv("MAYFLY_HOSTS", "front,a.b_c-1.Example", 1);
    setenv("MAYFLY_CORS_ORIGINS", "https://a:80,http://[::1]:3000,app+x://b", 1);
    check(config_load(&c, &err), "%s", err.text);
    assert_string_equal(c.listen, "[::1]:80");
    assert_string_equal(c.engine_socket, "/a b/docker.sock");
    assert_int_equal(c.runtimes_count, 2);
    assert_string_equal(c.runtimes[0].image, "reg.example:5000/a_b/C.d@sha256:0a");
    assert_int_equal(c.runtimes[0].warm, 7);
    assert_string_equal(c.runtimes[1].name, "node-18.1");
    assert_string_equal(c.runtimes[1].image, "n");
    assert_int_equal(c.runtimes[1].warm, 3);
    assert_int_equal(config_runtime_index(&c, bytes_of_string("node-18.1")), 1);
    assert_int_equal(config_runtime_index(&c, bytes_of_string("node")), -1);
    assert_int_equal(c.drain_ms, 65000);
    assert_int_equal(c.default_limits.memory_bytes, 32 << 20);
    assert_true(c.max_limits.memory_bytes == UINT64_C(2) << 30);
    assert_int_equal(c.tmpfs_bytes, 1025 << 10);
    assert_int_equal(c.max_files_bytes, 1025 << 10);
    assert_int_equal(c.default_limits.cpu_millis, 50);
    assert_int_equal(c.log_format, LOG_FORMAT_TEXT);
    assert_int_equal(c.log_level, LOG_ERROR);
    assert_string_equal(c.user, "nobody");
    assert_string_equal(c.hosts, "front,a.b_c-1.Example");
    assert_string_equal(c.cors_origins, "https://a:80,http://[::1]:3000,app+x://b");
    assert_int_equal(config_max_cpu_time_ms(&c), 60 * c.max_limits.cpu_millis);
}

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
static const struct {
    const char *name, *value;
    const char *range; /* a part of the sentence */
} bad_values[] = {
    {"MAYFLY_WARM", "x", "from 0 to 1000"},
    {"MAYFLY_WARM", "-1", "from 0 to 1000"},
    {"MAYFLY_WARM", " 1", "from 0 to 1000"},
    {"MAYFLY_WARM", "1001", "from 0 to 1000"},
    {"MAYFLY_WARM", "4294967297", "from 0 to 1000"},
    {"MAYFLY_WARM", "1KiB", "from 0 to 1000"},
    {"MAYFLY_MAX_BOXES", "0", "from 1 to 1024"},
    {"MAYFLY_TIMEOUT_MS", "99", "from 100 to 3600000"},
    {"MAYFLY_MEMORY_BYTES", "31MiB", "from 32MiB to 1TiB"},
    {"MAYFLY_MEMORY_BYTES", "256MB", "from 32MiB to 1TiB"},
    {"MAYFLY_MEMORY_BYTES", "256M", "from 32MiB to 1TiB"},
    {"MAYFLY_MEMORY_BYTES", "256 MiB", "from 32MiB to 1TiB"},
    {"MAYFLY_MEMORY_BYTES", "0.5GiB", "from 32MiB to 1TiB"},
    {"MAYFLY_MEMORY_BYTES", "MiB", "from 32MiB to 1TiB"},
    {"MAYFLY_MEMORY_BYTES", "18446744073709551615KiB", "from 32MiB to 1TiB"},
    {"MAYFLY_MEMORY_BYTES", "17179869185GiB", "from 32MiB to 1TiB"},
    {"MAYFLY_CPUS", "0.049", "from 0.05 to 1024"},
    {"MAYFLY_CPUS", "1.0001", "from 0.05 to 1024"},
    {"MAYFLY_CPUS", "1,5", "from 0.05 to 1024"},
    {"MAYFLY_LOG", "JSON", "one of auto, json, text"},
    {"MAYFLY_LOG_LEVEL", "trace", "one of debug, info, warning, error"},
    {"MAYFLY_USER", A50 A50, "at most 63 bytes"},
    {"MAYFLY_USER", "a\nb", "printable"},
    {"MAYFLY_LISTEN", "a\nb:80", "address:port, at most 127 bytes"},
    {"MAYFLY_METRICS_LISTEN", "9000", "address:port, at most 127 bytes"},
    {"DOCKER_HOST", "tcp://127.0.0.1:2375", "unix:// and an absolute path"},
    {"DOCKER_HOST", "tcp://engine:2376", "Run Mayfly, or its broker, on that host"},
    {"DOCKER_HOST", "ssh://host", "unix:// and an absolute path"},
    {"DOCKER_HOST", "ssh://host", "Run Mayfly, or its broker, on that host"},
    {"DOCKER_HOST", "http://host", "Run Mayfly, or its broker, on that host"},
    {"DOCKER_HOST", "npipe:////./pipe/docker_engine", "Run Mayfly, or its broker, on that host"},
    {"DOCKER_HOST", "fd://", "Run Mayfly, or its broker, on that host"},
    {"DOCKER_HOST", "docker.sock", "unix:// and an absolute path"},
    {"DOCKER_HOST", "unix://", "unix:// and an absolute path"},
    {"DOCKER_HOST", "/var/run/docker.sock", "unix:// and an absolute path"},
    {"DOCKER_HOST", "unix://docker.sock", "unix:// and an absolute path"},
    {"DOCKER_HOST", "unix:///" A50 A50, "at most 99 bytes"},
    {"MAYFLY_HOSTS", "*", "names without ports"},
    {"MAYFLY_HOSTS", "a:80", "names without ports"},
    {"MAYFLY_HOSTS", "a, b", "names without ports"},
    {"MAYFLY_HOSTS", "a,", "names without ports"},
    {"MAYFLY_HOSTS", "http://a", "names without ports"},
    {"MAYFLY_CORS_ORIGINS", "*", "scheme://host"},
    {"MAYFLY_CORS_ORIGINS", "null", "scheme://host"},
    {"MAYFLY_CORS_ORIGINS", "app.example", "scheme://host"},
    {"MAYFLY_CORS_ORIGINS", "://app.example", "scheme://host"},
    {"MAYFLY_CORS_ORIGINS", "https://", "scheme://host"},
    {"MAYFLY_CORS_ORIGINS", "https://*.example", "scheme://host"},
    {"MAYFLY_CORS_ORIGINS", "https://App.example", "scheme://host"},
    {"MAYFLY_CORS_ORIGINS", "https://app.example/", "scheme://host"},
    {"MAYFLY_CORS_ORIGINS", "https://app.example:443", "scheme://host"},
    {"MAYFLY_CORS_ORIGINS", "http://app.example:80", "scheme://host"},
    {"MAYFLY_CORS_ORIGINS", "https://a,,https://b", "scheme://host"},
    {"MAYFLY_CORS_ORIGINS", "https://a https://b", "scheme://host"},
    {"MAYFLY_RUNTIMES", "python", "name=image"},
    {"MAYFLY_RUNTIMES", "python=", "name=image"},
    {"MAYFLY_RUNTIMES", "=image", "name=image"},
    {"MAYFLY_RUNTIMES", "Python=image", "name=image"},
    {"MAYFLY_RUNTIMES", "a b=image", "name=image"},
    {"MAYFLY_RUNTIMES", "python=im age", "name=image"},
    {"MAYFLY_RUNTIMES", "python=image=", "name=image"},
    {"MAYFLY_RUNTIMES", "python=image=1001", "name=image"},
    {"MAYFLY_RUNTIMES", "python=image=1=2", "name=image"},
    {"MAYFLY_RUNTIMES", "python=image,", "name=image"},
    {"MAYFLY_RUNTIMES", ",python=image", "name=image"},
    {"MAYFLY_RUNTIMES", "a=b,a=c", "no name twice"},
    {"MAYFLY_RUNTIMES", "a=i,b=i,c=i,d=i,e=i,f=i,g=i,h=i,j=i", "at most 8"},
    {"MAYFLY_RUNTIMES", "abcdefghijklmnopqrstuvwxyzabcdef=i", "name=image"},
};

static void a_bad_value_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_values); i++) {
        struct config c = {.warm = 4711};
        struct error err = {0};
        setenv(bad_values[i].name, bad_values[i].value, 1);
        check(!config_load(&c, &err), "%s=%s", bad_values[i].name, bad_values[i].value);
        check(err.kind == ERR_INVALID && c.warm == 4711, "%s", bad_values[i].name);
        char begin[120];
        snprintf(begin, sizeof begin, "%s is \"%.60s\": must be ", bad_values[i].name,
                 bad_values[i].value);
        check(strncmp(err.text, begin, strlen(begin)) == 0, "%s: %s", begin, err.text);
        check(strstr(err.text, bad_values[i].range) != NULL, "%s: %s", bad_values[i].range,
              err.text);
        unsetenv(bad_values[i].name);
    }
}

static void a_default_above_its_maximum_names_both(void **state)
{
    (void)state;
    setenv("MAYFLY_TMPFS_BYTES", "1MiB", 1);
    static const struct {
        const char *name, *value, *other;
    } rows[] = {
        {"MAYFLY_MEMORY_BYTES", "2GiB", "MAYFLY_MAX_MEMORY_BYTES is 1GiB"},
        {"MAYFLY_MAX_MEMORY_BYTES", "128MiB", "MAYFLY_MEMORY_BYTES is 256MiB"},
        {"MAYFLY_CPUS", "1000.5", "MAYFLY_MAX_CPUS is "},
        {"MAYFLY_PIDS", "257", "MAYFLY_MAX_PIDS is 256"},
        {"MAYFLY_TIMEOUT_MS", "30001", "MAYFLY_MAX_TIMEOUT_MS is 30000"},
        {"MAYFLY_OUTPUT_BYTES", "9MiB", "MAYFLY_MAX_OUTPUT_BYTES is 8MiB"},
        {"MAYFLY_MAX_FILES_BYTES", "2MiB", "MAYFLY_TMPFS_BYTES is 1MiB"},
        {"MAYFLY_OUTPUT_FILES_BYTES", "3MiB", "MAYFLY_OUTPUT_FILE_BYTES is 4MiB"},
        {"MAYFLY_MAX_BOXES", "3", "MAYFLY_WARM and MAYFLY_RUNTIMES"},
        {"MAYFLY_MAX_SESSION_MS", "5000", "MAYFLY_SESSION_"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config c;
        struct error err = {0};
        char own[80];
        snprintf(own, sizeof own, "%s is %s", rows[i].name, rows[i].value);
        setenv(rows[i].name, rows[i].value, 1);
        check(!config_load(&c, &err), "%s", own);
        check(strstr(err.text, own) && strstr(err.text, rows[i].other), "%s: %s", own, err.text);
        unsetenv(rows[i].name);
    }
}

static void a_quarter_of_the_boxes_is_left_for_runs(void **state)
{
    (void)state;
    static const struct {
        uint32_t max_boxes, sessions_max, most;
    } rows[] = {{1, 5, 0}, {2, 5, 1}, {4, 9, 3}, {16, 99, 12}, {16, 4, 4}, {16, 0, 0}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config c = {.max_boxes = rows[i].max_boxes, .sessions_max = rows[i].sessions_max};
        check(config_sessions_most(&c) == rows[i].most, "row %zu", i);
    }
}

static void sessions_get_a_quarter_of_the_boxes(void **state)
{
    (void)state;
    struct config c;
    setenv("MAYFLY_WARM", "1", 1);
    static const char *const boxes[] = {"1", "2", "7", "8", "100"};
    static const uint32_t sessions[] = {0, 1, 1, 2, 25};
    for (size_t i = 0; i < COUNT(boxes); i++) {
        setenv("MAYFLY_MAX_BOXES", boxes[i], 1);
        assert_true(config_load(&c, NULL));
        assert_int_equal(c.sessions_max, sessions[i]);
        assert_int_equal(c.sessions_per_key, sessions[i]);
    }
    unsetenv("MAYFLY_MAX_BOXES");
    unsetenv("MAYFLY_WARM");
}

struct complaints {
    size_t count;
    char text[8][ERROR_TEXT_BYTES];
};

static void note(void *arg, const struct error *why)
{
    struct complaints *complaints = arg;
    assert_int_equal(why->kind, ERR_INVALID);
    assert_true(complaints->count < COUNT(complaints->text));
    snprintf(complaints->text[complaints->count++], sizeof complaints->text[0], "%s", why->text);
}

/* A value that is wrong by itself is not compared with others. */
static void every_bad_value_is_named(void **state)
{
    (void)state;
    struct config c = {.warm = 4711};
    struct complaints complaints = {.count = 0};
    setenv("MAYFLY_LISTEN", "here", 1);
    setenv("MAYFLY_WARM", "x", 1);
    setenv("MAYFLY_PIDS", "300", 1);
    setenv("MAYFLY_MAX_TIMEOUT_MS", "1", 1);
    setenv("MAYFLY_TIMEOUT_MS", "60000", 1);
    assert_false(config_read(&c, note, &complaints));
    assert_int_equal(complaints.count, 4);
    assert_non_null(strstr(complaints.text[0], "MAYFLY_LISTEN is \"here\""));
    assert_non_null(strstr(complaints.text[1], "MAYFLY_WARM is \"x\""));
    assert_non_null(strstr(complaints.text[2], "MAYFLY_MAX_TIMEOUT_MS is \"1\""));
    assert_non_null(strstr(complaints.text[3], "MAYFLY_PIDS is 300, and MAYFLY_MAX_PIDS is 256"));
    assert_int_equal(c.warm, 4711);
}

static char *printed(const struct config *c)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    config_print(c, out);
    fclose(out);
    return text;
}

static void what_is_printed_reads_back(void **state)
{
    (void)state;
    struct config c, again;
    setenv("MAYFLY_RUNTIMES", "python=image:1=2,other=image", 1);
    setenv("MAYFLY_CPUS", "1.25", 1);
    setenv("MAYFLY_MAX_CPUS", "2", 1);
    setenv("MAYFLY_MAX_BODY_BYTES", "1000000", 1);
    setenv("MAYFLY_OCI_RUNTIME", "crun", 1);
    assert_true(config_load(&c, NULL));
    char *text = printed(&c);
    assert_non_null(strstr(text, "MAYFLY_CPUS=1.25\n"));
    assert_non_null(strstr(text, "MAYFLY_MAX_BODY_BYTES=1000000\n"));
    assert_non_null(strstr(text, "DOCKER_HOST=unix:///var/run/docker.sock\n"));
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        char *value = strchr(line, '=');
        assert_non_null(value);
        *value = '\0';
        setenv(line, value + 1, 1);
    }
    assert_true(config_load(&again, NULL));
    free(text);
    char *first = printed(&c), *second = printed(&again);
    assert_string_equal(first, second);
    free(first);
    free(second);
}

static void help_shows_every_setting(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    config_print_help(out);
    fclose(out);
    struct config c;
    assert_true(config_load(&c, NULL));
    char *values = printed(&c), *rest = values;
    for (char *line; (line = strsep(&rest, "\n")) && *line;)
        check(strstr(text, line) != NULL, "%s", line);
    free(values);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_quarter_of_the_boxes_is_left_for_runs, without_settings),
        cmocka_unit_test_setup(sessions_get_a_quarter_of_the_boxes, without_settings),
        cmocka_unit_test_setup(defaults_are_as_documented, without_settings),
        cmocka_unit_test_setup(the_pool_fits_its_machine, without_settings),
        cmocka_unit_test_setup(runtimes_with_a_number_take_none_of_the_default, without_settings),
        cmocka_unit_test_setup(reads_each_kind_of_value, without_settings),
        cmocka_unit_test_setup(a_bad_value_is_named, without_settings),
        cmocka_unit_test_setup(a_default_above_its_maximum_names_both, without_settings),
        cmocka_unit_test_setup(every_bad_value_is_named, without_settings),
        cmocka_unit_test_setup(what_is_printed_reads_back, without_settings),
        cmocka_unit_test_setup(help_shows_every_setting, without_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
