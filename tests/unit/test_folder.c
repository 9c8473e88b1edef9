#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/folder.h"

/* A temporary folder with `in` (where the client writes) and `out` (which must not change). */
struct place {
    char path[32];
    int top;
    int folder;
};

static int make_place(void **state)
{
    static struct place place;
    char path[40];
    snprintf(place.path, sizeof(place.path), "/tmp/mayfly-folder-XXXXXX");
    assert_non_null(mkdtemp(place.path));
    place.top = open(place.path, O_PATH | O_DIRECTORY);
    assert_int_equal(mkdirat(place.top, "out", 0700), 0);
    snprintf(path, sizeof(path), "%s/in", place.path);
    place.folder = folder_open(path, NULL);
    assert_true(place.folder >= 0);
    *state = &place;
    return 0;
}

static int remove_place(void **state)
{
    static const char *const files[] = {"in/a/b/c", "in/f",   "in/hard",
                                        "in/link",  "in/way", "out/f"};
    static const char *const folders[] = {"in/a/b", "in/a", "in/full/x", "in/full", "in", "out"};
    struct place *place = *state;
    for (size_t i = 0; i < COUNT(files); i++)
        unlinkat(place->top, files[i], 0);
    for (size_t i = 0; i < COUNT(folders); i++)
        unlinkat(place->top, folders[i], AT_REMOVEDIR);
    close(place->folder);
    close(place->top);
    return rmdir(place->path); /* fails where anything else was left, a half-written file say */
}

static bool put(struct place *place, const char *path, const char *content, struct error *err)
{
    return folder_write(place->folder, bytes_of_string(path), bytes_of_string(content), err);
}

static bool is_content(struct place *place, const char *path, const char *content)
{
    char text[64] = "";
    int fd = openat(place->top, path, O_RDONLY);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    return len == (ssize_t)strlen(content) && strcmp(text, content) == 0;
}

static void refuses_paths_that_lead_elsewhere(void **state)
{
    struct place *place = *state;
    static const char *const bad[] = {
        "",       "/",     "/tmp/x", ".",  "..",   "../out/f", "a/..",
        "a/../b", "a/./b", "a//b",   "a/", "a\nb", "\x7f",     "a/../../out/f"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct error why = {.kind = ERR_NONE};
        check(!put(place, bad[i], "x", &why) && why.kind == ERR_INVALID, "%s", bad[i]);
    }
    assert_false(folder_write(place->folder, bytes_of("f\0g", 3), bytes_of("x", 1), NULL));
}

static void writes_files_and_the_folders_on_the_way(void **state)
{
    struct place *place = *state;
    assert_true(put(place, "f", "one", NULL));
    assert_true(is_content(place, "in/f", "one"));
    assert_true(put(place, "f", "", NULL));
    assert_true(is_content(place, "in/f", ""));
    assert_true(put(place, "a/b/c", "deep", NULL));
    assert_true(put(place, "a/b/c", "again", NULL));
    assert_true(is_content(place, "in/a/b/c", "again"));
}

static void follows_no_link(void **state)
{
    struct place *place = *state;
    struct error why;
    struct stat status;
    assert_int_equal(symlinkat("../out", place->top, "in/way"), 0);
    assert_false(put(place, "way/f", "x", &why));
    assert_non_null(strstr(why.text, "symbolic link"));
    assert_int_equal(faccessat(place->top, "out/f", F_OK, 0), -1);

    assert_int_equal(symlinkat("../out/f", place->top, "in/link"), 0);
    assert_true(put(place, "link", "mine", NULL));
    assert_int_equal(faccessat(place->top, "out/f", F_OK, 0), -1);
    assert_int_equal(fstatat(place->top, "in/link", &status, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(S_ISREG(status.st_mode));
}

static void what_stands_there_is_replaced_and_never_written_through(void **state)
{
    struct place *place = *state;
    int fd = openat(place->top, "out/f", O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_int_equal(write(fd, "kept", 4), 4);
    close(fd);
    assert_int_equal(linkat(place->top, "out/f", place->top, "in/hard", 0), 0);
    assert_true(put(place, "hard", "new", NULL));
    assert_true(is_content(place, "out/f", "kept"));
    assert_true(is_content(place, "in/hard", "new"));
    assert_int_equal(mkfifoat(place->top, "in/f", 0600), 0);
    assert_true(put(place, "f", "no reader", NULL)); /* and does not wait for one */
    assert_true(is_content(place, "in/f", "no reader"));
}

static void a_failure_leaves_nothing_behind(void **state)
{
    struct place *place = *state;
    struct error why;
    assert_int_equal(mkdirat(place->top, "in/full", 0700), 0);
    assert_int_equal(mkdirat(place->top, "in/full/x", 0700), 0);
    assert_false(put(place, "full", "x", &why));
    assert_int_equal(why.kind, ERR_SYSTEM);
    assert_true(put(place, "f", "kept", NULL));
    assert_false(put(place, "f/g", "x", &why));
    assert_true(is_content(place, "in/f", "kept"));
    assert_int_equal(folder_open("/tmp/mayfly-no-such-parent/x", &why), -1);
    assert_int_equal(why.kind, ERR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_paths_that_lead_elsewhere, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(writes_files_and_the_folders_on_the_way, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(follows_no_link, make_place, remove_place),
        cmocka_unit_test_setup_teardown(what_stands_there_is_replaced_and_never_written_through,
                                        make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_failure_leaves_nothing_behind, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
