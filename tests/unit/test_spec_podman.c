/* The create JSON for Podman's own interface: every protection is there, in its words. And who is
 * recognized as which vendor. */
#include "unit.h"

#include <stdio.h>

#include "broker/engine/vendor.h"
#include "common/json.h"

static const struct docker_engine engine = {.vendor = ENGINE_PODMAN, .cpus = 2};
static const struct docker_image image = {.id = "sha256:0123", .template = "/template"};

static struct spec sample(void)
{
    return (struct spec){
        .name = "mayfly-0123abcd-1",
        .engine = &engine,
        .image = &image,
        .limits = {.memory_bytes = 268435456, .cpu_millis = 1500, .pids = 64},
        .uid = 1007,
        .tmpfs_bytes = 67108864,
        .idle_ms = 660000,
        .instance = "0123abcd",
        .deadline_ms = UINT64_C(1700000000000),
        .seccomp = bytes_of_string("{}"),
        .seccomp_path = "/run/podman/profile.json",
        .oci_runtime = "",
    };
}

static struct json *written(const struct spec *spec)
{
    struct buf out;
    struct error err;
    buf_init(&out, 65536);
    assert_true(vendor_of(spec->engine)->write_spec(spec, &out));
    struct json *document = json_parse(buf_bytes(&out).data, out.len, &err);
    check(document != NULL, "%s", err.text);
    buf_release(&out);
    return document;
}

/* The value at "resource_limits.cpu.quota", or "mounts.1.destination", say, as a scalar's text. */
static const char *at(const struct json *value, const char *path)
{
    static char text[512];
    while (*path) {
        char name[64];
        size_t len = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)len, path);
        value = json_type_of(value) == JSON_ARRAY
                    ? json_array_at(value, (size_t)(name[0] - '0') * 10 + (size_t)(name[1] - '0'))
                    : json_get(value, name);
        path += path[len] ? len + 1 : len;
    }
    if (json_type_of(value) == JSON_STRING)
        snprintf(text, sizeof text, "%.*s", (int)json_string(value).len,
                 (const char *)json_string(value).data);
    else if (json_type_of(value) == JSON_NUMBER)
        snprintf(text, sizeof text, "%.0f", json_number(value));
    else if (json_type_of(value) == JSON_BOOL)
        snprintf(text, sizeof text, "%s", json_bool(value) ? "true" : "false");
    else
        snprintf(text, sizeof text, "%s", json_type_name(json_type_of(value)));
    return text;
}

#define FOLDER "size=67108864,nr_inodes=16384,uid=1007,gid=1007"

static const struct {
    const char *path, *value;
} protections[] = {
    {"name", "mayfly-0123abcd-1"},
    {"image", "0123"},
    {"user", "1007:1007"},
    {"entrypoint.00", "/mayfly-init"},
    {"entrypoint.02", "660000"},
    {"command.00", "/template"},
    {"work_dir", "/box"},
    {"env.PATH", SPEC_PATH},
    {"env.HOME", "/tmp"},
    {"env.USER", "mayfly"},
    {"env.LOGNAME", "mayfly"},
    {"unsetenv.00", "container"},
    {"unsetenv.01", "TERM"},
    {"env_host", "false"},
    {"httpproxy", "false"},
    {"hostname", "box"},
    {"terminal", "false"},
    {"stdin", "true"},
    {"healthconfig.Test.00", "NONE"},
    {"labels.mayfly", "null"},
    {"pidns.nsmode", "private"},
    {"utsns.nsmode", "private"},
    {"ipcns.nsmode", "private"},
    {"cgroupns.nsmode", "private"},
    {"netns.nsmode", "none"},
    {"privileged", "false"},
    {"read_only_filesystem", "true"},
    {"read_write_tmpfs", "false"},
    {"cap_drop.00", "ALL"},
    {"no_new_privileges", "true"},
    {"seccomp_profile_path", "/run/podman/profile.json"},
    {"mask.00", "/proc/acpi"},
    {"mounts.00.destination", "/box"},
    {"mounts.00.type", "tmpfs"},
    {"mounts.00.options.00", FOLDER},
    {"mounts.00.options.01", "mode=0700"},
    {"mounts.00.options.02", "nosuid"},
    {"mounts.00.options.03", "nodev"},
    {"mounts.00.options.04", "noexec"},
    {"mounts.01.destination", "/tmp"},
    {"mounts.01.options.00", FOLDER},
    {"mounts.02.destination", "/dev/shm"},
    {"mounts.02.options.00", "size=67108864"},
    {"image_volume_mode", "ignore"},
    {"use_image_resolve_conf", "true"},
    {"use_image_hosts", "true"},
    {"manage_password", "false"},
    {"resource_limits.memory.limit", "268435456"},
    {"resource_limits.memory.swap", "268435456"},
    {"resource_limits.cpu.quota", "150000"},
    {"resource_limits.cpu.period", "100000"},
    {"resource_limits.cpu.shares", "256"},
    {"resource_limits.pids.limit", "64"},
    {"r_limits.01.type", "nofile"},
    {"r_limits.01.hard", "1024"},
    {"r_limits.02.type", "core"},
    {"r_limits.02.soft", "0"},
    {"oom_score_adj", "500"},
    {"stop_signal", "9"},
    {"stop_timeout", "0"},
    {"log_configuration.driver", "none"},
    {"restart_policy", "no"},
    {"remove", "false"},
    {"init", "false"},
    {"systemd", "false"},
};

static void holds_every_protection(void **state)
{
    (void)state;
    struct spec spec = sample();
    struct json *document = written(&spec);
    for (size_t i = 0; i < COUNT(protections); i++)
        check(strcmp(at(document, protections[i].path), protections[i].value) == 0,
              "%s is %s, not %s", protections[i].path, at(document, protections[i].path),
              protections[i].value);
    const struct json *labels = json_get(document, "labels");
    assert_string_equal(at(json_get(labels, "mayfly.managed"), ""), "1");
    assert_string_equal(at(json_get(labels, "mayfly.instance"), ""), "0123abcd");
    assert_string_equal(at(json_get(labels, "mayfly.deadline_ms"), ""), "1700000000000");
    json_free(document);
}

static void without_root_no_limit_is_raised(void **state)
{
    (void)state;
    struct docker_engine rootless = engine;
    rootless.rootless = true;
    struct spec spec = sample();
    struct json *document = written(&spec);
    assert_string_equal(at(document, "r_limits.00.type"), "nproc");
    json_free(document);
    spec.engine = &rootless;
    document = written(&spec);
    assert_string_equal(at(document, "r_limits.00.type"), "nofile");
    json_free(document);
}

static void says_when_it_does_not_fit(void **state)
{
    (void)state;
    struct spec spec = sample();
    struct buf out;
    for (size_t cap = 0; cap < 2000; cap += 50) {
        buf_init(&out, cap);
        assert_false(vendor_of(spec.engine)->write_spec(&spec, &out));
        buf_release(&out);
    }
}

static void vendors_are_told_apart_by_their_parts(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        enum engine_vendor vendor;
    } rows[] = {
        {"{\"Components\":[{\"Name\":\"Podman Engine\"},{\"Name\":\"Conmon\"}]}", ENGINE_PODMAN},
        {"{\"Components\":[{\"Name\":\"Conmon\"},{\"Name\":\"Podman Engine\"}]}", ENGINE_PODMAN},
        {"{\"Components\":[{\"Name\":\"Engine\"}]}", ENGINE_DOCKER},
        {"{\"Components\":[{\"Name\":7},{},null]}", ENGINE_DOCKER},
        {"{\"Components\":\"Podman Engine\"}", ENGINE_DOCKER},
        {"{}", ENGINE_DOCKER},
        {"[]", ENGINE_DOCKER},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bytes text = bytes_of_string(rows[i].version);
        struct json *document = json_parse(text.data, text.len, NULL);
        check(vendor_recognize(document) == rows[i].vendor, "%s", rows[i].version);
        json_free(document);
    }
    assert_string_equal(vendor_architecture("amd64"), "x86_64");
    assert_string_equal(vendor_architecture("arm64"), "aarch64");
    assert_string_equal(vendor_architecture("x86_64"), "x86_64");
    assert_string_equal(vendor_architecture("riscv64"), "riscv64");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_every_protection),
        cmocka_unit_test(without_root_no_limit_is_raised),
        cmocka_unit_test(says_when_it_does_not_fit),
        cmocka_unit_test(vendors_are_told_apart_by_their_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
