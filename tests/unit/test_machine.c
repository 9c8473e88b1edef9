/* The size of the memory, as read from files like those of /proc and /sys in a temporary folder. */
#include "unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/machine.h"

#define MEMORY "MemTotal:        8388608 kB\nMemFree:               1 kB\n"
#define EIGHT_GIB (UINT64_C(8) << 30)
#define ONE_GIB "1073741824\n"
#define UNLIMITED_V1 "9223372036854771712\n"

static char root[] = "/tmp/test_machine.XXXXXX";

static void write_file(const char *name, const char *text)
{
    char path[400];
    snprintf(path, sizeof path, "%s%s", root, name);
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash; slash = strchr(slash, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash++ = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/test_machine.XXXXXX");
    if (!mkdtemp(root))
        return -1;
    write_file("/proc/meminfo", MEMORY);
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status, (void)type, (void)at;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static const struct {
    const char *what, *groups, *name, *limit;
    uint64_t bytes;
} rows[] = {
    {"no groups", "", "/none", "", EIGHT_GIB},
    {"a group around ours, version 2", "0::/box.slice/mayfly.service\n",
     "/sys/fs/cgroup/box.slice/memory.max", ONE_GIB, UINT64_C(1) << 30},
    {"the top, as in a container with services", "0::/system.slice/mayfly.service\n",
     "/sys/fs/cgroup/memory.max", ONE_GIB, UINT64_C(1) << 30},
    {"without a limit", "0::/box.slice/mayfly.service\n", "/sys/fs/cgroup/box.slice/memory.max",
     "max\n", EIGHT_GIB},
    {"a limit of the gateway's own is not one of boxes", "0::/box.slice/mayfly.service\n",
     "/sys/fs/cgroup/box.slice/mayfly.service/memory.max", ONE_GIB, EIGHT_GIB},
    {"nor where it is in a container of its own", "0::/\n", "/sys/fs/cgroup/memory.max", ONE_GIB,
     EIGHT_GIB},
    {"version 1, beside an empty version 2", "4:cpu:/a/b\n3:memory:/a/b\n0::/c/d\n",
     "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", ONE_GIB, UINT64_C(1) << 30},
    {"version 1 without a limit", "3:memory:/a/b\n",
     "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", UNLIMITED_V1, EIGHT_GIB},
    {"a group outside of what is seen", "0::/../../a/b\n", "/sys/fs/cgroup/memory.max", ONE_GIB,
     EIGHT_GIB},
};

static void is_what_the_machine_or_a_group_above_has(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(tear_down(NULL), 0);
        assert_int_equal(set_up(NULL), 0);
        write_file("/proc/self/cgroup", rows[i].groups);
        write_file(rows[i].name, rows[i].limit);
        uint64_t bytes = machine_memory_bytes(root);
        check(bytes == rows[i].bytes, "%s: %llu", rows[i].what, (unsigned long long)bytes);
    }
}

static void is_the_kernel_s_word_where_no_file_is(void **state)
{
    (void)state;
    char path[100];
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    remove(path);
    assert_true(machine_memory_bytes(root) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_what_the_machine_or_a_group_above_has, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(is_the_kernel_s_word_where_no_file_is, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
