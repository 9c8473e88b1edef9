/* The file with the seccomp profile: where it is created, that it exists, and that it is
 * removed. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/engine/profile_file.h"

static char folder[] = "/tmp/mayfly-profile-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/mayfly-profile-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(rmdir(folder), 0); /* nothing is left in it */
    return 0;
}

static off_t length_of(const struct profile_file *file)
{
    struct stat found;
    return stat(file->path, &found) == 0 ? found.st_size : -1;
}

static void it_is_written_once_readable_for_all_and_removed(void **state)
{
    (void)state;
    struct profile_file file = {.path = ""};
    struct error err = {.kind = ERR_NONE};
    struct stat found;
    char first[sizeof(file.path)];
    assert_true(profile_file_write(&file, folder, bytes_of_string("{\"a\":1}"), &err));
    assert_int_equal(stat(file.path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0644);
    assert_int_equal(found.st_size, 7);
    snprintf(first, sizeof(first), "%s", file.path);
    assert_true(profile_file_write(&file, folder, bytes_of_string("{\"a\":1}"), &err));
    assert_string_equal(file.path, first);
    assert_true(profile_file_write(&file, folder, bytes_of_string("{\"a\":100}"), &err));
    assert_int_equal(length_of(&file), 9);
    assert_int_equal(unlink(file.path), 0); /* as somebody who cleans up would do */
    assert_true(profile_file_write(&file, folder, bytes_of_string("{\"a\":100}"), &err));
    assert_int_equal(length_of(&file), 9);
    profile_file_remove(&file);
    assert_string_equal(file.path, "");
    profile_file_remove(&file);
}

static void a_folder_of_others_is_refused(void **state)
{
    (void)state;
    struct profile_file file = {.path = ""};
    struct error err;
    static const struct {
        mode_t mode;
        bool ok;
    } rows[] = {{0700, true}, {0755, true}, {0777, false}, {01777, false}, {0770, false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(chmod(folder, rows[i].mode), 0);
        bool ok = profile_file_write(&file, folder, bytes_of_string("{}"), &err);
        check(ok == rows[i].ok, "mode %o", (unsigned)rows[i].mode);
        check(ok || strstr(err.text, "MAYFLY_PROFILE_FOLDER"), "%s", ok ? "" : err.text);
        profile_file_remove(&file);
    }
    assert_false(profile_file_write(&file, "/nowhere/at/all", bytes_of_string("{}"), &err));
    assert_non_null(strstr(err.text, "No such file or directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_written_once_readable_for_all_and_removed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_folder_of_others_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
