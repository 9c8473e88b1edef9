#include "broker/engine/spec_podman.h"

#include <stdio.h>
#include <string.h>

#include "common/json.h"

/* This file applies each protection of spec.c again, in the terms of Podman's specgen
 * (pkg/specgen/specgen.go, 4.3 to 5.8). The reasons are in spec.c. The self-test checks whether the
 * engine really applies each of them. */

#define PERIOD_US 100000
/* Podman always sets the limit nproc. As root, Podman 4.3 would set the highest value, which a
 * machine may not allow. Without root, the limit cannot exceed the user's own. This value is far
 * above the limit of a box's cgroup. */
#define PROCESSES_OF_UID 32768
#define SIGKILL_NUMBER 9

static void put_pair(struct json_out *json, const char *key, const char *name, const char *value)
{
    json_key(json, key);
    json_open(json, '{');
    json_member_text(json, name, value);
    json_close(json, '}');
}

/* Keep Podman from adding its own variables. */
static void put_command(struct json_out *json, const struct spec *spec)
{
    char idle[16];
    snprintf(idle, sizeof idle, "%u", (unsigned)spec->idle_ms);
    spec_put_list(json, "entrypoint",
                  (const char *const[]){"/mayfly-init", "--idle-ms", idle, "--", NULL});
    spec_put_list(json, "command", (const char *const[]){spec->image->template, NULL});
    json_member_text(json, "work_dir", SPEC_DIRECTORY);
    json_key(json, "env");
    json_open(json, '{');
    json_member_text(json, "PATH", SPEC_PATH);
    json_member_text(json, "HOME", SPEC_HOME);
    json_member_text(json, "USER", SPEC_USER);
    json_member_text(json, "LOGNAME", SPEC_USER);
    json_member_text(json, "LANG", SPEC_LANG);
    json_close(json, '}');
    spec_put_list(json, "unsetenv", (const char *const[]){"container", "TERM", NULL});
    json_member_bool(json, "env_host", false);
    json_member_bool(json, "httpproxy", false);
    json_member_text(json, "hostname", SPEC_HOSTNAME);
    json_member_bool(json, "terminal", false);
    json_member_bool(json, "stdin", true);
    json_key(json, "healthconfig");
    json_open(json, '{');
    spec_put_list(json, "Test", (const char *const[]){"NONE", NULL});
    json_close(json, '}');
}

static void put_mount(struct json_out *json, const char *path, const char *size, const char *mode)
{
    json_open(json, '{');
    json_member_text(json, "destination", path);
    json_member_text(json, "type", "tmpfs");
    json_member_text(json, "source", "tmpfs");
    spec_put_list(json, "options",
                  (const char *const[]){size, mode, "nosuid", "nodev", "noexec", NULL});
    json_close(json, '}');
}

/* Podman knows only the tmpfs options size and mode. But it passes the text after size= on to the
 * kernel, which splits it at commas. /dev/shm is listed because Podman would make it read-only in a
 * read-only box. */
static void put_mounts(struct json_out *json, const struct spec *spec)
{
    char folder[128], shared[48];
    snprintf(shared, sizeof shared, "size=%llu", (unsigned long long)spec->tmpfs_bytes);
    snprintf(folder, sizeof folder, "%s,nr_inodes=%d,uid=%u,gid=%u", shared, SPEC_TMPFS_INODES,
             (unsigned)spec->uid, (unsigned)spec->uid);
    json_key(json, "mounts");
    json_open(json, '[');
    put_mount(json, "/box", folder, "mode=0700");
    put_mount(json, "/tmp", folder, "mode=0700");
    put_mount(json, "/dev/shm", shared, "mode=1777");
    json_close(json, ']');
}

static void put_isolation(struct json_out *json, const struct spec *spec)
{
    static const char *const namespaces[] = {"pidns", "utsns", "ipcns", "cgroupns"};
    for (size_t i = 0; i < sizeof namespaces / sizeof namespaces[0]; i++)
        put_pair(json, namespaces[i], "nsmode", "private");
    put_pair(json, "netns", "nsmode", "none");
    json_member_bool(json, "privileged", false);
    json_member_bool(json, "read_only_filesystem", true);
    json_member_bool(json, "read_write_tmpfs", false);
    spec_put_list(json, "cap_drop", (const char *const[]){"ALL", NULL});
    json_member_bool(json, "no_new_privileges", true);
    json_member_text(json, "seccomp_profile_path", spec->seccomp_path);
    json_key(json, "mask");
    spec_put_masked_paths(json, spec);
    put_mounts(json, spec);
    json_member_text(json, "image_volume_mode", "ignore");
    /* Use the image's files, and do not add the box's user to /etc/passwd. */
    json_member_bool(json, "use_image_resolve_conf", true);
    json_member_bool(json, "use_image_hosts", true);
    json_member_bool(json, "use_image_hostname", true);
    json_member_bool(json, "manage_password", false);
}

static void put_rlimit(struct json_out *json, const char *name, uint64_t value)
{
    json_open(json, '{');
    json_member_text(json, "type", name);
    json_member_uint(json, "soft", value);
    json_member_uint(json, "hard", value);
    json_close(json, '}');
}

static void put_resources(struct json_out *json, const struct spec *spec)
{
    const struct limits *limits = &spec->limits;
    json_key(json, "resource_limits");
    json_open(json, '{');
    json_key(json, "memory");
    json_open(json, '{');
    json_member_uint(json, "limit", limits->memory_bytes);
    json_member_uint(json, "swap",
                     limits->memory_bytes); /* memory and swap together, so there is no swap */
    json_close(json, '}');
    json_key(json, "cpu");
    json_open(json, '{');
    json_member_uint(json, "quota", (uint64_t)limits->cpu_millis * PERIOD_US / 1000);
    json_member_uint(json, "period", PERIOD_US);
    json_member_uint(json, "shares", SPEC_CPU_SHARES);
    json_close(json, '}');
    json_key(json, "pids");
    json_open(json, '{');
    json_member_uint(json, "limit", limits->pids);
    json_close(json, '}');
    json_close(json, '}');
    json_key(json, "r_limits");
    json_open(json, '[');
    if (!spec->engine->rootless)
        put_rlimit(json, "nproc", PROCESSES_OF_UID);
    for (size_t i = 0; i < SPEC_ULIMITS_COUNT; i++) {
        struct spec_ulimit ulimit = spec_ulimit(i, spec->tmpfs_bytes);
        put_rlimit(json, ulimit.name, ulimit.value);
    }
    json_close(json, ']');
    json_member_uint(json, "oom_score_adj", SPEC_OOM_SCORE);
}

static void put_ending(struct json_out *json)
{
    json_member_uint(json, "stop_signal", SIGKILL_NUMBER);
    json_member_uint(json, "stop_timeout", 0);
    put_pair(json, "log_configuration", "driver", "none");
    json_member_text(json, "restart_policy", "no");
    json_member_bool(json, "remove", false);
    json_member_bool(json, "init", false);
    json_member_text(json, "systemd", "false");
    json_member_text(json, "sdnotifyMode", "ignore");
}

/* Returns an image's id without the prefix that Docker's API shows. */
static const char *bare_id(const char *id)
{
    static const char prefix[] = "sha256:";
    return strncmp(id, prefix, sizeof prefix - 1) == 0 ? id + sizeof prefix - 1 : id;
}

bool spec_podman_write(const struct spec *spec, struct buf *out)
{
    char user[32];
    snprintf(user, sizeof user, "%u:%u", (unsigned)spec->uid, (unsigned)spec->uid);
    struct json_out json;
    json_begin(&json, out);
    json_open(&json, '{');
    json_member_text(&json, "name", spec->name);
    json_member_text(&json, "image", bare_id(spec->image->id));
    json_member_text(&json, "user", user);
    put_command(&json, spec);
    json_key(&json, "labels");
    spec_put_labels(&json, spec);
    put_isolation(&json, spec);
    put_resources(&json, spec);
    put_ending(&json);
    json_close(&json, '}');
    return json.ok;
}
