#include "broker/selftest/canary_judge.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/engine/spec.h"
#include "broker/engine/vendor.h"
#include "broker/selftest/canary_rule.h"
#include "common/json.h"
#include "common/number.h"

/* init gives the program this score (runner-image/init/template.c) */
#define PROGRAM_OOM_SCORE 1000

struct judge {
    const struct canary_terms *terms;
    const struct json *seen;
    struct canary_report *report;
    enum canary_kernel kernel; /* Linux or gVisor, as the engine and the box both report */
};

/* ---- one check ---- */

static struct canary_check *add(struct canary_report *report, const char *name)
{
    struct canary_check *check = &report->checks[report->count];
    report->count++;
    *check = (struct canary_check){.ok = false};
    snprintf(check->name, sizeof check->name, "%s", name);
    return check;
}

/* Returns what the canary reported for a check; "" if nothing. */
static struct bytes look_up(const struct judge *judge, const char *name)
{
    const struct json *value = json_get(judge->seen, name);
    return json_type_of(value) == JSON_STRING ? json_string(value) : bytes_of("", 0);
}

static struct canary_check *add_seen(const struct judge *judge, const char *name,
                                     struct bytes *seen)
{
    struct canary_check *check = add(judge->report, name);
    *seen = look_up(judge, name);
    snprintf(check->seen, sizeof check->seen, "%.*s",
             seen->len < sizeof check->seen ? (int)seen->len : (int)sizeof check->seen - 1,
             (const char *)seen->data);
    return check;
}

static void expect(const struct judge *judge, const char *name, const char *expected)
{
    struct bytes seen;
    struct canary_check *check = add_seen(judge, name, &seen);
    snprintf(check->expected, sizeof check->expected, "%s", expected);
    enum canary_finding finding =
        canary_rule_apply(canary_rule_of(name, judge->kernel), expected, seen);
    check->ok = finding != CANARY_WEAKER;
    check->differs = finding == CANARY_DIFFERS;
}

static void expect_number(const struct judge *judge, const char *name, uint64_t expected)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)expected);
    expect(judge, name, text);
}

/* ---- special checks ---- */

static void expect_identity(const struct judge *judge)
{
    struct bytes seen;
    uint64_t uid;
    uint32_t first = judge->terms->first_uid;
    uint32_t last = first + judge->terms->uids_count - 1;
    struct canary_check *check = add_seen(judge, "user and groups", &seen);
    snprintf(check->expected, sizeof check->expected, "%u to %u", (unsigned)first, (unsigned)last);
    check->ok = number_parse_uint((const char *)seen.data, seen.len, &uid) && uid >= first &&
                uid <= last && uid != 0;
}

static uint64_t page_bytes(void)
{
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

static const char gvisor[] = "gVisor", linux_name[] = "Linux";

static bool engine_says_gvisor(const struct canary_terms *terms)
{
    return facts_is_gvisor(terms->engine, terms->oci_runtime);
}

static enum canary_kernel kernel_of(const struct judge *judge)
{
    bool both_say_so =
        engine_says_gvisor(judge->terms) && bytes_equal_string(look_up(judge, "kernel"), gvisor);
    return both_say_so ? CANARY_GVISOR : CANARY_LINUX;
}

/* The kernel rounds the size of a tmpfs up to whole pages. */
static void expect_rooms(const struct judge *judge)
{
    char room[80];
    uint64_t bytes = (judge->terms->tmpfs_bytes + page_bytes() - 1) / page_bytes() * page_bytes();
    snprintf(room, sizeof room, "%llu bytes", (unsigned long long)bytes);
    expect(judge, "room in /dev/shm", room);
    expect(judge, "room in /box", room);
    expect(judge, "room in /tmp", room);
}

/* The number of files in /dev/shm cannot be limited. */
static void expect_files(const struct judge *judge)
{
    expect_number(judge, "files in /box", SPEC_TMPFS_INODES);
    expect_number(judge, "files in /tmp", SPEC_TMPFS_INODES);
}

static void expect_ulimits(const struct judge *judge)
{
    for (size_t i = 0; i < SPEC_ULIMITS_COUNT; i++) {
        struct spec_ulimit ulimit = spec_ulimit(i, judge->terms->tmpfs_bytes);
        char name[32], both[64];
        snprintf(name, sizeof name, "limit %s", ulimit.name);
        snprintf(both, sizeof both, "%llu %llu", (unsigned long long)ulimit.value,
                 (unsigned long long)ulimit.value);
        expect(judge, name, both);
    }
}

/* If the engine has CAP_SYS_RESOURCE, a process cannot lower its score below the one that init was
 * given. In a few virtual machines root lacks this capability; the lowest score is then 0. An
 * engine without root never has it; the lowest score is then the one that root gave to this user's
 * processes. */
static void expect_lowest_oom_score(const struct judge *judge)
{
    struct bytes seen;
    uint64_t score;
    bool is_rootless = judge->terms->engine->rootless;
    struct canary_check *check = add_seen(judge, "OOM score at its lowest", &seen);
    snprintf(check->expected, sizeof check->expected,
             is_rootless ? "0 to %d" : "%d, or 0 where root has no such right", SPEC_OOM_SCORE);
    check->ok = number_parse_uint((const char *)seen.data, seen.len, &score) &&
                (score == 0 || score == SPEC_OOM_SCORE || (is_rootless && score < SPEC_OOM_SCORE));
}

/* cgroup v2 counts socket buffers as memory. On v1, crun sets the limit that spec.c asks for, but
 * runc does not, so sockets have no limit. */
static void expect_socket_memory(const struct judge *judge, uint64_t limit_bytes)
{
    const struct canary_terms *terms = judge->terms;
    struct bytes seen;
    char limit[24];
    bool is_set = terms->engine->cgroup_v2 ||
                  (terms->engine->socket_memory_limit && strcmp(terms->oci_runtime, "crun") == 0);
    struct canary_check *check = add_seen(judge, "memory of sockets", &seen);
    snprintf(limit, sizeof limit, "%llu", (unsigned long long)limit_bytes);
    snprintf(check->expected, sizeof check->expected, "%s%s", limit,
             is_set ? "" : ", or unlimited where the OCI runtime sets none");
    check->ok =
        bytes_equal_string(seen, limit) || (!is_set && bytes_equal_string(seen, "unlimited"));
}

/* The name of Podman's profile contains its version. */
static void expect_apparmor(const struct judge *judge)
{
    static const char mode[] = " (enforce)";
    struct bytes seen;
    const char *name = vendor_of(judge->terms->engine)->apparmor;
    bool is_prefix = name[strlen(name) - 1] == '-';
    struct canary_check *check = add_seen(judge, "AppArmor", &seen);
    snprintf(check->expected, sizeof check->expected, "%s%s%s", name, is_prefix ? "*" : "", mode);
    size_t len = strlen(name), mode_len = sizeof mode - 1;
    check->ok = seen.len >= len + mode_len && memcmp(seen.data, name, len) == 0 &&
                memcmp(seen.data + seen.len - mode_len, mode, mode_len) == 0 &&
                (is_prefix || seen.len == len + mode_len);
}

/* ---- the table ---- */

/* Checks with the same result in every box, whatever the settings. */
static const struct {
    const char *name, *expected;
} constant_checks[] = {
    {"capabilities", "none"},
    {"no new privileges", "1"},
    {"seccomp mode", "2"},
    {"namespaces of the host", "none"},
    {"cgroup path", "/"},
    {"processes", "mayfly-init python3"},
    {"init's secrets", "none"},
    {"terminal", "none"},
    {"directory", SPEC_DIRECTORY},
    {"environment", "HOME=" SPEC_HOME " HOSTNAME=" SPEC_HOSTNAME " LANG=" SPEC_LANG
                    " LOGNAME=" SPEC_USER " PATH=" SPEC_PATH " USER=" SPEC_USER},
    {"host name", SPEC_HOSTNAME},
    {"domain name", "(none)"},
    {"network interfaces", "lo"},
    {"name servers", SPEC_NAME_SERVER},
    {"names", "localhost " SPEC_HOSTNAME},
    {"mount /", "ro"},
    {"mount /box", "tmpfs nosuid nodev noexec"},
    {"mount /tmp", "tmpfs nosuid nodev noexec"},
    {"mount /dev/shm", "tmpfs nosuid nodev noexec"},
    {"mount /proc", "proc nosuid nodev noexec"},
    {"mount /sys", "sysfs ro nosuid nodev noexec"},
    {"mount points", "/ /box /dev /dev/mqueue /dev/pts /dev/shm /etc/hostname /proc /sys /tmp"},
    {"writable directories", "/box /dev/shm /tmp"},
    {"writable kernel mounts", "none"},
    {"writable kernel paths", "none"},
    {"unmasked kernel paths", "none"},
    {"executable files", "none"},
    {"setuid files and sockets", "none"},
    {"sockets of engines", "none"},
    {"devices", "full null random tty urandom zero"},
    {"IPC settings", "none"},
};

/* The calls that our profile allows, written down independently of it. Sockets are
 * family:type:protocol; 1 is AF_UNIX, also as a protocol. Socket options are level:name; level 0 is
 * IP, 1 any socket, 6 TCP, 41 IPv6. Requests of ioctl are in hexadecimal. */
static const struct {
    const char *name, *expected;
} profile_checks[] = {
    {"sockets", "1:1:0 1:1:1 1:2:0 1:2:1 1:3:0 1:3:1 1:5:0 1:5:1 2:1:0 2:1:6 2:2:0 2:2:17 10:1:0 "
                "10:1:6 10:2:0 10:2:17"},
    {"socket pairs", "1"},
    {"system calls", "none"},
    {"arguments of system calls", "none"},
    {"socket options",
     "0:1 0:2 0:8 0:10 0:11 0:12 0:13 0:24 0:32 0:33 0:34 1:2 1:6 1:7 1:8 1:9 1:10 1:12 1:13 1:15 "
     "1:16 1:18 1:20 1:21 6:1 6:2 6:3 6:4 6:5 6:6 6:7 6:8 6:9 6:12 6:18 6:25 41:16 41:17 41:18 "
     "41:19 41:23 41:25 41:26 41:49 41:51 41:62 41:66 41:67"},
    {"requests of ioctl",
     "5401 5402 5403 5404 5409 540a 540b 540c 540d 540e 540f 5410 5411 5413 5414 541b 5421 5422 "
     "5425 5429 5441 5450 5451 5452 8910 8912 8913 8915 8919 891b 8921 8927 8933 40045431 40049409 "
     "402c542b 402c542c 402c542d 80045430 80045439 802c542a"},
    {"commands of fcntl",
     "0 1 2 3 4 5 6 7 8 9 10 11 15 16 1024 1025 1026 1030 1031 1032 1033 1034"},
    {"other system call entries", "none"},
};

/* On Linux, a box can see its limits. In gVisor it cannot: gVisor has no scores or weights that
 * affect the host, reports limits that nobody has set, and does not count files in a tmpfs, which
 * is its own memory. */
static void expect_limits(const struct judge *judge)
{
    const struct canary_terms *terms = judge->terms;
    expect(judge, "OOM killer", "on");
    expect(judge, "CPU weight", "lowered");
    expect_number(judge, "OOM score of init", SPEC_OOM_SCORE);
    expect_number(judge, "OOM score", PROGRAM_OOM_SCORE);
    expect_lowest_oom_score(judge);
    /* The kernel counts whole pages. */
    uint64_t memory_bytes = terms->limits.memory_bytes / page_bytes() * page_bytes();
    expect_number(judge, "memory", memory_bytes);
    expect_socket_memory(judge, memory_bytes);
    expect_number(judge, "swap", 0);
    expect_number(judge, "processes at most", terms->limits.pids);
    expect_number(judge, "CPU", terms->limits.cpu_millis);
    expect_files(judge);
    if (terms->engine->apparmor)
        expect_apparmor(judge);
}

static void expect_all(const struct judge *judge)
{
    const struct canary_terms *terms = judge->terms;
    expect(judge, "kernel", engine_says_gvisor(terms) ? gvisor : linux_name);
    for (size_t i = 0; i < sizeof constant_checks / sizeof constant_checks[0]; i++)
        expect(judge, constant_checks[i].name, constant_checks[i].expected);
    expect_identity(judge);
    if (judge->kernel == CANARY_LINUX)
        expect_limits(judge);
    expect_ulimits(judge);
    expect_number(judge, "open files", spec_ulimit(0, terms->tmpfs_bytes).value);
    expect_rooms(judge);
    for (size_t i = 0; terms->own_profile && i < sizeof profile_checks / sizeof profile_checks[0];
         i++)
        expect(judge, profile_checks[i].name, profile_checks[i].expected);
}

void canary_judge(const struct canary_terms *terms, struct bytes output,
                  struct canary_report *report)
{
    *report = (struct canary_report){.count = 0};
    struct json *seen = json_parse(output.data, output.len, NULL);
    struct judge judge = {.terms = terms, .seen = seen, .report = report};
    if (json_type_of(seen) == JSON_OBJECT) {
        judge.kernel = kernel_of(&judge);
        report->is_gvisor = judge.kernel == CANARY_GVISOR;
        expect_all(&judge);
    } else {
        canary_judge_lost(report, "it printed no report");
    }
    json_free(seen);
}

void canary_judge_lost(struct canary_report *report, const char *seen)
{
    *report = (struct canary_report){.count = 0};
    struct canary_check *check = add(report, "box");
    snprintf(check->expected, sizeof check->expected, "starts, and the canary reports from it");
    snprintf(check->seen, sizeof check->seen, "%s", seen);
}

const struct canary_check *canary_first_failure(const struct canary_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        if (!report->checks[i].ok)
            return &report->checks[i];
    }
    return NULL;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211U;
    return hash * 31;
}

uint64_t canary_hash_differences(const struct canary_report *found)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < found->count; i++) {
        if (found->checks[i].differs)
            hash = hash_text(hash_text(hash + 1, found->checks[i].name), found->checks[i].seen);
    }
    return hash;
}
