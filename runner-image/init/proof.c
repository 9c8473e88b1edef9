#include "proof.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/number.h"

#define TEXT_BYTES ((size_t)64 << 10)
#define PATH_BYTES 64

static const char *const folder_paths[FOLDERS_COUNT] = {
    [FOLDER_TMP] = "/tmp", [FOLDER_SHM] = "/dev/shm", [FOLDER_QUEUES] = "/dev/mqueue"};

static const char *const process_texts[PROCESS_TEXTS_COUNT] = {[TEXT_STATUS] = "status",
                                                               [TEXT_STAT] = "stat",
                                                               [TEXT_LIMITS] = "limits",
                                                               [TEXT_OOM_SCORE] = "oom_score_adj"};

static const char *const queue_texts[QUEUE_TEXTS_COUNT] = {"shm", "sem", "msg"};

/* ---- reading ---- */

/* Read the whole file and append its text. */
static bool put_text(int fd, struct buf *out)
{
    long len;
    if (fd < 0)
        return true;
    if (lseek(fd, 0, SEEK_SET) != 0)
        return false;
    while ((len = buf_read_fd(out, fd, TEXT_BYTES)) > 0)
        continue;
    return len == 0;
}

static bool begins_with(struct bytes text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

/* Remove the next line, with its newline, from *rest. */
static bool next_line(struct bytes *rest, struct bytes *line)
{
    if (rest->len == 0)
        return false;
    const uint8_t *end = memchr(rest->data, '\n', rest->len);
    *line = bytes_of(rest->data, end ? (size_t)(end - rest->data) + 1 : rest->len);
    *rest = bytes_of(rest->data + line->len, rest->len - line->len);
    return true;
}

/* ---- the looks ---- */

/* Append the pids of all other processes, and the number of tasks. Tasks of dead processes stay in
 * the control group until they are reaped. */
static bool look_at_processes(struct scene *scene, struct buf *out)
{
    const struct dirent *entry;
    uint64_t pid;
    rewinddir(scene->processes);
    while ((entry = readdir(scene->processes))) {
        const char *name = entry->d_name;
        if (number_parse_uint(name, strlen(name), &pid) && pid != 1 &&
            pid != (uint64_t)scene->zygote->pid && !buf_printf(out, "%s ", name))
            return false;
    }
    return buf_printf(out, "%llu", (unsigned long long)cgroup_tasks(scene->cgroup));
}

/* Returns false for lines that change by themselves, such as memory in use and page faults.
 * "State:" is one of them; a zygote that is stopped shows by not answering. */
static bool is_of_interest(struct bytes line)
{
    static const char *const kept[] = {"VmLck:", "VmPin:"};
    static const char *const changing[] = {
        "Vm", "Rss", "State:", "FDSize:", "voluntary", "nonvoluntary"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (begins_with(line, kept[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof changing / sizeof changing[0]; i++) {
        if (begins_with(line, changing[i]))
            return false;
    }
    return true;
}

static bool put_status(int fd, struct buf *out)
{
    struct buf text;
    struct bytes line;
    buf_init(&text, TEXT_BYTES);
    bool whole = put_text(fd, &text);
    struct bytes rest = buf_bytes(&text);
    while (whole && next_line(&rest, &line)) {
        if (is_of_interest(line))
            whole = buf_append(out, line.data, line.len);
    }
    buf_release(&text);
    return whole;
}

/* Append user, privileges, signals, threads, CPUs and tracer of init and the zygote. */
static bool look_at_status(struct scene *scene, struct buf *out)
{
    return put_status(scene->init_fds[TEXT_STATUS], out) &&
           put_status(scene->zygote_fds[TEXT_STATUS], out);
}

/* Append the fields of /proc/PID/stat with these numbers in proc(5): parent, group, session,
 * terminal, priority, nice value, threads, start, real-time priority and policy. */
static bool put_stat(int fd, struct buf *out)
{
    static const uint64_t wanted = 1ULL << 4 | 1ULL << 5 | 1ULL << 6 | 1ULL << 7 | 1ULL << 8 |
                                   1ULL << 18 | 1ULL << 19 | 1ULL << 20 | 1ULL << 22 | 1ULL << 40 |
                                   1ULL << 41;
    char text[1024];
    ssize_t len = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    if (len <= 0)
        return false;
    text[len] = '\0';
    const char *at = strrchr(text, ')'); /* field 2 ends here */
    bool whole = at != NULL;
    for (unsigned field = 3; whole && (at = strchr(at, ' ')); field++) {
        at++;
        if (field < 64 && wanted >> field & 1)
            whole = buf_printf(out, "%.*s ", (int)strcspn(at, " \n"), at);
    }
    return whole;
}

static bool look_at_scheduling(struct scene *scene, struct buf *out)
{
    return put_stat(scene->init_fds[TEXT_STAT], out) && put_stat(scene->zygote_fds[TEXT_STAT], out);
}

static bool look_at_limits(struct scene *scene, struct buf *out)
{
    return put_text(scene->init_fds[TEXT_LIMITS], out) &&
           put_text(scene->zygote_fds[TEXT_LIMITS], out);
}

static bool look_at_oom_scores(struct scene *scene, struct buf *out)
{
    return put_text(scene->init_fds[TEXT_OOM_SCORE], out) &&
           put_text(scene->zygote_fds[TEXT_OOM_SCORE], out);
}

/* Append the zygote's descriptors, directory, umask and timer slack. Its answer also shows that it
 * is alive. */
static bool look_at_zygote(struct scene *scene, struct buf *out)
{
    return zygote_look(scene->zygote, out);
}

static bool look_at_box(struct scene *scene, struct buf *out)
{
    return scratch_look(&scene->folders[FOLDER_BOX], out);
}

static bool look_at_tmp(struct scene *scene, struct buf *out)
{
    return scratch_look(&scene->folders[FOLDER_TMP], out);
}

static bool look_at_shm(struct scene *scene, struct buf *out)
{
    return scratch_look(&scene->folders[FOLDER_SHM], out);
}

static bool look_at_devices(struct scene *scene, struct buf *out)
{
    return devices_look(&scene->devices, out);
}

static bool look_at_posix_queues(struct scene *scene, struct buf *out)
{
    return scratch_look(&scene->folders[FOLDER_QUEUES], out);
}

static bool look_at_system_v(struct scene *scene, struct buf *out)
{
    for (size_t i = 0; i < QUEUE_TEXTS_COUNT; i++) {
        if (!put_text(scene->queue_fds[i], out))
            return false;
    }
    return true;
}

static bool look_at_network(struct scene *scene, struct buf *out)
{
    return network_look(&scene->network, out);
}

static bool look_at_names(struct scene *scene, struct buf *out)
{
    struct utsname names;
    (void)scene;
    return uname(&names) == 0 && buf_printf(out, "%s %s", names.nodename, names.domainname);
}

/* The kernel reports a change of mounts only once, so remember it. */
static bool look_at_mounts(struct scene *scene, struct buf *out)
{
    struct pollfd mounts = {.fd = scene->mounts_fd, .events = POLLPRI};
    if (poll(&mounts, 1, 0) != 0)
        scene->mounts_changed = true;
    return buf_append_string(out, scene->mounts_changed ? "changed" : "same");
}

static bool look_at_kills(struct scene *scene, struct buf *out)
{
    return buf_printf(out, "%llu", (unsigned long long)cgroup_oom_kills(scene->cgroup));
}

static bool look_at_refused_processes(struct scene *scene, struct buf *out)
{
    return buf_printf(out, "%llu", (unsigned long long)cgroup_pids_refused(scene->cgroup));
}

/* Check the cheap number first. It includes pages of image files, which belong to no run. */
static bool look_at_memory(struct scene *scene, struct buf *out)
{
    uint64_t most = scene->memory_bytes + PROOF_MEMORY_BYTES;
    return cgroup_used_bytes(scene->cgroup) <= most || cgroup_own_bytes(scene->cgroup) <= most ||
           buf_append(out, "more", 4);
}

/* A box that has just used up its CPU quota may be throttled until the next period. Wait for
 * that. */
static bool look_at_quota(struct scene *scene, struct buf *out)
{
    uint64_t count = cgroup_throttled(scene->cgroup), now_ns = clock_now_ns();
    if (count != scene->throttled_count) {
        scene->throttled_count = count;
        scene->throttled_ns = now_ns;
    }
    bool may_wait =
        scene->throttled_ns && now_ns - scene->throttled_ns < PROOF_PERIOD_MS * NS_PER_MS;
    return !may_wait || buf_append(out, "used", 4);
}

/* All other proofs require that the first one holds. */
enum { PROCESSES, AFTER_PROCESSES };
/* what the first proof writes if nobody else is there: two tasks, init and the zygote */
#define ALONE "2"

static const struct proof {
    const char *name;
    bool (*look)(struct scene *scene, struct buf *out);
} table[] = {
    {"processes", look_at_processes},
    {"zygote", look_at_zygote},
    {"status", look_at_status},
    {"scheduling", look_at_scheduling},
    {"limits", look_at_limits},
    {"oom_score", look_at_oom_scores},
    {"box", look_at_box},
    {"tmp", look_at_tmp},
    {"shm", look_at_shm},
    {"devices", look_at_devices},
    {"posix_queues", look_at_posix_queues},
    {"system_v", look_at_system_v},
    {"network", look_at_network},
    {"names", look_at_names},
    {"mounts", look_at_mounts},
    {"oom_kills", look_at_kills},
    {"refused_processes", look_at_refused_processes},
    {"memory", look_at_memory},
    {"quota", look_at_quota},
};

#define PROOFS_COUNT (sizeof table / sizeof table[0])
_Static_assert(PROOFS_COUNT <= PROOFS_MAX, "each proof has a place for what it saw");

/* ---- opening ---- */

static int open_text(const char *folder, const char *name)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "/proc/%s/%s", folder, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static void open_texts(const char *folder, const char *const names[], size_t count, int fds[])
{
    for (size_t i = 0; i < count; i++)
        fds[i] = open_text(folder, names[i]);
}

static void open_scene(struct scene *scene, const char *dir)
{
    char zygote[16];
    snprintf(zygote, sizeof zygote, "%d", (int)scene->zygote->pid);
    scene->processes = opendir("/proc");
    open_texts("self", process_texts, PROCESS_TEXTS_COUNT, scene->init_fds);
    open_texts(zygote, process_texts, PROCESS_TEXTS_COUNT, scene->zygote_fds);
    open_texts("sysvipc", queue_texts, QUEUE_TEXTS_COUNT, scene->queue_fds);
    scene->mounts_fd = open_text("self", "mountinfo");
    devices_open(&scene->devices, "/dev");
    network_open(&scene->network, "/proc/net");
    for (size_t i = 0; i < FOLDERS_COUNT; i++)
        scratch_open(&scene->folders[i], i == FOLDER_BOX ? dir : folder_paths[i]);
    scene->throttled_count = cgroup_throttled(scene->cgroup);
}

/* The files about processes exist in every kernel; the others may be missing. */
static bool is_open(const struct scene *scene)
{
    for (size_t i = 0; i < PROCESS_TEXTS_COUNT; i++) {
        if (scene->init_fds[i] < 0 || scene->zygote_fds[i] < 0)
            return false;
    }
    return scene->processes && scene->mounts_fd >= 0 && scene->folders[FOLDER_BOX].fd >= 0 &&
           scene->folders[FOLDER_TMP].fd >= 0;
}

bool proofs_begin(struct proofs *proofs, struct zygote *zygote, const struct cgroup *cgroup,
                  const char *dir, uint64_t memory_bytes)
{
    *proofs = (struct proofs){
        .scene = {.zygote = zygote, .cgroup = cgroup, .memory_bytes = memory_bytes}};
    buf_init(&proofs->now, TEXT_BYTES);
    open_scene(&proofs->scene, dir);
    if (!is_open(&proofs->scene))
        return false;
    for (size_t i = 0; i < PROOFS_COUNT; i++) {
        buf_init(&proofs->before[i], TEXT_BYTES);
        if (!table[i].look(&proofs->scene, &proofs->before[i]))
            return false;
    }
    return bytes_equal_string(buf_bytes(&proofs->before[PROCESSES]), ALONE);
}

/* ---- proving ---- */

static bool is_as_before(struct proofs *proofs, size_t n)
{
    struct bytes before = buf_bytes(&proofs->before[n]);
    buf_truncate(&proofs->now, 0);
    if (!table[n].look(&proofs->scene, &proofs->now))
        return false;
    struct bytes now = buf_bytes(&proofs->now);
    return now.len == before.len && (now.len == 0 || memcmp(now.data, before.data, now.len) == 0);
}

bool proofs_see_no_process(struct proofs *proofs)
{
    return is_as_before(proofs, PROCESSES);
}

bool proofs_empty_folders(const struct proofs *proofs)
{
    for (size_t i = 0; i < FOLDERS_COUNT; i++) {
        if (!scratch_empty(&proofs->scene.folders[i]))
            return false;
    }
    return true;
}

const char *proofs_find_difference(struct proofs *proofs)
{
    for (size_t i = AFTER_PROCESSES; i < PROOFS_COUNT; i++) {
        if (!is_as_before(proofs, i))
            return table[i].name;
    }
    return NULL;
}
