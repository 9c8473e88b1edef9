#include "broker/selftest/canary_rule.h"

#include <string.h>

#include "broker/engine/spec.h"
#include "common/number.h"

#define WORDS(...)                                                                                 \
    {                                                                                              \
        .order = CANARY_WORDS, __VA_ARGS__                                                         \
    }
#define TMPFS "tmpfs nosuid nodev noexec"
#define ROOTS_CGROUP_FOLDER "/sys/fs/cgroup:root's"
#define PROC "proc nosuid nodev noexec"

struct named_rule {
    const char *check; /* a name that ends with a space is a prefix */
    struct canary_rule rule;
};

static const struct named_rule rules[] = {
    /* Podman marks a container by a file that is almost empty. Without root it bind-mounts the
     * devices, which the check "devices" looks at. */
    {"mount points",
     WORDS(.harmless = "/run/.containerenv /dev/full /dev/null /dev/random /dev/tty "
                       "/dev/urandom /dev/zero")},
    /* On cgroup v1, this is the folder that contains the hierarchies. It belongs to root, and the
     * hierarchies are read-only. */
    {"writable kernel mounts", WORDS(.harmless = ROOTS_CGROUP_FOLDER)},
    {"writable kernel paths", WORDS(.harmless = ROOTS_CGROUP_FOLDER)},
    {"mount /", WORDS(.needed = "ro", .harmless = "nosuid nodev")},
    {"mount /dev/shm", WORDS(.needed = TMPFS, .harmless = "ro")},
    {"mount /proc", WORDS(.needed = PROC, .harmless = "ro")},
    {"writable directories", WORDS(.needed = SPEC_DIRECTORY " " SPEC_HOME)},
    {"environment", WORDS(.needed = "HOME=" SPEC_HOME " PATH=" SPEC_PATH,
                          .harmless = "TERM=xterm container=podman")},
    {"network interfaces", WORDS(.needed = NULL)},
    {"devices", WORDS(.needed = "null random urandom zero")},
    {"sockets", WORDS(.needed = NULL)},
    {"socket pairs", WORDS(.needed = NULL)},
    {"memory", {.order = CANARY_AT_MOST}},
    {"processes at most", {.order = CANARY_AT_MOST}},
    {"CPU", {.order = CANARY_AT_MOST}},
    {"limit ", {.order = CANARY_AT_MOST}},
    {"open files", {.order = CANARY_AT_MOST}},
    {"room in ", {.order = CANARY_AT_MOST}},
    {"files in ", {.order = CANARY_AT_MOST}},
};

/* In gVisor, a kernel of its own (the sentry) answers a box's system calls. It makes few calls to
 * the host, which a filter limits. Something that only the sentry provides gives no access to the
 * host:
 *
 *  mounts, /proc, /sys, /dev   belong to the sentry. It drops nosuid, because no program gains
 *                              privileges by setuid there. It drops nodev, because the devices are
 *                              its own and the profile forbids creating any. It keeps noexec and
 *                              read-only. The paths that it reports as writable are root's, and no
 *                              process of a box is root.
 *  /dev/fuse                   belongs to the sentry. It is useless without a mount, which the
 *                              profile forbids.
 *  missing features            cannot be abused: a cgroup namespace, ambient capabilities, some
 *                              System V settings.
 *  init's addresses            are useless to a program that cannot open init's memory. init's
 *                              environment equals the program's, and only the numbers of its
 *                              descriptors are visible. But a program that opens one of them can
 *                              pretend to be init: gVisor is weaker here.
 *  /proc/cmdline, boot_id      belong to the sentry. It does not mask them, but they reveal nothing
 *                              about the host.
 *  the cgroup path             contains the container's id, which is of use only to clients of the
 *                              engine.
 *
 * The lists of system calls and of argument values have no rules here: they must hold everywhere.
 * trial.h tests the limits. */
static const struct named_rule gvisor_rules[] = {
    {"capabilities", WORDS(.harmless = "no-CapAmb")},
    {"namespaces of the host", WORDS(.harmless = "no-cgroup")},
    {"cgroup path", WORDS(.harmless = "/ID")},
    {"init's secrets", WORDS(.harmless = "environ maps auxv fd")},
    {"domain name", WORDS(.harmless = SPEC_HOSTNAME)},
    {"unmasked kernel paths", WORDS(.harmless = "/proc/cmdline /proc/sys/kernel/random/boot_id")},
    {"mount /box", WORDS(.needed = "tmpfs noexec")},
    {"mount /tmp", WORDS(.needed = "tmpfs noexec")},
    {"mount /dev/shm", WORDS(.needed = "tmpfs noexec")},
    {"mount /proc", WORDS(.needed = "proc noexec")},
    {"mount /sys", WORDS(.needed = "sysfs ro noexec")},
    {"writable kernel mounts",
     WORDS(.harmless = "/sys/fs/cgroup/cpu:root's /sys/fs/cgroup/cpuacct:root's "
                       "/sys/fs/cgroup/cpuset:root's /sys/fs/cgroup/devices:root's "
                       "/sys/fs/cgroup/job:root's /sys/fs/cgroup/memory:root's "
                       "/sys/fs/cgroup/pids:root's")},
    {"writable kernel paths",
     WORDS(.harmless = "/proc/bus:root's /proc/fs:root's /proc/irq:root's /proc/sys:root's "
                       "/proc/sysrq-trigger:root's")},
    {"devices", WORDS(.needed = "null random urandom zero", .harmless = "fuse")},
    {"IPC settings", WORDS(.harmless = "no-shm_rmid_forced")},
};

static const struct canary_rule *find_rule(const struct named_rule *all, size_t count,
                                           const char *check)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(all[i].check);
        bool is_prefix = all[i].check[len - 1] == ' ';
        if (is_prefix ? strncmp(check, all[i].check, len) == 0 : strcmp(check, all[i].check) == 0)
            return &all[i].rule;
    }
    return NULL;
}

const struct canary_rule *canary_rule_of(const char *check, enum canary_kernel kernel)
{
    static const struct canary_rule same = {.order = CANARY_SAME};
    const struct canary_rule *rule = NULL;
    if (kernel == CANARY_GVISOR)
        rule = find_rule(gvisor_rules, sizeof gvisor_rules / sizeof gvisor_rules[0], check);
    if (!rule)
        rule = find_rule(rules, sizeof rules / sizeof rules[0], check);
    return rule ? rule : &same;
}

/* Remove the next word from `rest`. Returns false at the end. */
static bool next_word(struct bytes *rest, struct bytes *word)
{
    while (rest->len && rest->data[0] == ' ')
        *rest = bytes_of(rest->data + 1, rest->len - 1);
    size_t len = 0;
    while (len < rest->len && rest->data[len] != ' ')
        len++;
    *word = bytes_of(rest->data, len);
    *rest = bytes_of(rest->data + len, rest->len - len);
    return len > 0;
}

static bool bytes_equal(struct bytes one, struct bytes other)
{
    return one.len == other.len && memcmp(one.data, other.data, one.len) == 0;
}

static bool has_word(struct bytes text, struct bytes wanted)
{
    struct bytes word;
    while (next_word(&text, &word)) {
        if (bytes_equal(word, wanted))
            return true;
    }
    return false;
}

static struct bytes words_of(const char *text)
{
    return bytes_of_string(text && strcmp(text, "none") != 0 ? text : "");
}

/* Returns true if all words are allowed by the rule. An empty text means that the canary reported
 * nothing; an empty set is reported as "none". */
static bool words_are_harmless(const struct canary_rule *rule, const char *expected,
                               struct bytes seen)
{
    struct bytes needed = words_of(rule->needed), harmless = words_of(rule->harmless);
    struct bytes rest = bytes_equal_string(seen, "none") ? bytes_of("", 0) : seen;
    struct bytes word;
    if (seen.len == 0)
        return false;
    seen = rest;
    while (next_word(&rest, &word)) {
        if (!has_word(words_of(expected), word) && !has_word(harmless, word))
            return false;
    }
    while (next_word(&needed, &word)) {
        if (!has_word(seen, word))
            return false;
    }
    return true;
}

/* A 0 instead of another number often means "no limit", so it is not accepted. */
static bool is_at_most(struct bytes expected, struct bytes seen)
{
    uint64_t limit, number;
    if (bytes_equal(expected, seen))
        return true;
    return number_parse_uint((const char *)expected.data, expected.len, &limit) &&
           number_parse_uint((const char *)seen.data, seen.len, &number) && number > 0 &&
           number <= limit;
}

static bool numbers_are_at_most(const char *expected, struct bytes seen)
{
    struct bytes rest = bytes_of_string(expected), wanted, word;
    while (next_word(&rest, &wanted)) {
        if (!next_word(&seen, &word) || !is_at_most(wanted, word))
            return false;
    }
    return !next_word(&seen, &word);
}

enum canary_finding canary_rule_apply(const struct canary_rule *rule, const char *expected,
                                      struct bytes seen)
{
    bool harmless = false;
    if (bytes_equal_string(seen, expected))
        return CANARY_HOLDS;
    switch (rule->order) {
    case CANARY_SAME:
        break;
    case CANARY_WORDS:
        harmless = words_are_harmless(rule, expected, seen);
        break;
    case CANARY_AT_MOST:
        harmless = numbers_are_at_most(expected, seen);
        break;
    }
    return harmless ? CANARY_DIFFERS : CANARY_WEAKER;
}
