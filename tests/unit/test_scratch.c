#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/scratch.h"

/* A tmpfs, as in boxes. */
static char root[] = "/dev/shm/test_scratch.XXXXXX";

static void make_file(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", root, name);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void make_folder(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static struct buf look(const struct scratch *scratch)
{
    struct buf seen;
    buf_init(&seen, 10000);
    assert_true(scratch_look(scratch, &seen));
    return seen;
}

/* How much of the file system is in use comes last, and others use it too. */
static size_t length_without_use(const struct buf *text)
{
    size_t len = text->len;
    for (int numbers = 2; len > 0 && numbers > 0;)
        numbers -= text->data[--len] == ' ';
    return len;
}

/* Returns true if the folder looks as it did. Frees `before`. */
static bool looks_like(const struct scratch *scratch, struct buf *before)
{
    struct buf now = look(scratch);
    size_t len = length_without_use(before);
    bool same = length_without_use(&now) == len && memcmp(now.data, before->data, len) == 0;
    buf_release(&now);
    buf_release(before);
    return same;
}

static struct scratch begin(void)
{
    struct scratch scratch;
    scratch_open(&scratch, root);
    assert_true(scratch.fd >= 0);
    return scratch;
}

static void a_tree_is_taken_away_and_the_times_come_back(void **state)
{
    (void)state;
    struct scratch scratch = begin();
    struct buf before = look(&scratch);
    make_file("file");
    make_file("-rf");
    make_file("line\nbreak");
    make_folder("folder");
    make_folder("folder/inner");
    make_file("folder/inner/file");
    assert_int_equal(symlinkat("/etc", scratch.fd, "link"), 0);
    assert_int_equal(mkfifoat(scratch.fd, "pipe", 0600), 0);
    assert_true(scratch_empty(&scratch));
    assert_true(looks_like(&scratch, &before));
    assert_int_equal(access("/etc/passwd", F_OK), 0);
    close(scratch.fd);
}

static void an_empty_folder_stays_as_it_is(void **state)
{
    (void)state;
    struct scratch scratch = begin();
    struct buf before = look(&scratch);
    assert_true(scratch_empty(&scratch));
    assert_true(looks_like(&scratch, &before));
    close(scratch.fd);
}

static void other_times_are_put_back(void **state)
{
    (void)state;
    struct scratch scratch = begin();
    struct buf before = look(&scratch);
    const struct timespec times[] = {{.tv_sec = 1, .tv_nsec = 2}, {.tv_sec = 3, .tv_nsec = 4}};
    assert_int_equal(futimens(scratch.fd, times), 0);
    assert_true(scratch_empty(&scratch));
    assert_true(looks_like(&scratch, &before));
    close(scratch.fd);
}

static void other_rights_are_seen_and_stay(void **state)
{
    (void)state;
    struct scratch scratch = begin();
    struct buf before = look(&scratch);
    assert_int_equal(fchmod(scratch.fd, 0711), 0);
    assert_true(scratch_empty(&scratch));
    assert_false(looks_like(&scratch, &before));
    assert_int_equal(fchmod(scratch.fd, 0700), 0);
    close(scratch.fd);
}

static void a_file_is_seen(void **state)
{
    (void)state;
    struct scratch scratch = begin();
    struct buf before = look(&scratch);
    make_file("file");
    assert_false(looks_like(&scratch, &before));
    assert_true(scratch_empty(&scratch));
    close(scratch.fd);
}

static void too_deep_a_tree_is_refused(void **state)
{
    (void)state;
    struct scratch scratch = begin();
    char path[200] = "";
    size_t len = 0;
    for (int level = 0; level <= SCRATCH_LEVELS_MAX; level++) {
        len += (size_t)snprintf(path + len, sizeof path - len, "%sd", level ? "/" : "");
        make_folder(path);
    }
    assert_false(scratch_empty(&scratch));
    make_file("d/d/file");
    /* A level less, and it is no longer too deep. */
    char full[300];
    snprintf(full, sizeof full, "%s/%s", root, path);
    assert_int_equal(rmdir(full), 0);
    full[strlen(full) - 2] = '\0';
    assert_int_equal(rmdir(full), 0);
    assert_true(scratch_empty(&scratch));
    close(scratch.fd);
}

static void too_many_files_are_refused(void **state)
{
    (void)state;
    struct scratch scratch = begin();
    char name[20];
    for (int i = 0; i <= SCRATCH_ENTRIES_MAX; i++) {
        snprintf(name, sizeof name, "%d", i);
        make_file(name);
    }
    assert_false(scratch_empty(&scratch));
    assert_true(scratch_empty(&scratch)); /* the rest */
    close(scratch.fd);
}

static void a_missing_folder_is_always_empty(void **state)
{
    (void)state;
    struct scratch scratch;
    struct buf seen;
    buf_init(&seen, 100);
    scratch_open(&scratch, "/nowhere");
    assert_true(scratch.fd < 0 && scratch_empty(&scratch) && scratch_look(&scratch, &seen));
    assert_int_equal(seen.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_taken_away_and_the_times_come_back),
        cmocka_unit_test(an_empty_folder_stays_as_it_is),
        cmocka_unit_test(other_times_are_put_back),
        cmocka_unit_test(other_rights_are_seen_and_stay),
        cmocka_unit_test(a_file_is_seen),
        cmocka_unit_test(too_deep_a_tree_is_refused),
        cmocka_unit_test(too_many_files_are_refused),
        cmocka_unit_test(a_missing_folder_is_always_empty),
    };
    if (!mkdtemp(root))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(root);
    return failed;
}
