#include "broker/engine/spec.h"

#include <stdio.h>

#include "common/json.h"

/* Docker's own default; the template's libraries need about a hundred. */
#define SPEC_NOFILE 1024
/* Above the room of a tmpfs, rounded up to pages of any size: a file that fills it meets ENOSPC. */
#define SPEC_FSIZE_MARGIN_BYTES ((uint64_t)1 << 20)

void spec_put_list(struct json_out *json, const char *key, const char *const *items)
{
    json_key(json, key);
    json_open(json, '[');
    for (; *items; items++)
        json_put_text(json, *items);
    json_close(json, ']');
}

static bool is_gvisor(const struct spec *spec)
{
    const char *chosen = spec->oci_runtime;
    return facts_is_gvisor(spec->engine, chosen[0] ? chosen : spec->engine->oci_runtime);
}

static void put_command(struct json_out *json, const struct spec *spec)
{
    char idle[16];
    snprintf(idle, sizeof idle, "%u", (unsigned)spec->idle_ms);
    spec_put_list(json, "Entrypoint",
                  (const char *const[]){"/mayfly-init", "--idle-ms", idle, "--", NULL});
    spec_put_list(json, "Cmd", (const char *const[]){spec->image->template, NULL});
    json_member_text(json, "WorkingDir", SPEC_DIRECTORY);
    spec_put_list(json, "Env",
                  (const char *const[]){"PATH=" SPEC_PATH, "HOME=" SPEC_HOME, "LANG=" SPEC_LANG,
                                        "USER=" SPEC_USER, "LOGNAME=" SPEC_USER, NULL});
    json_member_text(json, "Hostname", SPEC_HOSTNAME);
    json_member_text(json, "Domainname", "");
    /* An image's own would be run by the engine inside the box, by exec. */
    json_key(json, "Healthcheck");
    json_open(json, '{');
    spec_put_list(json, "Test", (const char *const[]){"NONE", NULL});
    json_close(json, '}');
}

/* All three streams over one attach; stdin ends when the attach does, and init with it. No
 * terminal, so that stdout and stderr stay apart and nothing rewrites bytes. */
static void put_streams(struct json_out *json)
{
    json_member_bool(json, "Tty", false);
    json_member_bool(json, "OpenStdin", true);
    json_member_bool(json, "StdinOnce", true);
    json_member_bool(json, "AttachStdin", true);
    json_member_bool(json, "AttachStdout", true);
    json_member_bool(json, "AttachStderr", true);
}

void spec_put_labels(struct json_out *json, const struct spec *spec)
{
    char deadline[24];
    snprintf(deadline, sizeof deadline, "%llu", (unsigned long long)spec->deadline_ms);
    json_open(json, '{');
    json_member_text(json, "mayfly.managed", "1");
    json_member_text(json, "mayfly.instance", spec->instance);
    json_member_text(json, "mayfly.deadline_ms", deadline);
    json_close(json, '}');
}

/* Never nproc, but for gVisor: Linux counts per uid on the whole host; pids are limited by the
 * cgroup. */
struct spec_ulimit spec_ulimit(size_t index, uint64_t tmpfs_bytes)
{
    const struct spec_ulimit ulimits[SPEC_ULIMITS_COUNT] = {
        {"nofile", SPEC_NOFILE},
        {"core", 0}, /* a core may go to a program of the host's */
        {"fsize", tmpfs_bytes + SPEC_FSIZE_MARGIN_BYTES},
        {"memlock", 65536},
        {"msgqueue", 0}, /* /dev/mqueue is there, and writable: nothing can be made in it */
        {"rtprio", 0},
        {"nice", 0},
    };
    return ulimits[index];
}

static void put_ulimit(struct json_out *json, const char *name, uint64_t value)
{
    json_open(json, '{');
    json_member_text(json, "Name", name);
    json_member_uint(json, "Soft", value);
    json_member_uint(json, "Hard", value);
    json_close(json, '}');
}

static void put_ulimits(struct json_out *json, const struct spec *spec)
{
    json_key(json, "Ulimits");
    json_open(json, '[');
    for (size_t i = 0; i < SPEC_ULIMITS_COUNT; i++) {
        struct spec_ulimit ulimit = spec_ulimit(i, spec->tmpfs_bytes);
        put_ulimit(json, ulimit.name, ulimit.value);
    }
    if (is_gvisor(spec))
        put_ulimit(json, "nproc", spec->limits.pids);
    json_close(json, ']');
}

/* gVisor's threads are none of the host's. Each of its processes is some of them, beside those of
 * its kernel: two each, and 25, in a box with as many as it may have. So nproc, which its kernel
 * counts for the box alone, is the limit, and the host's is behind it. */
#define GVISOR_PIDS_EACH 4
#define GVISOR_PIDS_OF_KERNEL 64

static uint64_t host_pids(const struct spec *spec)
{
    uint64_t pids = spec->limits.pids;
    return is_gvisor(spec) ? pids * GVISOR_PIDS_EACH + GVISOR_PIDS_OF_KERNEL : pids;
}

/* gVisor's kernel runs a program in processes of the host, which map the program's memory and keep
 * the engine's low score. If the OOM killer took one of these, the program would only seem to exit
 * with code 1. With this score it takes gVisor's kernel: the box ends, and the engine says why. */
#define GVISOR_OOM_SCORE 1000

static uint64_t oom_score(const struct spec *spec)
{
    return is_gvisor(spec) ? GVISOR_OOM_SCORE : SPEC_OOM_SCORE;
}

/* Sized, or it would be half of the host's memory. Its pages are charged to the box. */
static void put_tmpfs(struct json_out *json, const struct spec *spec)
{
    char options[160];
    snprintf(options, sizeof options,
             "size=%llu,nr_inodes=%d,mode=0700,uid=%u,gid=%u,nosuid,nodev,noexec",
             (unsigned long long)spec->tmpfs_bytes, SPEC_TMPFS_INODES, (unsigned)spec->uid,
             (unsigned)spec->uid);
    json_key(json, "Tmpfs");
    json_open(json, '{');
    json_member_text(json, "/box", options);
    json_member_text(json, "/tmp", options);
    json_close(json, '}');
}

static void put_resources(struct json_out *json, const struct spec *spec)
{
    json_member_uint(json, "Memory", spec->limits.memory_bytes);
    json_member_uint(json, "MemorySwap", spec->limits.memory_bytes); /* equal: no swap */
    json_member_bool(json, "OomKillDisable", false);
    json_member_uint(json, "OomScoreAdj", oom_score(spec));
    json_member_uint(json, "NanoCpus", (uint64_t)spec->limits.cpu_millis * 1000000);
    json_member_uint(json, "CpuShares", SPEC_CPU_SHARES);
    json_member_uint(json, "PidsLimit", host_pids(spec)); /* 0 or less would mean unlimited */
    /* On cgroup v1 the buffers of sockets are counted apart, and by default without a limit. Not
     * every OCI runtime sets it; the self-test finds out. Where it is not known the engine
     * warns. */
    if (spec->engine->socket_memory_limit)
        json_member_uint(json, "KernelMemoryTCP", spec->limits.memory_bytes);
    put_ulimits(json, spec);
}

/* Naming any replaces the engine's list, so that is here first (moby, oci/defaults.go). On cgroup
 * v1 crun leaves a tmpfs at /sys/fs/cgroup writable; binding that read-only brings the hierarchies
 * below along as writable mounts, so each is named too. A path that is not there is passed over. */
static void put_readonly_paths(struct json_out *json, const struct spec *spec)
{
    static const char *const paths[] = {"/proc/bus",           "/proc/fs", "/proc/irq", "/proc/sys",
                                        "/proc/sysrq-trigger", NULL};
    static const char *const cgroup_v1[] = {"/sys/fs/cgroup",
                                            "/sys/fs/cgroup/blkio",
                                            "/sys/fs/cgroup/cpu",
                                            "/sys/fs/cgroup/cpu,cpuacct",
                                            "/sys/fs/cgroup/cpuacct",
                                            "/sys/fs/cgroup/cpuset",
                                            "/sys/fs/cgroup/devices",
                                            "/sys/fs/cgroup/freezer",
                                            "/sys/fs/cgroup/hugetlb",
                                            "/sys/fs/cgroup/memory",
                                            "/sys/fs/cgroup/misc",
                                            "/sys/fs/cgroup/net_cls",
                                            "/sys/fs/cgroup/net_cls,net_prio",
                                            "/sys/fs/cgroup/net_prio",
                                            "/sys/fs/cgroup/perf_event",
                                            "/sys/fs/cgroup/pids",
                                            "/sys/fs/cgroup/rdma",
                                            "/sys/fs/cgroup/systemd",
                                            "/sys/fs/cgroup/unified",
                                            NULL};
    json_key(json, "ReadonlyPaths");
    json_open(json, '[');
    for (const char *const *path = paths; *path; path++)
        json_put_text(json, *path);
    for (const char *const *path = cgroup_v1; !spec->engine->cgroup_v2 && *path; path++)
        json_put_text(json, *path);
    json_close(json, ']');
}

/* These paths reveal the host, or what others do there, and no program needs them. Naming any
 * replaces the engine's list here too, and engines differ: this holds what any of them masks (moby,
 * oci/defaults.go, to 29). [] would unmask all. Programs count CPUs and memory, so /proc/stat,
 * /proc/meminfo, /proc/loadavg and /sys/devices/system stay. /proc/locks stays for init, which
 * counts the box's record locks in it. It shows no locks of other boxes: boxes cannot take those of
 * open files, the only ones that the kernel lists for every namespace (seccomp_values.h). */
static const char *const masked_paths[] = {
    "/proc/acpi",
    "/proc/asound",
    "/proc/buddyinfo",
    "/proc/bus",
    "/proc/cmdline",
    "/proc/config.gz",
    "/proc/consoles",
    "/proc/diskstats",
    "/proc/driver",
    "/proc/fs",
    "/proc/interrupts",
    "/proc/iomem",
    "/proc/ioports",
    "/proc/irq",
    "/proc/kallsyms",
    "/proc/kcore",
    "/proc/key-users",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/modules",
    "/proc/pagetypeinfo",
    "/proc/partitions",
    "/proc/pressure",
    "/proc/sched_debug",
    "/proc/schedstat",
    "/proc/scsi",
    "/proc/slabinfo",
    "/proc/softirqs",
    "/proc/swaps",
    "/proc/sys/fs/aio-nr",
    "/proc/sys/fs/dentry-state",
    "/proc/sys/fs/file-nr",
    "/proc/sys/fs/inode-nr",
    "/proc/sys/fs/inode-state",
    "/proc/sys/kernel/pty/nr",
    "/proc/sys/kernel/random/boot_id",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/vmallocinfo",
    "/proc/vmstat",
    "/proc/zoneinfo",
    "/sys/devices/LNXSYSTM:00",
    "/sys/devices/pci0000:00",
    "/sys/devices/platform",
    "/sys/devices/pnp0",
    "/sys/devices/virtual/bdi",
    "/sys/devices/virtual/block",
    "/sys/devices/virtual/dmi",
    "/sys/devices/virtual/powercap",
    "/sys/devices/virtual/thermal",
    "/sys/firmware",
    "/sys/fs/btrfs",
    "/sys/fs/ext4",
    "/sys/fs/xfs",
    "/sys/hypervisor",
    "/sys/kernel",
    "/sys/module",
    "/sys/power",
    NULL,
};

void spec_put_masked_paths(struct json_out *json, const struct spec *spec)
{
    json_open(json, '[');
    for (const char *const *path = masked_paths; *path; path++)
        json_put_text(json, *path);
    for (uint32_t cpu = 0; cpu < spec->engine->cpus; cpu++) {
        char path[80];
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/thermal_throttle",
                 (unsigned)cpu);
        json_put_text(json, path);
    }
    json_close(json, ']');
}

static void put_security(struct json_out *json, const struct spec *spec)
{
    json_key(json, "SecurityOpt");
    json_open(json, '[');
    json_put_text(json, "no-new-privileges");
    json_open_string(json);
    /* The text itself; the name of a file is the client's business. */
    json->ok = json->ok && buf_append_string(json->out, "seccomp=") &&
               buf_append(json->out, spec->seccomp.data, spec->seccomp.len);
    json_close_string(json);
    /* Only where the host has it; elsewhere newer engines refuse to start. */
    if (spec->engine->apparmor)
        json_put_text(json, "apparmor=docker-default");
    json_close(json, ']');
}

/* An engine's settings, or a plugin, might otherwise have an opinion on these. */
static void put_nothing_else(struct json_out *json)
{
    static const char *const no_item[] = {NULL};
    static const char *const lists[] = {"CapAdd",  "Binds",          "Mounts",
                                        "Devices", "DeviceRequests", "GroupAdd"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        spec_put_list(json, lists[i], no_item);
    json_key(json, "Sysctls");
    json_open(json, '{');
    json_close(json, '}');
    json_member_bool(json, "PublishAllPorts", false);
}

static void put_isolation(struct json_out *json, const struct spec *spec)
{
    json_member_text(json, "NetworkMode", "none"); /* only lo; see NetworkDisabled */
    spec_put_list(json, "Dns", (const char *const[]){SPEC_NAME_SERVER, NULL});
    spec_put_list(json, "DnsSearch", (const char *const[]){".", NULL}); /* none: not the host's */
    /* Not "none": multiprocessing keeps its locks in /dev/shm. Sized as a tmpfs, and charged to the
     * box. */
    json_member_text(json, "IpcMode", "private");
    json_member_uint(json, "ShmSize", spec->tmpfs_bytes);
    json_member_text(json, "CgroupnsMode",
                     "private");           /* else /proc/self/cgroup shows the container's id */
    json_member_text(json, "PidMode", ""); /* these three: a namespace of its own */
    json_member_text(json, "UTSMode", "");
    json_member_text(json, "UsernsMode", "");
    json_member_bool(json, "ReadonlyRootfs", true);
    put_readonly_paths(json, spec);
    json_key(json, "MaskedPaths");
    spec_put_masked_paths(json, spec);
    json_member_bool(json, "Privileged", false);
    spec_put_list(json, "CapDrop", (const char *const[]){"ALL", NULL});
    put_security(json, spec);
    put_tmpfs(json, spec);
    put_nothing_else(json);
    if (spec->oci_runtime[0])
        json_member_text(json, "Runtime", spec->oci_runtime);
}

/* It ends by our DELETE alone, at once, without a word on disk. */
static void put_ending(struct json_out *json)
{
    json_key(json, "LogConfig");
    json_open(json, '{');
    json_member_text(
        json, "Type",
        "none"); /* json-file wrote 52 MB to disk for 52 MB of output; attach works without */
    json_close(json, '}');
    json_key(json, "RestartPolicy");
    json_open(json, '{');
    json_member_text(json, "Name", "no");
    json_close(json, '}');
    json_member_bool(json, "AutoRemove",
                     false); /* with it the OOM verdict is gone before it can be read */
    json_member_bool(json, "Init", false); /* the image has its own */
}

/* A network namespace of its own all the same (moby, oci/defaults.go), in which the OCI runtime
 * brings lo up; only the engine has nothing to do with it. For the network "none" dockerd would
 * run itself once more as a hook of each start, half of the CPU that a container costs (measured,
 * 20.10). /etc/hosts and /etc/resolv.conf are then empty: the engine lays its own over the image's,
 * and fills them with a network only. The image's nsswitch.conf needs neither. Where an engine does
 * not know the field, the network "none" and Dns still hold. */
static void put_no_network(struct json_out *json)
{
    json_member_bool(json, "NetworkDisabled", true);
}

bool spec_write(const struct spec *spec, struct buf *out)
{
    char user[32];
    snprintf(user, sizeof user, "%u:%u", (unsigned)spec->uid, (unsigned)spec->uid);
    struct json_out json;
    json_begin(&json, out);
    json_open(&json, '{');
    json_member_text(&json, "Image", spec->image->id); /* by id: a tag may move under us */
    json_member_text(&json, "User",
                     user); /* boxes that share a uid share inotify, pipe and other quotas */
    put_command(&json, spec);
    put_streams(&json);
    put_no_network(&json);
    json_member_text(&json, "StopSignal",
                     "SIGKILL"); /* otherwise an engine's shutdown waits 10 s for each box */
    json_member_uint(&json, "StopTimeout", 1);
    json_key(&json, "Labels");
    spec_put_labels(&json, spec);
    json_key(&json, "HostConfig");
    json_open(&json, '{');
    put_isolation(&json, spec);
    put_resources(&json, spec);
    put_ending(&json);
    json_close(&json, '}');
    json_close(&json, '}');
    return json.ok;
}
