/* One subject of more than 400 lines: the list of system calls that boxes may make, in its two
 * forms, and an operator's list to use instead. */
#include "broker/engine/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "broker/engine/seccomp_calls.h"
#include "broker/engine/seccomp_values.h"
#include "common/json.h"

/* How it works: a call that is not listed fails with EPERM. Only one architecture is listed, so
 * system calls by the entry of another one (32-bit, x32) kill the process. The following are left
 * out on purpose, besides those that the engine's own profile leaves out:
 *
 *  io_uring, AIO, splice, tee, vmsplice     get around the checks of read and write
 *  ptrace, process_vm_*, kcmp, pidfd_getfd  look into other processes
 *  System V and POSIX queues, keyrings      shared by all processes with the same uid;
 *                                           multiprocessing only needs futex and /dev/shm
 *  inotify, fanotify, file handles          counted per uid; they reveal what others do
 *  clone and unshare with namespaces        in a new user namespace, more kernel code is reachable
 *  sendfile                                 puts pages of image files, which boxes share, into
 *                                           sockets; splice does so too, and into pipes
 *  setting extended attributes              an access list is kernel memory that no limit counts,
 *                                           and its name is in memory, where a filter cannot look
 *  mounts, bpf, perf, userfaultfd, seccomp, personality, modify_ldt, memfd_secret, sched_setattr,
 *  ioprio, adjtimex
 *
 * Conditions only ever allow values; none refuses one. A condition compares all 64 bits of an
 * argument, but the kernel ignores the upper half of an int. So a condition "not 37" would be
 * bypassed by 37 with an upper bit set. C libraries sign-extend a request of ioctl, so only its
 * lower half is compared.
 */

#define NAME(call) #call,
#define NUMBER(call) SYS_##call,

static const char *const common_names[] = {COMMON_CALLS(NAME) NULL};
static const char *const x86_64_names[] = {X86_64_CALLS(NAME) NULL};
static const char *const no_names[] = {NULL};
static const int own_numbers[] = {COMMON_CALLS(NUMBER) COMMON_CONDITIONAL_CALLS(NUMBER)
#ifdef __x86_64__
                                      X86_64_CALLS(NUMBER) X86_64_CONDITIONAL_CALLS(NUMBER)
#endif
};

/* Calls that fail with another error than EPERM, because programs then use an alternative. The
 * error numbers are the same on all our architectures. */
static const struct {
    unsigned number;
    const char *const *names;
} refusals[] = {
    /* C libraries try these first, and use an older call if the kernel does not know them. clone3
     * takes its flags from memory, which a filter cannot read. */
    {ENOSYS, (const char *const[]){"clone3", "epoll_pwait2", "fchmodat2", "openat2", NULL}},
    /* The kernel gives this error for files that cannot be mapped. sendfile(2) tells callers to use
     * read and write then. */
    {EINVAL, (const char *const[]){"sendfile", NULL}},
    /* A file system without attributes gives this error, as tmpfs did before Linux 6.6. */
    {EOPNOTSUPP, (const char *const[]){"fremovexattr", "fsetxattr", "lremovexattr", "lsetxattr",
                                       "removexattr", "setxattr", NULL}},
};

static const struct {
    const char *name;    /* the engine's name for it, in /info */
    const char *seccomp; /* libseccomp's name for it */
    const char *const *names;
    bool has_mknod;
} archs[] = {
    [SECCOMP_X86_64] = {"x86_64", "SCMP_ARCH_X86_64", x86_64_names, true},
    [SECCOMP_AARCH64] = {"aarch64", "SCMP_ARCH_AARCH64", no_names, false},
};

bool seccomp_arch_of(const char *architecture, enum seccomp_arch *arch)
{
    for (size_t i = 0; i < sizeof archs / sizeof archs[0]; i++) {
        if (strcmp(archs[i].name, architecture) == 0) {
            *arch = (enum seccomp_arch)i;
            return true;
        }
    }
    return false;
}

/* ---- rules ---- */

/* A condition on one argument: (argument & mask) == value. */
struct condition {
    unsigned index;
    uint64_t mask; /* 0: all bits */
    uint64_t value;
};

static void put_names(struct json_out *json, const char *const *names)
{
    for (; *names; names++)
        json_put_text(json, *names);
}

static void begin_rule(struct json_out *json)
{
    json_open(json, '{');
    json_key(json, "names");
    json_open(json, '[');
}

static void end_names(struct json_out *json, const char *action)
{
    json_close(json, ']');
    json_key(json, "action");
    json_put_text(json, action);
}

static void put_condition(struct json_out *json, const struct condition *condition)
{
    json_open(json, '{');
    json_key(json, "index");
    json_put_uint(json, condition->index);
    json_key(json, "value");
    json_put_uint(json, condition->mask ? condition->mask : condition->value);
    if (condition->mask) {
        json_key(json, "valueTwo");
        json_put_uint(json, condition->value);
    }
    json_key(json, "op");
    json_put_text(json, condition->mask ? "SCMP_CMP_MASKED_EQ" : "SCMP_CMP_EQ");
    json_close(json, '}');
}

/* Allow the calls if all conditions hold. Several rules for one call are alternatives. */
static void put_rule(struct json_out *json, const char *const names[],
                     const struct condition *conditions, size_t count)
{
    begin_rule(json);
    put_names(json, names);
    end_names(json, "SCMP_ACT_ALLOW");
    json_key(json, "args");
    json_open(json, '[');
    for (size_t i = 0; i < count; i++)
        put_condition(json, &conditions[i]);
    json_close(json, ']');
    json_close(json, '}');
}

#define RULE(json, name, ...)                                                                      \
    put_rule((json), (const char *const[]){(name), NULL}, (const struct condition[]){__VA_ARGS__}, \
             sizeof((const struct condition[]){__VA_ARGS__}) / sizeof(struct condition))

#define LOWER_HALF UINT64_C(0xFFFFFFFF) /* the kernel reads only this half of an int */
/* The type may also contain SOCK_NONBLOCK and SOCK_CLOEXEC, in higher bits. */
#define SOCKET_TYPE_MASK 0xF

/* Allow TCP and UDP. They can only use loopback, because there is no other interface. MPTCP, ICMP,
 * raw sockets and other families are not allowed: netlink, packet, vsock and AF_ALG reach kernel
 * code that no namespace confines. */
static void put_internet_sockets(struct json_out *json)
{
    /* The numbers of the two families differ in one bit. */
    const uint64_t either = LOWER_HALF & ~(uint64_t)(AF_INET ^ AF_INET6);
    static const struct {
        uint64_t type, protocol;
    } kinds[] = {
        {SOCK_STREAM, 0},
        {SOCK_STREAM, 6 /* TCP */},
        {SOCK_DGRAM, 0},
        {SOCK_DGRAM, 17 /* UDP */},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        RULE(json, "socket", {0, either, AF_INET & AF_INET6}, {1, SOCKET_TYPE_MASK, kinds[i].type},
             {2, 0, kinds[i].protocol});
}

/* Several conditions on the same argument are alternatives. Fewer rules are better, because each
 * costs the engine time for each box. But crun only reads six conditions of a rule, and ignores the
 * others. */
#define CONDITIONS_MOST 6

/* Allow the calls if any of the conditions holds. All must be on the same argument. */
static void put_alternatives(struct json_out *json, enum seccomp_form form,
                             const char *const names[], const struct condition *conditions,
                             size_t count)
{
    size_t most = form == SECCOMP_SHORT ? count : CONDITIONS_MOST;
    for (size_t i = 0; i < count; i += most)
        put_rule(json, names, &conditions[i], count - i < most ? count - i : most);
}

/* Process ids are below 2^22 (PID_MAX_LIMIT of the kernel). In gVisor, which uses the short form,
 * they are below 2^16 (its TasksLimit). */
#define PID_BITS_MOST 22
#define PID_BITS_SHORT 16

/* Write conditions that hold if the argument at `index` is a process id other than 1, the id of
 * init. An argument of 0 means the caller itself. Every number from 2 on has a set bit other than
 * the lowest. Returns the number of conditions. */
static size_t name_any_but_init(enum seccomp_form form, unsigned index,
                                struct condition conditions[static PID_BITS_MOST])
{
    size_t bits = form == SECCOMP_SHORT ? PID_BITS_SHORT : PID_BITS_MOST;
    conditions[0] = (struct condition){index, 0, 0};
    for (size_t bit = 1; bit < bits; bit++)
        conditions[bit] = (struct condition){index, UINT64_C(1) << bit, UINT64_C(1) << bit};
    return bits;
}

static void put_any_but_init(struct json_out *json, enum seccomp_form form)
{
    static const char *const names[] = {"prlimit64", "sched_setaffinity", "sched_setparam",
                                        "sched_setscheduler", NULL};
    struct condition conditions[PID_BITS_MOST];
    size_t count = name_any_but_init(form, 0, conditions);
    put_alternatives(json, form, names, conditions, count);
}

/* Allow setpriority only for single processes, because init belongs to a group and a user that a
 * program could name. */
static void put_priority(struct json_out *json, enum seccomp_form form)
{
    struct condition conditions[PID_BITS_MOST];
    size_t count = name_any_but_init(form, 1, conditions);
    for (size_t i = 0; i < count; i++)
        RULE(json, "setpriority", conditions[i], {0, 0, PRIO_PROCESS});
}

#define VALUES_MOST 64

/* Merge conditions whose values differ in one bit into one that ignores this bit, because every
 * rule costs the engine time for each box. Returns how many are left. */
static size_t merge(struct condition *conditions, size_t count)
{
    size_t i = 0, j = 1;
    while (i + 1 < count) {
        uint64_t bits = conditions[i].value ^ conditions[j].value;
        bool merges = conditions[i].mask == conditions[j].mask && (bits & (bits - 1)) == 0;
        if (merges) {
            conditions[i].mask &= ~bits;
            conditions[i].value &= ~bits;
            conditions[j] = conditions[--count];
            i = 0;
            j = 1;
        } else if (++j >= count) {
            j = ++i + 1;
        }
    }
    return count;
}

/* Allow the call if its argument at `index` is one of the values. If `also` is not NULL, it must
 * hold too. */
static void put_any_of(struct json_out *json, enum seccomp_form form, const char *name,
                       unsigned index, const uint64_t *values, size_t count,
                       const struct condition *also)
{
    const char *const names[] = {name, NULL};
    struct condition any[VALUES_MOST];
    json->ok = json->ok && count <= VALUES_MOST;
    if (!json->ok)
        return;
    for (size_t i = 0; i < count; i++)
        any[i] = (struct condition){index, LOWER_HALF, values[i]};
    count = merge(any, count);
    if (!also) {
        put_alternatives(json, form, names, any, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        put_rule(json, names, (const struct condition[]){any[i], *also}, 2);
}

#define ANY_OF(json, form, name, at, values, also)                                                 \
    put_any_of((json), (form), (name), (at), (values), sizeof(values) / sizeof((values)[0]), (also))

#define UPPER_HALF (~LOWER_HALF)
#define SIGN UINT64_C(0x80000000)

/* Allow each request as it is, and sign-extended. Comparing a whole argument takes half as many
 * filter instructions as comparing only its lower half. */
static void put_whole_requests(struct json_out *json)
{
    static const char *const names[] = {"ioctl", NULL};
    struct condition requests[2 * VALUES_MOST];
    size_t count = 0;
    for (size_t i = 0; i < sizeof ioctl_requests / sizeof ioctl_requests[0]; i++) {
        uint64_t request = ioctl_requests[i];
        requests[count++] = (struct condition){1, 0, request};
        if (request & SIGN)
            requests[count++] = (struct condition){1, 0, UPPER_HALF | request};
    }
    put_alternatives(json, SECCOMP_SHORT, names, requests, count);
}

static void put_values(struct json_out *json, enum seccomp_form form)
{
    static const struct condition sockets = {1, 0, SOL_SOCKET}, tcp = {1, 0, IPPROTO_TCP},
                                  ip = {1, 0, IPPROTO_IP}, ipv6 = {1, 0, IPPROTO_IPV6};
    ANY_OF(json, form, "setsockopt", 2, options_of_sockets, &sockets);
    ANY_OF(json, form, "setsockopt", 2, options_of_tcp, &tcp);
    ANY_OF(json, form, "setsockopt", 2, options_of_ip, &ip);
    ANY_OF(json, form, "setsockopt", 2, options_of_ipv6, &ipv6);
    if (form == SECCOMP_SHORT)
        put_whole_requests(json);
    else
        ANY_OF(json, form, "ioctl", 1, ioctl_requests, NULL);
    ANY_OF(json, form, "fcntl", 1, fcntl_commands, NULL);
}

/* These flags are not allowed: urgent data on local sockets, and zero copy, which sends pages that
 * may still change. Both are new kernel code, and no program needs them. */
#define REFUSED_FLAGS ((uint64_t)MSG_OOB | MSG_ZEROCOPY)

static void put_conditions(struct json_out *json, enum seccomp_arch arch, enum seccomp_form form)
{
    const uint64_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    RULE(json, "clone", {0, namespaces, 0});
    put_any_but_init(json, form);
    put_priority(json, form);
    /* Allow named pipes, but no devices. */
    RULE(json, "mknodat", {2, S_IFMT, S_IFIFO});
    if (archs[arch].has_mknod)
        RULE(json, "mknod", {1, S_IFMT, S_IFIFO});
    RULE(json, "socketpair", {0, 0, AF_UNIX});
    RULE(json, "socket", {0, 0, AF_UNIX});
    put_internet_sockets(json);
    RULE(json, "sendto", {3, REFUSED_FLAGS, 0});
    RULE(json, "sendmsg", {2, REFUSED_FLAGS, 0});
    RULE(json, "sendmmsg", {3, REFUSED_FLAGS, 0});
    put_values(json, form);
}

/* Returns true if the short form must use SCMP_ACT_TRACE for this error. Some OCI runtimes, such as
 * gVisor's of 2024, ignore errnoRet and return EPERM, but programs need ENOSYS. The kernel returns
 * ENOSYS for a traced call without a tracer, and there is no tracer, because ptrace is not
 * allowed. */
static bool is_traced(enum seccomp_form form, unsigned number)
{
    return form == SECCOMP_SHORT && number == ENOSYS;
}

static void put_refusals(struct json_out *json, enum seccomp_form form)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        begin_rule(json);
        put_names(json, refusals[i].names);
        bool traced = is_traced(form, refusals[i].number);
        end_names(json, traced ? "SCMP_ACT_TRACE" : "SCMP_ACT_ERRNO");
        if (!traced) {
            json_key(json, "errnoRet");
            json_put_uint(json, refusals[i].number);
        }
        json_close(json, '}');
    }
}

bool seccomp_write(enum seccomp_arch arch, enum seccomp_form form, struct buf *out)
{
    struct json_out json;
    json_begin(&json, out);
    json_open(&json, '{');
    json_key(&json, "defaultAction");
    json_put_text(&json, "SCMP_ACT_ERRNO");
    json_key(&json, "defaultErrnoRet");
    json_put_uint(&json, 1); /* EPERM */
    json_key(&json, "architectures");
    json_open(&json, '[');
    json_put_text(&json, archs[arch].seccomp);
    json_close(&json, ']');
    json_key(&json, "syscalls");
    json_open(&json, '[');
    begin_rule(&json);
    put_names(&json, common_names);
    put_names(&json, archs[arch].names);
    end_names(&json, "SCMP_ACT_ALLOW");
    json_close(&json, '}');
    put_refusals(&json, form);
    put_conditions(&json, arch, form);
    json_close(&json, ']');
    json_close(&json, '}');
    return json.ok;
}

bool seccomp_write_numbers(struct buf *out)
{
    for (size_t i = 0; i < sizeof own_numbers / sizeof own_numbers[0]; i++) {
        if (!buf_printf(out, "%d ", own_numbers[i]))
            return false;
    }
    return true;
}

/* ---- an operator's profile ---- */

bool seccomp_read_file(const char *path, struct buf *out, struct error *err)
{
    struct buf text;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, ERR_INVALID, "it cannot be opened: %s", strerror(errno));
    buf_init(&text, SECCOMP_MAX_BYTES);
    bool is_read = buf_read_all(&text, fd);
    close(fd);
    struct json *profile = NULL;
    if (!is_read)
        error_set(err, ERR_INVALID, "it cannot be read, or has more than 256 KiB");
    else
        profile = json_parse(buf_bytes(&text).data, text.len, err);
    bool ok = json_type_of(profile) == JSON_OBJECT;
    if (profile && !ok)
        error_set(err, ERR_INVALID, "it holds no JSON object");
    json_free(profile);
    if (ok && !buf_append(out, buf_bytes(&text).data, text.len))
        ok = error_set(err, ERR_SYSTEM, "out of memory");
    buf_release(&text);
    return ok;
}
