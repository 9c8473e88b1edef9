/* The canary: the check of its report against the expectations, then its runs, with a pool, an
 * engine and a clock that the test controls. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/selftest/canary.h"
#include "broker/selftest/canary_rule.h"
#include "broker/engine/spec.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/outcome.h"

/* ---- the judge ---- */

static const struct docker_engine info = {
    .cpus = 2, .oci_runtime = "crun", .socket_memory_limit = true};
static const struct canary_terms terms = {
    .engine = &info,
    .oci_runtime = "crun",
    .limits = {.memory_bytes = 268435456, .cpu_millis = 1000, .pids = 64},
    .tmpfs_bytes = 67108864,
    .first_uid = 200000,
    .uids_count = 16,
    .own_profile = true,
};

static const struct docker_engine gvisor_info = {
    .cpus = 2, .oci_runtime = "runsc", .gvisor_runtimes = ",runsc,", .apparmor = true};

/* The same terms for an engine whose boxes run in gVisor. */
static struct canary_terms gvisor_terms(void)
{
    struct canary_terms with = terms;
    with.engine = &gvisor_info;
    with.oci_runtime = "runsc";
    return with;
}

static struct canary_report judged(const struct canary_terms *with, const char *output)
{
    static struct canary_report report;
    canary_judge(with, bytes_of_string(output), &report);
    assert_true(report.count > 0 && report.count <= CANARY_CHECKS_MAX);
    return report;
}

/* Returns a report that meets all expectations, except that `name` has the value `seen`. */
static struct buf healthy_but(const struct canary_terms *with, const char *name, const char *seen)
{
    bool is_gvisor = with->engine == &gvisor_info;
    struct canary_report report = judged(with, is_gvisor ? "{\"kernel\":\"gVisor\"}" : "{}");
    struct buf text;
    struct json_out json;
    buf_init(&text, 65536);
    json_begin(&json, &text);
    json_open(&json, '{');
    for (size_t i = 0; i < report.count; i++) {
        const struct canary_check *check = &report.checks[i];
        const char *value = check->expected;
        if (strcmp(check->name, "user and groups") == 0)
            value = "200007";
        else if (strcmp(check->name, "OOM score at its lowest") == 0)
            value = "500";
        json_key(&json, check->name);
        json_put_text(&json, name && strcmp(name, check->name) == 0 ? seen : value);
    }
    json_close(&json, '}');
    assert_true(json.ok && buf_append(&text, "", 1));
    return text;
}

static struct canary_report report_on(const struct canary_terms *with, const char *name,
                                      const char *seen)
{
    struct buf text = healthy_but(with, name, seen);
    struct canary_report report = judged(with, (const char *)buf_bytes(&text).data);
    buf_release(&text);
    return report;
}

static void a_healthy_box_passes(void **state)
{
    (void)state;
    struct canary_report report = report_on(&terms, NULL, NULL);
    assert_null(canary_first_failure(&report));
    assert_true(report.count >= 50);
}

static void every_check_can_fail(void **state)
{
    (void)state;
    struct canary_report all = judged(&terms, "{}");
    for (size_t i = 0; i < all.count; i++) {
        const char *name = all.checks[i].name;
        static const char *const wrong[] = {"", "something else", "0 0 0"};
        check(!all.checks[i].ok, "%s passes when nothing was seen of it", name);
        for (size_t k = 0; k < COUNT(wrong); k++) {
            struct canary_report report = report_on(&terms, name, wrong[k]);
            const struct canary_check *failed = canary_first_failure(&report);
            check(failed && strcmp(failed->name, name) == 0, "%s seen as \"%s\"", name, wrong[k]);
            assert_string_equal(failed->seen, wrong[k]);
        }
    }
}

/* Values that the canary may report, check by check, with a row for each direction of each rule. */
static const struct {
    const char *name, *seen;
    enum canary_finding finding;
} sights[] = {
    {"mount points", "/ /box /dev /dev/mqueue /dev/pts /dev/shm /proc /sys /tmp", CANARY_DIFFERS},
    {"mount points", "/ /box /dev /etc/secret /proc /sys /tmp", CANARY_WEAKER},
    {"mount points", "", CANARY_WEAKER},
    {"mount points", "none", CANARY_DIFFERS}, /* checks such as "mount /box" fail then */
    {"mount points", "FileNotFoundError: /proc/self/mountinfo", CANARY_WEAKER},
    {"writable directories", "/box /tmp", CANARY_DIFFERS},
    {"writable directories", "/tmp", CANARY_WEAKER},
    {"writable directories", "none", CANARY_WEAKER},
    {"writable directories", "/box /dev/shm /tmp /usr", CANARY_WEAKER},
    {"mount /", "ro nosuid nodev", CANARY_DIFFERS},
    {"mount /", "nosuid nodev", CANARY_WEAKER},
    {"mount /", "ro fun", CANARY_WEAKER},
    {"mount /box", "tmpfs nosuid nodev", CANARY_WEAKER},
    {"mount /box", "tmpfs ro nosuid nodev noexec", CANARY_WEAKER},
    {"mount /dev/shm", "tmpfs ro nosuid nodev noexec", CANARY_DIFFERS},
    {"mount /dev/shm", "not mounted ro", CANARY_WEAKER},
    {"mount /proc", "proc ro nosuid nodev noexec", CANARY_DIFFERS},
    {"mount /proc", "ext4 ro nosuid nodev noexec", CANARY_WEAKER},
    {"mount /sys", "sysfs nosuid nodev noexec", CANARY_WEAKER},
    {"network interfaces", "none", CANARY_DIFFERS},
    {"network interfaces", "eth0", CANARY_WEAKER},
    {"network interfaces", "eth0 lo", CANARY_WEAKER},
    {"environment", "HOME=/tmp PATH=" SPEC_PATH " TERM=xterm container=podman", CANARY_DIFFERS},
    {"environment", "HOME=/tmp", CANARY_WEAKER},
    {"environment", "HOME=/tmp PATH=" SPEC_PATH " LD_PRELOAD=/x", CANARY_WEAKER},
    {"devices", "null random urandom zero", CANARY_DIFFERS},
    {"devices", "full null random tty zero", CANARY_WEAKER},
    {"devices", "full fuse null random tty urandom zero", CANARY_WEAKER},
    {"sockets", "1:1:0 2:1:0", CANARY_DIFFERS},
    {"sockets", "none", CANARY_DIFFERS},
    {"sockets", "1:1:0 16:3:0", CANARY_WEAKER},
    {"socket pairs", "none", CANARY_DIFFERS},
    {"socket pairs", "1 2", CANARY_WEAKER},
    {"memory", "134217728", CANARY_DIFFERS},
    {"memory", "268435457", CANARY_WEAKER},
    {"memory", "0", CANARY_WEAKER},
    {"memory", "max", CANARY_WEAKER},
    {"memory", "-1", CANARY_WEAKER},
    {"swap", "1", CANARY_WEAKER},
    {"processes at most", "32", CANARY_DIFFERS},
    {"processes at most", "max", CANARY_WEAKER},
    {"CPU", "500", CANARY_DIFFERS},
    {"CPU", "1001", CANARY_WEAKER},
    {"CPU", "unlimited", CANARY_WEAKER},
    {"limit nofile", "1024 512", CANARY_DIFFERS},
    {"limit nofile", "512 1048576", CANARY_WEAKER},
    {"limit nofile", "1024", CANARY_WEAKER},
    {"limit nofile", "1024 1024 1024", CANARY_WEAKER},
    {"limit core", "1 0", CANARY_WEAKER},
    {"room in /box", "4096 bytes", CANARY_DIFFERS},
    {"room in /box", "0 bytes", CANARY_WEAKER}, /* 0 means no limit */
    {"room in /box", "67108864", CANARY_WEAKER},
    {"files in /box", "4096", CANARY_DIFFERS},
    {"files in /box", "unlimited", CANARY_WEAKER},
    {"files in /tmp", "0", CANARY_WEAKER},
    {"mount points", "/ /box /dev /dev/null /proc /run/.containerenv /sys /tmp", CANARY_DIFFERS},
    {"writable kernel mounts", "/sys/fs/cgroup:root's", CANARY_DIFFERS},
    {"writable kernel mounts", "/sys/fs/cgroup", CANARY_WEAKER},
    {"writable kernel paths", "/proc/sys /sys/fs/cgroup:root's", CANARY_WEAKER},
    {"seccomp mode", "1", CANARY_WEAKER},
    {"capabilities", "", CANARY_WEAKER},
    {"cgroup path", "/x", CANARY_WEAKER},
};

static void what_differs_is_weaker_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sights); i++) {
        struct canary_report report = report_on(&terms, sights[i].name, sights[i].seen);
        const struct canary_check *failed = canary_first_failure(&report);
        bool differs = false;
        for (size_t k = 0; k < report.count; k++)
            differs = differs || (report.checks[k].differs && report.checks[k].ok);
        check((failed != NULL) == (sights[i].finding == CANARY_WEAKER), "%s seen as \"%s\"",
              sights[i].name, sights[i].seen);
        check(differs == (sights[i].finding == CANARY_DIFFERS), "%s seen as \"%s\" differs",
              sights[i].name, sights[i].seen);
    }
}

/* The rules for gVisor, each with a value that is expected there and a value that is weaker. */
static const struct {
    const char *name, *seen;
    enum canary_finding finding;
} gvisor_sights[] = {
    {"capabilities", "no-CapAmb", CANARY_DIFFERS},
    {"capabilities", "CapEff=1 no-CapAmb", CANARY_WEAKER},
    {"capabilities", "no-CapBnd", CANARY_WEAKER},
    {"namespaces of the host", "no-cgroup", CANARY_DIFFERS},
    {"namespaces of the host", "ipc no-cgroup", CANARY_WEAKER},
    {"namespaces of the host", "no-ipc", CANARY_WEAKER},
    {"cgroup path", "/ID", CANARY_DIFFERS},
    {"cgroup path", "/docker/ID", CANARY_WEAKER},
    {"mount /box", "tmpfs noexec", CANARY_DIFFERS},
    {"mount /box", "tmpfs nosuid nodev", CANARY_WEAKER},
    {"mount /tmp", "tmpfs noexec", CANARY_DIFFERS},
    {"mount /tmp", "9p noexec", CANARY_WEAKER},
    {"mount /tmp", "tmpfs", CANARY_WEAKER},
    {"mount /dev/shm", "tmpfs noexec", CANARY_DIFFERS},
    {"mount /dev/shm", "tmpfs", CANARY_WEAKER},
    {"mount /proc", "proc noexec", CANARY_DIFFERS},
    {"mount /proc", "9p noexec", CANARY_WEAKER},
    {"mount /proc", "proc", CANARY_WEAKER},
    {"mount /sys", "sysfs ro noexec", CANARY_DIFFERS},
    {"mount /sys", "sysfs noexec", CANARY_WEAKER},
    {"mount /sys", "sysfs ro", CANARY_WEAKER},
    {"mount /", "noexec", CANARY_WEAKER},
    {"writable kernel mounts", "/sys/fs/cgroup/cpu:root's", CANARY_DIFFERS},
    {"writable kernel mounts", "/sys/fs/cgroup/cpu", CANARY_WEAKER},
    {"writable kernel mounts", "/proc/driver:root's", CANARY_WEAKER},
    {"writable kernel paths", "/proc/bus:root's /proc/sys:root's", CANARY_DIFFERS},
    {"writable kernel paths", "/proc/sys", CANARY_WEAKER},
    {"devices", "full fuse null random tty urandom zero", CANARY_DIFFERS},
    {"devices", "full fuse kvm null random tty urandom zero", CANARY_WEAKER},
    {"devices", "fuse null random urandom", CANARY_WEAKER},
    {"init's secrets", "environ maps auxv fd", CANARY_DIFFERS},
    {"init's secrets", "fd fd/1", CANARY_WEAKER},
    {"init's secrets", "mem", CANARY_WEAKER},
    {"domain name", "box", CANARY_DIFFERS},
    {"domain name", "example.org", CANARY_WEAKER},
    {"unmasked kernel paths", "/proc/cmdline", CANARY_DIFFERS},
    {"unmasked kernel paths", "/proc/cmdline /proc/keys", CANARY_WEAKER},
    {"IPC settings", "no-shm_rmid_forced", CANARY_DIFFERS},
    {"IPC settings", "no-shm_rmid_forced sem=1", CANARY_WEAKER},
    /* These promise the same on every kernel. */
    {"system calls", "101", CANARY_WEAKER},
    {"arguments of system calls", "mknodat of a device", CANARY_WEAKER},
    {"socket options", "6:31", CANARY_WEAKER},
    {"requests of ioctl", "5412", CANARY_WEAKER},
    {"commands of fcntl", "37", CANARY_WEAKER},
    {"seccomp mode", "0", CANARY_WEAKER},
    {"open files", "1048576", CANARY_WEAKER},
    {"open files", "512", CANARY_DIFFERS},
};

static void gvisor_has_rules_of_its_own(void **state)
{
    (void)state;
    struct canary_terms with = gvisor_terms();
    for (size_t i = 0; i < COUNT(gvisor_sights); i++) {
        const char *name = gvisor_sights[i].name, *seen = gvisor_sights[i].seen;
        struct canary_report report = report_on(&with, name, seen);
        const struct canary_check *failed = canary_first_failure(&report);
        bool is_weaker = gvisor_sights[i].finding == CANARY_WEAKER;
        check((failed != NULL) == is_weaker, "%s seen as \"%s\"", name, seen);
        check(!failed || strcmp(failed->name, name) == 0, "%s and not %s", name, failed->name);
        check(is_weaker || canary_hash_differences(&report) != 0, "%s seen as \"%s\"", name, seen);
        /* The rules for Linux still call the same value weaker. */
        report = report_on(&terms, name, seen);
        check(canary_first_failure(&report) || strcmp(name, "open files") == 0, "%s: \"%s\"", name,
              seen);
    }
}

static bool has_check(const struct canary_report *report, const char *name)
{
    for (size_t i = 0; i < report->count; i++) {
        if (strcmp(report->checks[i].name, name) == 0)
            return true;
    }
    return false;
}

/* gVisor must be reported by both the engine (its OCI runtime) and the box (its kernel). */
static void gvisor_is_known_by_two_witnesses(void **state)
{
    (void)state;
    struct canary_terms with = gvisor_terms();
    static const char *const unread[] = {"memory",
                                         "swap",
                                         "processes at most",
                                         "CPU",
                                         "CPU weight",
                                         "OOM killer",
                                         "AppArmor",
                                         "OOM score of init",
                                         "memory of sockets",
                                         "files in /box"};
    struct canary_report report = report_on(&with, NULL, NULL);
    assert_true(report.is_gvisor);
    assert_null(canary_first_failure(&report));
    for (size_t i = 0; i < COUNT(unread); i++)
        check(!has_check(&report, unread[i]), "%s", unread[i]);
    report = report_on(&with, "kernel", "Linux"); /* the engine alone */
    assert_false(report.is_gvisor);
    assert_string_equal(canary_first_failure(&report)->name, "kernel");
    assert_true(has_check(&report, "memory"));
    report = report_on(&terms, "kernel", "gVisor"); /* the box alone */
    assert_false(report.is_gvisor);
    assert_string_equal(canary_first_failure(&report)->name, "kernel");
    assert_true(has_check(&report, "memory"));
    with.oci_runtime = "runs"; /* a part of the name does not count */
    report = report_on(&with, "kernel", "gVisor");
    assert_false(report.is_gvisor);
}

static void the_user_is_one_of_the_slots(void **state)
{
    (void)state;
    static const struct {
        const char *seen;
        bool ok;
    } rows[] = {
        {"200000", true}, {"200015", true},        {"200016", false}, {"199999", false},
        {"0", false},     {"200000 65534", false}, {"-1", false},     {"0200000x", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct canary_report report = report_on(&terms, "user and groups", rows[i].seen);
        const struct canary_check *failure = canary_first_failure(&report);
        check((failure == NULL) == rows[i].ok, "%s: %s", rows[i].seen,
              failure ? failure->name : "");
    }
}

static const char *expected_of(const struct canary_terms *with, const char *name)
{
    static struct canary_report report;
    report = judged(with, "{}");
    for (size_t i = 0; i < report.count; i++) {
        if (strcmp(report.checks[i].name, name) == 0)
            return report.checks[i].expected;
    }
    return "";
}

static void expectations_follow_the_terms(void **state)
{
    (void)state;
    struct canary_terms other = terms;
    struct docker_engine apparmor = info;
    apparmor.apparmor = true;
    other.engine = &apparmor;
    other.limits = (struct limits){.memory_bytes = 100000001, .cpu_millis = 1500, .pids = 9};
    other.tmpfs_bytes = 1048577;
    assert_string_equal(expected_of(&other, "memory"), "99999744"); /* whole pages */
    assert_string_equal(expected_of(&other, "CPU"), "1500");
    assert_string_equal(expected_of(&other, "processes at most"), "9");
    assert_string_equal(expected_of(&other, "room in /box"), "1052672 bytes");
    assert_string_equal(expected_of(&other, "limit fsize"), "2097153 2097153");
    assert_string_equal(expected_of(&other, "AppArmor"), "docker-default (enforce)");
    assert_string_equal(expected_of(&terms, "AppArmor"), "");
    assert_string_equal(expected_of(&terms, "system calls"), "none");
    other.own_profile = false;
    assert_string_equal(expected_of(&other, "system calls"), "");
}

static bool passes(const struct canary_terms *with, const char *name, const char *seen)
{
    struct canary_report report = report_on(with, name, seen);
    return canary_first_failure(&report) == NULL;
}

static void a_low_oom_score_is_the_hosts_own_least(void **state)
{
    (void)state;
    assert_true(passes(&terms, "OOM score at its lowest", "500"));
    assert_true(passes(&terms, "OOM score at its lowest", "0"));
    assert_false(passes(&terms, "OOM score at its lowest", "499"));
    assert_false(passes(&terms, "OOM score at its lowest", "1000"));
    assert_false(passes(&terms, "OOM score at its lowest", "-1000"));
}

/* systemd starts a user's processes with an OOM score of at least 100. */
static void a_low_oom_score_is_the_users_own_least_without_root(void **state)
{
    (void)state;
    struct docker_engine without_root = info;
    without_root.rootless = true;
    struct canary_terms with = terms;
    with.engine = &without_root;
    static const char *const good[] = {"0", "1", "100", "499", "500"};
    static const char *const bad[] = {"-1", "-1000", "501", "1000", "", "100x"};
    for (size_t i = 0; i < COUNT(good); i++)
        check(passes(&with, "OOM score at its lowest", good[i]), "%s", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        check(!passes(&with, "OOM score at its lowest", bad[i]), "%s", bad[i]);
}

/* Memory of sockets may be unlimited only on cgroup v1, if the limit is unknown or the OCI runtime
 * does not set it. */
static void memory_of_sockets_is_limited_where_it_can_be(void **state)
{
    (void)state;
    static const struct {
        const char *oci_runtime;
        bool v2, known, may_be_unlimited;
    } rows[] = {
        {"crun", false, true, false}, {"runc", false, true, true},  {"crun", false, false, true},
        {"crun", true, false, false}, {"runc", true, false, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct docker_engine engine = {.cgroup_v2 = rows[i].v2,
                                       .socket_memory_limit = rows[i].known};
        struct canary_terms with = terms;
        with.engine = &engine;
        with.oci_runtime = rows[i].oci_runtime;
        check(passes(&with, "memory of sockets", "268435456"), "row %zu: the limit", i);
        check(passes(&with, "memory of sockets", "unlimited") == rows[i].may_be_unlimited,
              "row %zu: none", i);
        check(!passes(&with, "memory of sockets", "268435457"), "row %zu: another", i);
    }
}

static void the_apparmor_profile_is_the_vendors(void **state)
{
    (void)state;
    static const struct {
        const char *seen;
        enum engine_vendor vendor;
        bool ok;
    } rows[] = {
        {"docker-default (enforce)", ENGINE_DOCKER, true},
        {"docker-default (complain)", ENGINE_DOCKER, false},
        {"docker-default-x (enforce)", ENGINE_DOCKER, false},
        {"unconfined", ENGINE_DOCKER, false},
        {"containers-default-0.62.2 (enforce)", ENGINE_PODMAN, true},
        {"containers-default- (complain)", ENGINE_PODMAN, false},
        {"docker-default (enforce)", ENGINE_PODMAN, false},
        {"", ENGINE_PODMAN, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct docker_engine with = {
            .vendor = rows[i].vendor, .cpus = 2, .cgroup_v2 = true, .apparmor = true};
        struct canary_terms other = terms;
        other.engine = &with;
        struct canary_report report = report_on(&other, "AppArmor", rows[i].seen);
        const struct canary_check *failure = canary_first_failure(&report);
        check((failure == NULL) == rows[i].ok, "%s: %s", rows[i].seen,
              failure ? failure->name : "");
    }
}

static void what_is_no_report_is_one_failed_check(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "fine", "[]", "null", "{\"memory\":", "\"{}\""};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct canary_report report = judged(&terms, wrong[i]);
        assert_int_equal(report.count, 1);
        assert_string_equal(canary_first_failure(&report)->name, "box");
    }
}

static void long_sights_are_cut(void **state)
{
    (void)state;
    char seen[4 * CANARY_TEXT_MAX];
    memset(seen, 'x', sizeof seen);
    seen[sizeof seen - 1] = '\0';
    struct canary_report report = report_on(&terms, "mount points", seen);
    assert_int_equal(strlen(canary_first_failure(&report)->seen), CANARY_TEXT_MAX - 1);
}

/* ---- its life: the neighbours ---- */

static struct {
    uint64_t now_ms;
    bool engine_up, trusted;
    char why[ERROR_TEXT_BYTES];
    bool refuses; /* pool_submit_canary fails */
    uint32_t timeout_ms;
    struct run run;
    run_listener *sink;
    void *arg;
    unsigned sent, canceled, reports;
    bool is_gvisor;
    char args[80]; /* of the last that was sent */
    docker_measured *measured;
    void *measured_arg;
    char runtime[JOB_RUNTIME_NAME_MAX + 1]; /* of the last that was sent */
    struct timer *timer;
} world;

uint64_t clock_now_ns(void)
{
    return world.now_ms * NS_PER_MS;
}

uint64_t clock_now_ms(void)
{
    return world.now_ms;
}

uint64_t clock_wall_ms(void)
{
    return world.now_ms;
}

void timer_start(struct timers *timers, struct timer *timer, uint64_t after_ms)
{
    (void)timers;
    timer->deadline_ms = world.now_ms + after_ms;
    world.timer = timer;
}

void timer_stop(struct timers *timers, struct timer *timer)
{
    (void)timers;
    (void)timer;
    world.timer = NULL;
}

bool engine_is_up(const struct engine *engine)
{
    (void)engine;
    return world.engine_up;
}

const struct docker_engine *engine_info(const struct engine *engine)
{
    (void)engine;
    return world.is_gvisor ? &gvisor_info : &info;
}

/* Stubs of the pool's and the engine's functions. */
struct docker_call {
    int unused;
};

static struct docker_call measurement;

struct docker_call *pool_measure(struct pool *pool, const struct run *run, docker_measured *done,
                                 void *arg)
{
    (void)pool;
    assert_ptr_equal(run, &world.run);
    world.measured = done;
    world.measured_arg = arg;
    return &measurement;
}

void docker_cancel(struct docker_call *call)
{
    if (call)
        world.measured = NULL;
}

static void measure(uint64_t cpu_ms, uint64_t periods, enum error_kind failure)
{
    struct docker_result result = {.status = 200};
    struct docker_usage usage = {.cpu_ns = cpu_ms * NS_PER_MS, .cpu_periods_count = periods};
    docker_measured *done = world.measured;
    if (failure != ERR_NONE)
        error_set(&result.error, failure, "no numbers");
    assert_non_null(done);
    world.measured = NULL;
    done(world.measured_arg, &result, &usage);
}

uint32_t pool_first_uid(const struct pool *pool)
{
    (void)pool;
    return 200000;
}

void pool_trust(struct pool *pool)
{
    (void)pool;
    world.trusted = true;
}

void pool_distrust(struct pool *pool, const struct error *why)
{
    (void)pool;
    world.trusted = false;
    snprintf(world.why, sizeof world.why, "%s", why->text);
}

struct run *pool_submit_canary(struct pool *pool, struct buf *frame, struct audience *audience,
                               void *arg, struct error *err)
{
    (void)pool;
    struct job job;
    struct frame run;
    size_t used;
    struct bytes bytes = buf_bytes(frame);
    assert_int_equal(wire_parse(bytes.data, bytes.len, bytes.len, &run, &used), WIRE_FRAME);
    assert_true(run.type == WIRE_RUN && used == bytes.len);
    assert_true(job_decode(run.payload, &job, err));
    bool is_trial = memcmp(job.source.data, "# mayfly trial\n", 15) == 0;
    assert_true(is_trial || memcmp(job.source.data, "# mayfly canary\n", 16) == 0);
    assert_true((job.stdin_data.len > 100) != is_trial);
    struct bytes cursor = job.fields, arg_text;
    world.args[0] = '\0';
    while (job_next(&cursor, WIRE_TAG_ARG, &arg_text)) {
        size_t len = strlen(world.args);
        snprintf(world.args + len, sizeof world.args - len, "%.*s ", (int)arg_text.len,
                 (const char *)arg_text.data);
    }
    snprintf(world.runtime, sizeof world.runtime, "%s", job.runtime);
    assert_int_equal(job.output_bytes, 30000); /* what is configured */
    world.timeout_ms = job.timeout_ms;
    if (world.refuses) {
        error_set(err, ERR_DRAINING, "the gateway is stopping");
        return NULL;
    }
    world.sent++;
    world.sink = audience->on_frame;
    world.arg = arg;
    return &world.run;
}

void pool_cancel(struct pool *pool, struct run *run)
{
    (void)pool;
    assert_ptr_equal(run, &world.run);
    world.canceled++;
}

/* ---- its life: the tests ---- */

static struct config config = {
    .runtimes_count = 1,
    .runtimes = {{.name = "python"}, {.name = "other"}},
    .default_limits = {.memory_bytes = 268435456, .cpu_millis = 1000, .pids = 64},
    .tmpfs_bytes = 67108864,
    .max_boxes = 16,
    .max_timeout_ms = 5000,
    .max_output_bytes = 30000,
    .canary_s = 60,
};
static struct canary *canary;

static void on_reported(void *arg, const struct canary_report *report, bool passed)
{
    (void)arg;
    assert_int_equal(passed, canary_first_failure(report) == NULL);
    world.reports++;
}

static void pass_ms(uint64_t ms)
{
    uint64_t until_ms = world.now_ms + ms;
    while (world.timer && world.timer->deadline_ms <= until_ms) {
        struct timer *timer = world.timer;
        world.timer = NULL;
        world.now_ms = timer->deadline_ms;
        timer->on_due(timer->arg);
    }
    world.now_ms = until_ms;
}

static void say(enum wire_type type, const void *payload, size_t len)
{
    struct frame frame = {.type = type, .run_id = 1, .payload = bytes_of(payload, len)};
    assert_true(world.sink(world.arg, &world.run, &frame));
}

static void end_with(const struct outcome *outcome)
{
    struct buf payload;
    buf_init(&payload, 1000);
    assert_true(outcome_encode(&payload, outcome));
    say(WIRE_END, buf_bytes(&payload).data, payload.len);
    buf_release(&payload);
}

/* Send the report of a box that is healthy except for one value, in two frames, and with other
 * output on stderr. */
static void come_back(const char *name, const char *seen)
{
    struct canary_terms gvisor = gvisor_terms();
    struct buf text = healthy_but(world.is_gvisor ? &gvisor : &terms, name, seen);
    uint8_t piece[65536] = {WIRE_STDOUT};
    size_t half = text.len / 2, rest = text.len - 1 - half;
    say(WIRE_PAIRED, NULL, 0);
    say(WIRE_STARTED, NULL, 0);
    memcpy(piece + 1, buf_bytes(&text).data, half);
    say(WIRE_OUTPUT, piece, half + 1);
    say(WIRE_OUTPUT, "\2chatter", 8);
    memcpy(piece + 1, buf_bytes(&text).data + half, rest);
    say(WIRE_OUTPUT, piece, rest + 1);
    buf_release(&text);
    end_with(&(struct outcome){.verdict = VERDICT_EXITED});
}

static int set_up(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    world.now_ms = 1000;
    canary = canary_new(NULL, NULL, NULL, &config, on_reported, NULL, NULL);
    assert_non_null(canary);
    pass_ms(1000);
    assert_int_equal(world.sent, 0); /* not before the engine is up */
    world.engine_up = true;
    canary_engine_up(canary);
    pass_ms(0);
    assert_int_equal(world.sent, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    canary_free(canary);
    assert_null(world.timer);
    return 0;
}

static void it_passes_and_comes_again(void **state)
{
    (void)state;
    assert_false(world.trusted);
    come_back(NULL, NULL);
    assert_true(world.trusted);
    assert_int_equal(world.reports, 1);
    pass_ms(59999);
    assert_int_equal(world.sent, 1);
    pass_ms(1);
    assert_int_equal(world.sent, 2);
    assert_true(world.trusted); /* until a canary has failed */
    come_back("swap", "max");
    assert_false(world.trusted);
    assert_string_equal(world.why, "the sandbox's self-test failed in runtime python: swap");
}

static void a_slow_engine_gives_it_time(void **state)
{
    static const struct {
        uint32_t engine_ms, most_ms, expected_ms;
    } cases[] = {
        {10000, 30000, 10000}, {300, 30000, 10000},   {20000, 30000, 20000},
        {60000, 30000, 30000}, {60000, 90000, 60000}, {10000, 5000, 5000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        config.engine_timeout_ms = cases[i].engine_ms;
        config.max_timeout_ms = cases[i].most_ms;
        canary_engine_down(canary);
        canary_engine_up(canary);
        pass_ms(0);
        assert_int_equal(world.timeout_ms, cases[i].expected_ms);
    }
}

static void trust_takes_a_box_of_each_runtime(void **state)
{
    (void)state;
    config.runtimes_count = 2;
    come_back(NULL, NULL);
    assert_false(world.trusted);
    pass_ms(0);
    assert_string_equal(world.runtime, "other");
    come_back("swap", "max");
    assert_string_equal(world.why, "the sandbox's self-test failed in runtime other: swap");
    pass_ms(1000);
    assert_string_equal(world.runtime, "other");
    come_back(NULL, NULL);
    assert_true(world.trusted);
    pass_ms(59999);
    assert_int_equal(world.sent, 3);
    pass_ms(1);
    assert_string_equal(world.runtime, "python");
    come_back(NULL, NULL);
    assert_true(world.trusted); /* also during the rest of the round */
    pass_ms(0);
    canary_engine_up(canary);
    pass_ms(0);
    assert_string_equal(world.runtime, "python"); /* a new round begins with the first runtime */
    config.runtimes_count = 1;
}

static void a_failure_is_repeated_with_back_off(void **state)
{
    (void)state;
    uint64_t wait_ms = 1000;
    for (unsigned sent = 1; sent < 12; sent++) {
        assert_int_equal(world.sent, sent);
        come_back("capabilities", "CapEff=1");
        assert_false(world.trusted);
        pass_ms(wait_ms - 1);
        assert_int_equal(world.sent, sent);
        pass_ms(1);
        wait_ms = wait_ms * 2 > 60000 ? 60000 : wait_ms * 2;
    }
    come_back(NULL, NULL);
    assert_true(world.trusted);
    pass_ms(60000);
    come_back("swap", "max");
    pass_ms(1000); /* from the start again */
    assert_int_equal(world.sent, 14);
}

static void a_lost_one_proves_nothing(void **state)
{
    (void)state;
    end_with(&(struct outcome){.verdict = VERDICT_LOST});
    assert_string_equal(
        world.why, "the sandbox's self-test could not be run in runtime python: its box was lost");
    pass_ms(300);
    assert_int_equal(world.sent, 2);
    come_back(NULL, NULL);
    pass_ms(60000);
    end_with(&(struct outcome){.verdict = VERDICT_LOST});
    assert_true(world.trusted);
    pass_ms(300);
    assert_int_equal(world.sent, 4);
}

static void a_refusal_is_told_in_its_words(void **state)
{
    (void)state;
    struct buf payload;
    buf_init(&payload, 1000);
    assert_true(wire_put_u64(&payload, WIRE_TAG_KIND, ERR_ENGINE) &&
                wire_put(&payload, WIRE_TAG_TEXT, "no swap", 7));
    say(WIRE_REFUSED, buf_bytes(&payload).data, payload.len);
    buf_release(&payload);
    assert_string_equal(world.why,
                        "the sandbox's self-test could not be run in runtime python: no swap");
    world.refuses = true;
    pass_ms(300);
    assert_string_equal(
        world.why,
        "the sandbox's self-test could not be run in runtime python: the gateway is stopping");
}

static void a_canary_that_dies_has_failed(void **state)
{
    (void)state;
    static const struct outcome ends[] = {
        {.verdict = VERDICT_EXITED, .exit_code = 1},
        {.verdict = VERDICT_SIGNALED, .signal = 31},
        {.verdict = VERDICT_TIMEOUT},
        {.verdict = VERDICT_OOM, .signal = 9},
        {.verdict = VERDICT_EXITED}, /* without any output */
    };
    for (size_t i = 0; i < COUNT(ends); i++) {
        world.trusted = true;
        end_with(&ends[i]);
        check(!world.trusted, "end %zu", i);
        assert_string_equal(world.why, "the sandbox's self-test failed in runtime python: box");
        pass_ms(60000);
    }
}

static void an_engine_that_goes_ends_it(void **state)
{
    (void)state;
    come_back(NULL, NULL);
    world.engine_up = false;
    canary_engine_down(canary);
    assert_null(world.timer);
    world.engine_up = true;
    canary_engine_up(canary);
    pass_ms(0);
    assert_int_equal(world.sent, 2);
    canary_engine_down(canary); /* under way */
    assert_int_equal(world.canceled, 1);
    world.trusted = false;
    canary_engine_up(canary);
    pass_ms(0);
    come_back(NULL, NULL);
    assert_true(world.trusted);
}

/* ---- its life: gVisor ---- */

static void print(const char *text)
{
    uint8_t piece[200] = {WIRE_STDOUT};
    struct bytes printed = bytes_of_string(text);
    memcpy(piece + 1, printed.data, printed.len);
    say(WIRE_OUTPUT, piece, printed.len + 1);
}

/* End the program of a trial with this output and verdict. */
static void try_out(const char *args, const char *printed, enum verdict verdict)
{
    assert_string_equal(world.args, args);
    print(printed);
    end_with(&(struct outcome){.verdict = verdict, .signal = verdict == VERDICT_OOM ? 9 : 0});
    pass_ms(0);
}

static void try_all_but_cpu(void)
{
    world.is_gvisor = true;
    come_back(NULL, NULL);
    pass_ms(0);
    try_out("memory 536870912 ", "4194304\n", VERDICT_OOM);
    try_out("processes 128 ", "64\nrefused\n", VERDICT_EXITED);
    try_out("threads 128 ", "64\n", VERDICT_LOST);
    assert_string_equal(world.args, "cpu 3 ");
    assert_false(world.trusted);
}

static void each_limit_is_tried_before_gvisor_is_trusted(void **state)
{
    (void)state;
    try_all_but_cpu();
    assert_null(world.measured);
    print("3\n");
    pass_ms(0);
    measure(500, 7, ERR_NONE);
    pass_ms(1999);
    assert_null(world.measured);
    pass_ms(1);
    measure(2500, 27, ERR_NONE);
    assert_int_equal(world.canceled, 1); /* the program was still running */
    assert_true(world.trusted);
    assert_int_equal(world.reports, 1);
    pass_ms(60000);
    assert_string_equal(world.args, ""); /* a canary follows, not a trial */
}

static void what_does_not_hold_is_named_when_all_was_tried(void **state)
{
    (void)state;
    world.is_gvisor = true;
    come_back(NULL, NULL);
    pass_ms(0);
    try_out("memory 536870912 ", "536870912\n", VERDICT_EXITED);
    try_out("processes 128 ", "65\nrefused\n", VERDICT_EXITED);
    try_out("threads 128 ", "64\nrefused\n", VERDICT_EXITED);
    print("3\n");
    pass_ms(0);
    measure(500, 7, ERR_NONE);
    pass_ms(2000);
    measure(2500, 7, ERR_NONE);
    assert_false(world.trusted);
    assert_string_equal(world.why, "the sandbox's self-test failed in runtime python: memory past "
                                   "the limit");
    pass_ms(1000);
    assert_string_equal(world.args, "");
}

static void a_box_that_is_lost_in_a_trial_is_looked_at_again(void **state)
{
    (void)state;
    world.is_gvisor = true;
    come_back(NULL, NULL);
    pass_ms(0);
    try_out("memory 536870912 ", "4194304\n", VERDICT_LOST);
    assert_string_equal(world.why,
                        "the sandbox's self-test could not be run in runtime python: the "
                        "box of a trial of its limits was lost");
    pass_ms(300);
    assert_string_equal(world.args, "");
    try_all_but_cpu();
    print("3\n");
    pass_ms(0);
    measure(0, 0, ERR_TIMEOUT);
    assert_int_equal(world.canceled, 1);
    assert_string_equal(world.why, "the sandbox's self-test could not be run in runtime python: no "
                                   "numbers");
    pass_ms(300);
    try_all_but_cpu();
    print("3\n");
    pass_ms(0);
    world.engine_up = false;
    canary_engine_down(canary); /* while it is measured */
    assert_null(world.measured);
    assert_null(world.timer);
}

#define alive(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_healthy_box_passes),
        cmocka_unit_test(every_check_can_fail),
        cmocka_unit_test(what_differs_is_weaker_or_not),
        cmocka_unit_test(gvisor_has_rules_of_its_own),
        cmocka_unit_test(gvisor_is_known_by_two_witnesses),
        cmocka_unit_test(the_user_is_one_of_the_slots),
        cmocka_unit_test(expectations_follow_the_terms),
        cmocka_unit_test(a_low_oom_score_is_the_hosts_own_least),
        cmocka_unit_test(a_low_oom_score_is_the_users_own_least_without_root),
        cmocka_unit_test(memory_of_sockets_is_limited_where_it_can_be),
        cmocka_unit_test(the_apparmor_profile_is_the_vendors),
        cmocka_unit_test(what_is_no_report_is_one_failed_check),
        cmocka_unit_test(long_sights_are_cut),
        alive(it_passes_and_comes_again),
        alive(a_slow_engine_gives_it_time),
        alive(trust_takes_a_box_of_each_runtime),
        alive(a_failure_is_repeated_with_back_off),
        alive(a_lost_one_proves_nothing),
        alive(a_refusal_is_told_in_its_words),
        alive(a_canary_that_dies_has_failed),
        alive(an_engine_that_goes_ends_it),
        alive(each_limit_is_tried_before_gvisor_is_trusted),
        alive(what_does_not_hold_is_named_when_all_was_tried),
        alive(a_box_that_is_lost_in_a_trial_is_looked_at_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
