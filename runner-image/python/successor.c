#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "successor.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Bits of an entry of /proc/self/pagemap, which has 8 bytes for each page (the kernel's
 * Documentation/admin-guide/mm/pagemap.rst). */
#define PAGE_IS_PRESENT (UINT64_C(1) << 63)
#define PAGE_IS_OF_FILE (UINT64_C(1) << 61)

#define SPANS_MAX 65536
#define ENTRIES_AT_ONCE 512
#define HEX_DIGITS "0123456789abcdef"

/* Adjacent pages of the parent, of one kind. */
struct span {
    char *from;
    uint32_t pages_count;
    bool is_own; /* written before: the child gets a copy, unless no other process has the page */
};

/* Not on the heap, whose pages it lists. Freed in the child. */
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

/* Parse the number before `end`. *text is then after `end`. */
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

/* Add a line of /proc/self/maps: from-to rwxp offset device inode path. Skips the kernel's own
 * mappings, "[vvar]" and the like. Pages that are not writable are only read. */
static void add_mapping(int pagemap, const char *line)
{
    char *from = parse_address(&line, '-');
    char *to = parse_address(&line, ' ');
    bool readable = line[0] == 'r', writable = readable && line[1] == 'w';
    if (readable && !strstr(line, "[v") && from != (char *)spans)
        add_pages(pagemap, from, to, writable && line[3] == 'p');
}

/* Without /proc the program takes its page faults itself. */
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

/* Kernels before 5.14 have no call for a whole span. */
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

static void touch_pages(void)
{
    for (size_t i = 0; i < spans_count; i++)
        touch_span(&spans[i]);
    if (spans != MAP_FAILED)
        munmap(spans, SPANS_MAX * sizeof *spans);
}

/* The main thread has a new id in the kernel; CPython does not update its own copy. */
bool successor_rename_main_thread(void)
{
    PyObject *threading = PyImport_ImportModule("threading");
    PyObject *thread = threading ? PyObject_CallMethod(threading, "main_thread", NULL) : NULL;
    PyObject *result = thread ? PyObject_CallMethod(thread, "_set_native_id", NULL) : NULL;
    Py_XDECREF(result);
    Py_XDECREF(thread);
    Py_XDECREF(threading);
    return result != NULL;
}

/* Wait for the parent's end: a process frees its memory before it closes its descriptors. */
static void outlive(const int alive[2])
{
    char none;
    close(alive[1]);
    while (read(alive[0], &none, 1) < 0 && errno == EINTR)
        continue;
    close(alive[0]);
}

bool successor_begin(void)
{
    int alive[2]; /* a pipe that the parent holds open */
    if (pipe2(alive, O_CLOEXEC) != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return false;
    }
    note_pages();
    PyOS_BeforeFork();
    pid_t pid = fork();
    if (pid > 0)
        _exit(0);
    if (pid < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return false;
    }
    PyOS_AfterFork_Child();
    setsid();
    outlive(alive);
    touch_pages();
    return successor_rename_main_thread();
}
