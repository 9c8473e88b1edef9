#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "successor.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"

/* Bits of an entry in /proc/self/pagemap, which has 8 bytes for each page (see
 * Documentation/admin-guide/mm/pagemap.rst of the kernel). */
#define PAGE_IS_PRESENT (UINT64_C(1) << 63)
#define PAGE_IS_OF_FILE (UINT64_C(1) << 61)

#define SPANS_MAX 65536
#define SPANS_AT_ONCE 64
/* The kernel sends this signal when the parent ends. A process that does not wait for it ignores
 * it. */
#define PARENT_ENDED SIGURG
#define ENTRIES_AT_ONCE 512
#define HEX_DIGITS "0123456789abcdef"

/* Adjacent pages of the parent, all of one kind. */
struct span {
    char *from;
    uint32_t pages_count;
    bool is_own; /* writable and private: the child gets its own copies */
};

/* The list has its own mapping: on the heap it would change the pages that it lists. The child
 * unmaps it. */
static struct span *spans;
static size_t spans_count;
static size_t page_bytes;

static void add_page(char *page, bool is_own)
{
    struct span *last = spans_count > 0 ? &spans[spans_count - 1] : NULL;
    if (last && last->is_own == is_own && page == last->from + last->pages_count * page_bytes)
        last->pages_count++;
    else if (spans_count < SPANS_MAX)
        spans[spans_count++] = (struct span){.from = page, .pages_count = 1, .is_own = is_own};
}

static void add_pages(int pagemap, char *from, const char *to, bool is_private)
{
    uint64_t entries[ENTRIES_AT_ONCE];
    while (from < to) {
        size_t wanted = (size_t)(to - from) / page_bytes;
        if (wanted > ENTRIES_AT_ONCE)
            wanted = ENTRIES_AT_ONCE;
        off_t offset = (off_t)((uintptr_t)from / page_bytes * sizeof entries[0]);
        if (pread(pagemap, entries, wanted * sizeof entries[0], offset) !=
            (ssize_t)(wanted * sizeof entries[0]))
            return;
        for (size_t i = 0; i < wanted; i++, from += page_bytes) {
            if (entries[i] & PAGE_IS_PRESENT)
                add_page(from, is_private && !(entries[i] & PAGE_IS_OF_FILE));
        }
    }
}

/* Parse the hexadecimal number before the character `end`. *text then points after `end`. */
static char *parse_address(const char **text, char end)
{
    uintptr_t address = 0;
    const char *digit;
    for (; **text && **text != end; ++*text) {
        digit = strchr(HEX_DIGITS, **text);
        address = address << 4 | (uintptr_t)(digit ? digit - HEX_DIGITS : 0);
    }
    *text += **text == end;
    return (char *)address; // NOLINT(performance-no-int-to-ptr)
}

/* Add the pages of one line of /proc/self/maps: from-to rwxp offset device inode path. Skips the
 * kernel's own mappings, such as "[vvar]". Pages that are not private and writable are only mapped
 * for reading. */
static void add_mapping(int pagemap, const char *line)
{
    char *from = parse_address(&line, '-');
    char *to = parse_address(&line, ' ');
    bool readable = line[0] == 'r', writable = readable && line[1] == 'w';
    if (readable && !strstr(line, "[v") && from != (char *)spans)
        add_pages(pagemap, from, to, writable && line[3] == 'p');
}

/* List the pages that this process has in memory. Without /proc the list stays empty, and the
 * program takes the page faults itself. */
static void note_pages(void)
{
    char line[512];
    page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    spans = mmap(NULL, SPANS_MAX * sizeof *spans, PROT_READ | PROT_WRITE,
                 /* cppcheck-suppress invalidFunctionArg */
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    FILE *maps = fopen("/proc/self/maps", "re");
    while (spans != MAP_FAILED && pagemap >= 0 && maps && fgets(line, sizeof line, maps))
        add_mapping(pagemap, line);
    if (maps)
        fclose(maps);
    if (pagemap >= 0)
        close(pagemap);
}

/* Map the pages of a span now. Kernels before 5.14 cannot do this in one call, so touch each
 * page. */
static void touch_span(const struct span *span)
{
    volatile char *page = span->from;
    if (madvise(span->from, span->pages_count * page_bytes,
                span->is_own ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) == 0)
        return;
    for (uint32_t i = 0; i < span->pages_count; i++, page += page_bytes) {
        char byte = *page;
        if (span->is_own)
            *page = byte;
    }
}

/* Map all listed pages in the child. Stop when init announces a job, which is more urgent. */
static void touch_pages(void)
{
    for (size_t i = 0; i < spans_count; i++) {
        if (i % SPANS_AT_ONCE == 0 && control_is_called(0))
            break;
        touch_span(&spans[i]);
    }
    if (spans != MAP_FAILED)
        munmap(spans, SPANS_MAX * sizeof *spans);
}

/* After a fork, the main thread has a new id in the kernel. CPython does not update its copy. */
bool successor_rename_main_thread(void)
{
    PyObject *threading = PyDict_GetItemString(PyImport_GetModuleDict(), "threading");
    if (!threading)
        return true;
    PyObject *thread = PyObject_CallMethod(threading, "main_thread", NULL);
    PyObject *result = thread ? PyObject_CallMethod(thread, "_set_native_id", NULL) : NULL;
    Py_XDECREF(result);
    Py_XDECREF(thread);
    return result != NULL;
}

/* Wait until the parent has ended. Then its memory is freed, PID 1 has adopted this process, and
 * PID 1 can reap the parent. */
static void outlive(pid_t parent)
{
    sigset_t ended, before;
    sigemptyset(&ended);
    sigaddset(&ended, PARENT_ENDED);
    sigprocmask(SIG_BLOCK, &ended, &before);
    prctl(PR_SET_PDEATHSIG, PARENT_ENDED);
    while (getppid() == parent && sigwaitinfo(&ended, NULL) < 0 && errno == EINTR)
        continue;
    prctl(PR_SET_PDEATHSIG, 0);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Fork as os.fork() does. Returns like fork(2); -1 with a Python exception set. */
static pid_t fork_python(void)
{
    PyOS_BeforeFork();
    pid_t pid = fork();
    if (pid == 0)
        PyOS_AfterFork_Child();
    else
        PyOS_AfterFork_Parent();
    if (pid < 0)
        PyErr_SetFromErrno(PyExc_OSError);
    return pid;
}

static bool replace_parent(pid_t parent)
{
    setsid();
    outlive(parent);
    return successor_rename_main_thread();
}

bool successor_begin(bool in_haste)
{
    pid_t parent = getpid();
    if (!in_haste)
        note_pages();
    pid_t pid = fork_python();
    if (pid > 0)
        _exit(0);
    if (pid < 0 || !replace_parent(parent))
        return false;
    if (!in_haste)
        touch_pages();
    return true;
}

/* ---- attempts ---- */

static int done_fd = -1; /* in the child: the pipe on which it reports success to its parent */
static pid_t attempt_parent;

static enum attempt await_attempt(pid_t child, int child_done_fd, bool heeds_calls)
{
    char byte;
    bool called = heeds_calls && control_is_called_before(child_done_fd);
    if (!called && read(child_done_fd, &byte, 1) == 1)
        _exit(0);
    close(child_done_fd);
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    return called ? ATTEMPT_WAS_CALLED : ATTEMPT_HAS_DIED;
}

enum attempt successor_attempt(bool heeds_calls)
{
    int done[2];
    attempt_parent = getpid();
    if (pipe2(done, O_CLOEXEC) != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return ATTEMPT_FAILED;
    }
    pid_t pid = fork_python();
    if (pid != 0)
        close(done[1]);
    if (pid > 0)
        return await_attempt(pid, done[0], heeds_calls);
    close(done[0]);
    done_fd = done[1];
    return pid == 0 ? ATTEMPT_IS_CHILD : ATTEMPT_FAILED;
}

bool successor_take_over(void)
{
    static const char done = 'd';
    /* If this fails, the parent has died already. */
    (void)!write(done_fd, &done, 1);
    close(done_fd);
    done_fd = -1;
    return replace_parent(attempt_parent);
}
