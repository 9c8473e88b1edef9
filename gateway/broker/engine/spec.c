#include "broker/engine/spec.h"

#include <stdio.h>

#include "common/json.h"

/* Docker's default. The template's libraries need about a hundred descriptors. */
#define SPEC_NOFILE 1024
/* The limit of file sizes is this much above the size of the tmpfs. So a file that fills the tmpfs
 * gets ENOSPC and not SIGXFSZ, whatever the page size. */
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
    /* Without this, the engine would run the image's health check inside the box. */
    json_key(json, "Healthcheck");
    json_open(json, '{');
    spec_put_list(json, "Test", (const char *const[]){"NONE", NULL});
    json_close(json, '}');
}

/* All three streams use one attach connection. When it ends, stdin ends, and then init. Without a
 * terminal, stdout and stderr stay separate, and no bytes are changed. */
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

/* nproc is used only for gVisor, because Linux counts it per uid on the whole host. Otherwise the
 * cgroup limits the number of processes. */
struct spec_ulimit spec_ulimit(size_t index, uint64_t tmpfs_bytes)
{
    const struct spec_ulimit ulimits[SPEC_ULIMITS_COUNT] = {
        {"nofile", SPEC_NOFILE},
        {"core", 0}, /* a core dump could be passed to a program on the host */
        {"fsize", tmpfs_bytes + SPEC_FSIZE_MARGIN_BYTES},
        {"memlock", 65536},
        {"msgqueue", 0}, /* /dev/mqueue is writable: this keeps queues from being created there */
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

/* The host's pids limit for gVisor. Each process in gVisor uses threads of the host (two were
 * counted), and so does gVisor's kernel (25). So the box's limit is nproc, which gVisor's kernel
 * counts for this box only. The host's limit is a second barrier. */
#define GVISOR_PIDS_EACH 4
#define GVISOR_PIDS_OF_KERNEL 64

static uint64_t host_pids(const struct spec *spec)
{
    uint64_t pids = spec->limits.pids;
    return is_gvisor(spec) ? pids * GVISOR_PIDS_EACH + GVISOR_PIDS_OF_KERNEL : pids;
}

/* gVisor runs a program in processes on the host that map the program's memory and have the
 * engine's low OOM score. If the OOM killer killed one of them, the program would seem to exit with
 * code 1. With this score, the OOM killer kills gVisor's kernel instead. Then the box ends, and the
 * engine reports the OOM kill. */
#define GVISOR_OOM_SCORE 1000

static uint64_t oom_score(const struct spec *spec)
{
    return is_gvisor(spec) ? GVISOR_OOM_SCORE : SPEC_OOM_SCORE;
}

/* Without a size, a tmpfs could use half of the host's memory. Its pages are charged to the box.
 */
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
    json_member_uint(json, "MemorySwap", spec->limits.memory_bytes); /* equal to Memory: no swap */
    json_member_bool(json, "OomKillDisable", false);
    json_member_uint(json, "OomScoreAdj", oom_score(spec));
    json_member_uint(json, "NanoCpus", (uint64_t)spec->limits.cpu_millis * 1000000);
    json_member_uint(json, "CpuShares", SPEC_CPU_SHARES);
    json_member_uint(json, "PidsLimit", host_pids(spec)); /* 0 would mean unlimited */
    /* On cgroup v1, socket buffers are counted separately and by default not limited. Not every OCI
     * runtime sets this limit, so the self-test checks it. An engine that does not know the field
     * warns about it. */
    if (spec->engine->socket_memory_limit)
        json_member_uint(json, "KernelMemoryTCP", spec->limits.memory_bytes);
    put_ulimits(json, spec);
}

/* This list replaces the engine's own, so it begins with the engine's paths (oci/defaults.go of
 * moby). On cgroup v1, crun leaves a writable tmpfs at /sys/fs/cgroup. Making it read-only by a
 * bind mount would add writable mounts of the hierarchies below it, so each of them is listed too.
 * The engine ignores paths that do not exist. */
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

/* Paths that reveal facts about the host or its users, and that no program needs. This list
 * replaces the engine's, and engines differ. So it contains all paths that any engine masks
 * (oci/defaults.go of moby, up to 29). An empty list would unmask everything. /proc/stat,
 * /proc/meminfo, /proc/loadavg and /sys/devices/system are not masked, because programs count CPUs
 * and memory there. Nor is /proc/locks, where init counts the box's record locks. It does not show
 * locks of other boxes: only locks of open files appear in every namespace, and boxes cannot take
 * those (seccomp_values.h). */
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
    /* The API takes the profile's text. Only docker's command line takes a file name. */
    json->ok = json->ok && buf_append_string(json->out, "seccomp=") &&
               buf_append(json->out, spec->seccomp.data, spec->seccomp.len);
    json_close_string(json);
    /* Name the profile only if the host has AppArmor: otherwise newer engines refuse to start the
     * box. */
    if (spec->engine->apparmor)
        json_put_text(json, "apparmor=docker-default");
    json_close(json, ']');
}

/* Set these fields to nothing, because otherwise the engine's settings or a plugin could set
 * them. */
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
    /* only the loopback interface; see NetworkDisabled */
    json_member_text(json, "NetworkMode", "none");
    spec_put_list(json, "Dns", (const char *const[]){SPEC_NAME_SERVER, NULL});
    /* no search domain, not even the host's */
    spec_put_list(json, "DnsSearch", (const char *const[]){".", NULL});
    /* Not "none", because multiprocessing keeps its locks in /dev/shm. That is a tmpfs with a size,
     * charged to the box. */
    json_member_text(json, "IpcMode", "private");
    json_member_uint(json, "ShmSize", spec->tmpfs_bytes);
    /* without this, /proc/self/cgroup would show the container's id */
    json_member_text(json, "CgroupnsMode", "private");
    json_member_text(json, "PidMode", ""); /* "" in these three: a namespace of its own */
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

/* Only our DELETE removes the container, and nothing is logged to disk. */
static void put_ending(struct json_out *json)
{
    json_key(json, "LogConfig");
    json_open(json, '{');
    /* json-file wrote 52 MB to disk for 52 MB of output; attach does not need a log */
    json_member_text(json, "Type", "none");
    json_close(json, '}');
    json_key(json, "RestartPolicy");
    json_open(json, '{');
    json_member_text(json, "Name", "no");
    json_close(json, '}');
    /* otherwise the OOM verdict would disappear before it can be read */
    json_member_bool(json, "AutoRemove", false);
    json_member_bool(json, "Init", false); /* the image has its own init */
}

/* The box still gets its own network namespace with lo (oci/defaults.go of moby), but the engine
 * sets up no network. With the network "none", dockerd would execute itself as a hook at each
 * start, which was half of a container's CPU cost (measured with 20.10). /etc/hosts and
 * /etc/resolv.conf are then empty, because the engine mounts its own files over the image's, and
 * fills them only with a network. The image's nsswitch.conf needs neither. For an engine that does
 * not know this field, NetworkMode "none" and Dns still apply. */
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
    json_member_text(&json, "Image", spec->image->id); /* by id, because a tag can be moved */
    /* boxes with the same uid would share the kernel's quotas, such as the one for inotify */
    json_member_text(&json, "User", user);
    put_command(&json, spec);
    put_streams(&json);
    put_no_network(&json);
    /* otherwise an engine that shuts down waits 10 s for each box */
    json_member_text(&json, "StopSignal", "SIGKILL");
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
