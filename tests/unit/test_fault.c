/* Faults of the program itself: they abort a build with sanitizers, but not a release build. */
#define UNIT_OWN_FAULT /* the program's */
#include "unit.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void ends_what_is_tested_and_no_release(void **state)
{
    (void)state;
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0});
        fault_found();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
#ifdef __SANITIZE_ADDRESS__
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
#else
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ends_what_is_tested_and_no_release)};
    return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
