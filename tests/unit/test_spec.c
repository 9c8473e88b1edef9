/* The create JSON: every protection is there, with the numbers that were asked for. */
#include "unit.h"

#include <stdio.h>

#include "broker/engine/spec.h"
#include "common/json.h"

static const struct docker_engine engine = {.cpus = 2};
static const struct docker_image image = {.id = "sha256:0123", .template = "/template"};

static struct spec sample(void)
{
    return (struct spec){
        .engine = &engine,
        .image = &image,
        .limits = {.memory_bytes = 268435456, .cpu_millis = 1500, .pids = 64},
        .uid = 200007,
        .tmpfs_bytes = 67108864,
        .idle_ms = 660000,
        .instance = "0123abcd",
        .deadline_ms = UINT64_C(1700000000000),
        .seccomp = bytes_of_string("{\\\"defaultAction\\\":\\\"SCMP_ACT_ERRNO\\\"}"),
        .oci_runtime = "",
    };
}

static struct json *written(const struct spec *spec)
{
    struct buf out;
    struct error err;
    buf_init(&out, 65536);
    assert_true(spec_write(spec, &out));
    struct json *document = json_parse(buf_bytes(&out).data, out.len, &err);
    check(document != NULL, "%s", err.text);
    buf_release(&out);
    return document;
}

/* The value at "HostConfig.Memory", say, as the JSON text of a scalar, or of a list's first item.
 */
static const char *at(const struct json *value, const char *path)
{
    static char text[512];
    char name[64];
    while (*path) {
        size_t len = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)len, path);
        value = json_get(value, name);
        path += path[len] ? len + 1 : len;
    }
    if (json_type_of(value) == JSON_ARRAY)
        value = json_array_at(value, 0);
    switch (json_type_of(value)) {
    case JSON_STRING:
        snprintf(text, sizeof text, "%.*s", (int)json_string(value).len,
                 (const char *)json_string(value).data);
        return text;
    case JSON_NUMBER:
        snprintf(text, sizeof text, "%.0f", json_number(value));
        return text;
    case JSON_BOOL:
        return json_bool(value) ? "true" : "false";
    case JSON_NULL:
        return "null";
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return "?";
}

static void holds_every_protection(void **state)
{
    (void)state;
    static const struct {
        const char *path, *value;
    } rows[] = {
        {"Image", "sha256:0123"},
        {"User", "200007:200007"},
        {"Entrypoint", "/mayfly-init"},
        {"Cmd", "/template"},
        {"WorkingDir", "/box"},
        {"Tty", "false"},
        {"OpenStdin", "true"},
        {"StdinOnce", "true"},
        {"AttachStdin", "true"},
        {"AttachStdout", "true"},
        {"AttachStderr", "true"},
        {"Env", "PATH=" SPEC_PATH},
        {"StopSignal", "SIGKILL"},
        {"StopTimeout", "1"},
        {"NetworkDisabled", "true"},
        {"HostConfig.NetworkMode", "none"},
        {"HostConfig.ReadonlyRootfs", "true"},
        {"HostConfig.Privileged", "false"},
        {"HostConfig.CapDrop", "ALL"},
        {"HostConfig.SecurityOpt", "no-new-privileges"},
        {"HostConfig.CgroupnsMode", "private"},
        {"HostConfig.IpcMode", "private"},
        {"HostConfig.ShmSize", "67108864"},
        {"HostConfig.PidMode", ""},
        {"HostConfig.UTSMode", ""},
        {"HostConfig.UsernsMode", ""},
        {"HostConfig.Dns", "127.0.0.1"},
        {"HostConfig.OomScoreAdj", "500"},
        {"HostConfig.CpuShares", "256"},
        {"HostConfig.MaskedPaths", "/proc/acpi"},
        {"HostConfig.ReadonlyPaths", "/proc/bus"},
        {"HostConfig.PublishAllPorts", "false"},
        {"Healthcheck.Test", "NONE"},
        {"Hostname", "box"},
        {"Domainname", ""},
        {"HostConfig.Memory", "268435456"},
        {"HostConfig.MemorySwap", "268435456"},
        {"HostConfig.NanoCpus", "1500000000"},
        {"HostConfig.PidsLimit", "64"},
        {"HostConfig.OomKillDisable", "false"},
        {"HostConfig.LogConfig.Type", "none"},
        {"HostConfig.RestartPolicy.Name", "no"},
        {"HostConfig.AutoRemove", "false"},
        {"HostConfig.Init", "false"},
        {"HostConfig.Runtime", "null"},
    };
    struct spec spec = sample();
    struct json *document = written(&spec);
    for (size_t i = 0; i < COUNT(rows); i++)
        check(strcmp(at(document, rows[i].path), rows[i].value) == 0, "%s is %s, not %s",
              rows[i].path, at(document, rows[i].path), rows[i].value);
    json_free(document);
}

static void labels_and_tmpfs_name_their_numbers(void **state)
{
    (void)state;
    struct spec spec = sample();
    struct json *document = written(&spec);
    const struct json *labels = json_get(document, "Labels");
    assert_string_equal(at(json_get(labels, "mayfly.managed"), ""), "1");
    assert_string_equal(at(json_get(labels, "mayfly.instance"), ""), "0123abcd");
    assert_string_equal(at(json_get(labels, "mayfly.deadline_ms"), ""), "1700000000000");
    const struct json *tmpfs = json_get(json_get(document, "HostConfig"), "Tmpfs");
    static const char *const paths[] = {"/box", "/tmp"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        const char *options = at(json_get(tmpfs, paths[i]), "");
        assert_non_null(strstr(options, "size=67108864,"));
        assert_non_null(strstr(options, "uid=200007,gid=200007,"));
        assert_non_null(strstr(options, "nosuid,nodev,noexec"));
    }
    json_free(document);
}

static void empty_lists_are_said(void **state)
{
    (void)state;
    static const char *const names[] = {"CapAdd",  "Binds",          "Mounts",
                                        "Devices", "DeviceRequests", "GroupAdd"};
    struct spec spec = sample();
    struct json *document = written(&spec);
    const struct json *host = json_get(document, "HostConfig");
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct json *list = json_get(host, names[i]);
        check(json_type_of(list) == JSON_ARRAY && json_array_len(list) == 0, "%s", names[i]);
    }
    assert_int_equal(json_type_of(json_get(host, "Sysctls")), JSON_OBJECT);
    json_free(document);
}

static const char *security_option(const struct json *document, size_t index)
{
    const struct json *options = json_get(json_get(document, "HostConfig"), "SecurityOpt");
    return json_array_len(options) > index ? at(json_array_at(options, index), "") : "";
}

static void profile_and_apparmor_are_security_options(void **state)
{
    (void)state;
    struct docker_engine with_apparmor = engine;
    struct spec spec = sample();
    struct json *document = written(&spec);
    assert_string_equal(security_option(document, 1),
                        "seccomp={\"defaultAction\":\"SCMP_ACT_ERRNO\"}");
    assert_string_equal(security_option(document, 2), "");
    json_free(document);
    with_apparmor.apparmor = true;
    spec.engine = &with_apparmor;
    document = written(&spec);
    assert_string_equal(security_option(document, 2), "apparmor=docker-default");
    json_free(document);
}

static void each_cpu_is_masked(void **state)
{
    (void)state;
    struct spec spec = sample();
    struct json *document = written(&spec);
    const struct json *paths = json_get(json_get(document, "HostConfig"), "MaskedPaths");
    const struct json *last = json_array_at(paths, json_array_len(paths) - 1);
    assert_string_equal(at(last, ""), "/sys/devices/system/cpu/cpu1/thermal_throttle");
    json_free(document);
}

/* On cgroup v1, and where the engine knows the limit: elsewhere it would warn. */
static void sockets_have_a_limit_where_it_is_apart(void **state)
{
    (void)state;
    struct docker_engine with_limit = engine;
    with_limit.socket_memory_limit = true;
    struct spec spec = sample();
    struct json *document = written(&spec);
    assert_string_equal(at(document, "HostConfig.KernelMemoryTCP"), "null");
    json_free(document);
    spec.engine = &with_limit;
    document = written(&spec);
    assert_string_equal(at(document, "HostConfig.KernelMemoryTCP"), "268435456");
    json_free(document);
}

static void windows_to_the_host_are_masked(void **state)
{
    (void)state;
    static const char *const windows[] = {
        "/proc/keys",     "/proc/key-users", "/proc/pressure",       "/proc/config.gz",
        "/proc/kallsyms", "/sys/kernel",     "/proc/sys/fs/file-nr", "/sys/module"};
    static const char *const needed[] = {"/proc/locks",        "/proc/meminfo", "/proc/stat",
                                         "/proc/loadavg",      "/proc/cpuinfo", "/sys/devices",
                                         "/sys/devices/system"};
    struct spec spec = sample();
    struct json *document = written(&spec);
    const struct json *paths = json_get(json_get(document, "HostConfig"), "MaskedPaths");
    size_t masked = 0;
    for (size_t i = 0; i < json_array_len(paths); i++) {
        const char *path = at(json_array_at(paths, i), "");
        for (size_t k = 0; k < COUNT(windows); k++)
            masked += strcmp(path, windows[k]) == 0;
        for (size_t k = 0; k < COUNT(needed); k++)
            check(strcmp(path, needed[k]) != 0, "%s is masked", path);
    }
    assert_int_equal(masked, COUNT(windows));
    json_free(document);
}

static void names_an_oci_runtime_that_is_asked_for(void **state)
{
    (void)state;
    struct spec spec = sample();
    spec.oci_runtime = "runsc";
    struct json *document = written(&spec);
    assert_string_equal(at(document, "HostConfig.Runtime"), "runsc");
    json_free(document);
}

static void says_when_it_does_not_fit(void **state)
{
    (void)state;
    struct spec spec = sample();
    struct buf out;
    for (size_t cap = 0; cap < 1000; cap += 50) {
        buf_init(&out, cap);
        assert_false(spec_write(&spec, &out));
        buf_release(&out);
    }
}

/* gVisor's kernel counts a box's processes itself, and needs some of the host's for each. The OOM
 * killer must choose it before the program. */
static void gvisor_has_limits_of_its_own(void **state)
{
    (void)state;
    struct docker_engine with_gvisor = engine;
    snprintf(with_gvisor.gvisor_runtimes, sizeof with_gvisor.gvisor_runtimes, ",runsc,");
    snprintf(with_gvisor.oci_runtime, sizeof with_gvisor.oci_runtime, "runc");
    struct spec spec = sample();
    spec.engine = &with_gvisor;
    static const struct {
        const char *chosen, *by_default;
        bool is_gvisor;
    } rows[] = {{"", "runsc", true},
                {"runsc", "runc", true},
                {"", "runc", false},
                {"runc", "runsc", false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        spec.oci_runtime = rows[i].chosen;
        snprintf(with_gvisor.oci_runtime, sizeof with_gvisor.oci_runtime, "%s", rows[i].by_default);
        struct json *document = written(&spec);
        assert_string_equal(at(document, "HostConfig.PidsLimit"), rows[i].is_gvisor ? "320" : "64");
        assert_string_equal(at(document, "HostConfig.OomScoreAdj"),
                            rows[i].is_gvisor ? "1000" : "500");
        const struct json *limits = json_get(json_get(document, "HostConfig"), "Ulimits");
        size_t count = json_array_len(limits);
        const struct json *last = json_array_at(limits, count - 1);
        assert_int_equal(count, SPEC_ULIMITS_COUNT + rows[i].is_gvisor);
        assert_true(bytes_equal_string(json_string(json_get(last, "Name")), "nproc") ==
                    rows[i].is_gvisor);
        if (rows[i].is_gvisor)
            assert_true(json_number(json_get(last, "Hard")) == 64);
        json_free(document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gvisor_has_limits_of_its_own),
        cmocka_unit_test(holds_every_protection),
        cmocka_unit_test(labels_and_tmpfs_name_their_numbers),
        cmocka_unit_test(empty_lists_are_said),
        cmocka_unit_test(profile_and_apparmor_are_security_options),
        cmocka_unit_test(each_cpu_is_masked),
        cmocka_unit_test(sockets_have_a_limit_where_it_is_apart),
        cmocka_unit_test(windows_to_the_host_are_masked),
        cmocka_unit_test(names_an_oci_runtime_that_is_asked_for),
        cmocka_unit_test(says_when_it_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
