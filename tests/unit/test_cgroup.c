#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/cgroup.h"

/* Files of one cgroup version, and the usage that must be read from them. */
struct row {
    const char *name;
    struct {
        const char *path, *text;
    } files[8];
    uint64_t cpu_ns, peak_bytes, oom_kills, tasks, pids_refused;
};

static const struct row rows[] = {
    {"version 1",
     {{"cpuacct/cpuacct.usage", "123456789\n"},
      {"memory/memory.max_usage_in_bytes", "4096\n"},
      {"memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"},
      {"pids/pids.current", "2\n"},
      {"pids/pids.events", "max 17\n"}},
     123456789,
     4096,
     3,
     2,
     17},
    {"version 1, its controllers mounted together",
     {{"cpu,cpuacct/cpuacct.usage", "5\n"}, {"pids/pids.events", "max 0\n"}},
     5,
     0,
     0,
     0,
     0},
    {"version 2",
     {{"cpu.stat", "usage_usec 2500\nuser_usec 2000\nsystem_usec 500\nnice_usec 0\n"},
      {"memory.peak", "8192\n"},
      {"memory.current", "1\n"},
      {"memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\noom_group_kill 0\n"},
      {"pids.current", "2\n"},
      {"pids.events", "max 9\n"}},
     2500000,
     8192,
     1,
     2,
     9},
    {"version 2 of an old kernel",
     {{"memory.current", "77\n"}, {"cpu.stat", "usage_usec 0\n"}},
     0,
     77,
     0,
     0,
     0},
    {"hybrid",
     {{"cpuacct/cpuacct.usage", "11\n"},
      {"cpu.stat", "usage_usec 99\n"},
      {"pids/pids.current", "4\n"}},
     11,
     0,
     0,
     4,
     0},
};

static void put_file(const char *root, const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", root, name);
    char *slash = strchr(path + strlen(root) + 1, '/');
    if (slash) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void each_version_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char root[] = "/tmp/test_cgroup.XXXXXX";
        const struct row *row = &rows[i];
        struct cgroup cgroup;
        uint64_t cpu_ns;
        assert_non_null(mkdtemp(root));
        for (size_t n = 0; n < COUNT(row->files) && row->files[n].path; n++)
            put_file(root, row->files[n].path, row->files[n].text);
        cgroup_open(&cgroup, root);
        check(cgroup_cpu_ns(&cgroup, &cpu_ns), "%s", row->name);
        check(cpu_ns == row->cpu_ns, "%s", row->name);
        check(cgroup_peak_bytes(&cgroup) == row->peak_bytes, "%s", row->name);
        check(cgroup_oom_kills(&cgroup) == row->oom_kills, "%s", row->name);
        check(cgroup_tasks(&cgroup) == row->tasks, "%s", row->name);
        check(cgroup_pids_refused(&cgroup) == row->pids_refused, "%s", row->name);
    }
}

static void memory_in_use_is_without_the_pages_of_images(void **state)
{
    (void)state;
    static const struct {
        const char *usage, *pages, *quota, *used, *stat, *cpu;
    } versions[] = {
        {"memory/memory.usage_in_bytes", "memory/memory.stat", "cpu/cpu.stat", "1000\n",
         "cache 700\nrss 100\nshmem 300\n", "nr_periods 9\nnr_throttled 4\n"},
        {"memory.current", "memory.stat", "cpu.stat", "1000\n",
         "anon 100\nfile 700\nkernel 5\nshmem 300\n", "usage_usec 1\nnr_throttled 4\n"},
    };
    for (size_t i = 0; i < COUNT(versions); i++) {
        char root[] = "/tmp/test_cgroup.XXXXXX";
        struct cgroup cgroup;
        assert_non_null(mkdtemp(root));
        put_file(root, versions[i].usage, versions[i].used);
        put_file(root, versions[i].pages, versions[i].stat);
        put_file(root, versions[i].quota, versions[i].cpu);
        cgroup_open(&cgroup, root);
        assert_int_equal(cgroup_used_bytes(&cgroup), 1000);
        assert_int_equal(cgroup_own_bytes(&cgroup), 600);
        assert_int_equal(cgroup_throttled(&cgroup), 4);
    }
}

static void counters_are_read_anew(void **state)
{
    (void)state;
    char root[] = "/tmp/test_cgroup.XXXXXX";
    struct cgroup cgroup;
    uint64_t cpu_ns;
    assert_non_null(mkdtemp(root));
    put_file(root, "cpu.stat", "usage_usec 1\n");
    cgroup_open(&cgroup, root);
    assert_true(cgroup_cpu_ns(&cgroup, &cpu_ns));
    put_file(root, "cpu.stat", "usage_usec 123456\n");
    assert_true(cgroup_cpu_ns(&cgroup, &cpu_ns));
    assert_int_equal(cpu_ns, 123456000);
}

static void what_is_not_there_is_nothing(void **state)
{
    (void)state;
    struct cgroup cgroup;
    uint64_t cpu_ns;
    cgroup_open(&cgroup, "/nowhere");
    assert_false(cgroup_cpu_ns(&cgroup, &cpu_ns));
    assert_int_equal(cgroup_peak_bytes(&cgroup), 0);
    assert_int_equal(cgroup_oom_kills(&cgroup), 0);
    assert_int_equal(cgroup_tasks(&cgroup), 0);
    assert_int_equal(cgroup_pids_refused(&cgroup), 0);
    assert_int_equal(cgroup_own_bytes(&cgroup), 0);
    assert_int_equal(cgroup_throttled(&cgroup), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_is_read),
        cmocka_unit_test(memory_in_use_is_without_the_pages_of_images),
        cmocka_unit_test(counters_are_read_anew),
        cmocka_unit_test(what_is_not_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
