#include "unit.h"

#include <pty.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/spinner.h"

/* stderr is a terminal whose other end we hold. */
struct terminal {
    int ours, theirs, before;
};

static int open_terminal(void **state)
{
    static struct terminal terminal;
    *state = &terminal;
    terminal.before = dup(STDERR_FILENO);
    setenv("TERM", "xterm", 1);
    return openpty(&terminal.ours, &terminal.theirs, NULL, NULL, NULL) ||
           dup2(terminal.theirs, STDERR_FILENO) < 0;
}

static int close_terminal(void **state)
{
    struct terminal *terminal = *state;
    dup2(terminal->before, STDERR_FILENO);
    close(terminal->before);
    close(terminal->ours);
    close(terminal->theirs);
    return 0;
}

/* The terminal's other end gets the bytes a little later. A mark after them shows that all have
 * arrived. */
static bool is_shown(const struct terminal *terminal, const char *expected)
{
    char text[256] = "";
    size_t len = 0;
    assert_int_equal(write(terminal->theirs, "#", 1), 1);
    while (!strchr(text, '#') && len < sizeof(text) - 1) {
        ssize_t got = read(terminal->ours, text + len, sizeof(text) - 1 - len);
        assert_true(got > 0);
        len += (size_t)got;
    }
    return len == strlen(expected) + 1 && memcmp(text, expected, len - 1) == 0;
}

static void turns_tells_the_time_and_goes(void **state)
{
    const struct terminal *terminal = *state;
    struct spinner spinner;
    spinner_init(&spinner, true, 1000);
    spinner_turn(&spinner, 1099, "waiting");
    assert_true(is_shown(terminal, ""));
    spinner_turn(&spinner, 1100, "waiting");
    assert_true(is_shown(terminal, "\r\033[K/ 0.1 s  waiting"));
    spinner_turn(&spinner, 1150, "waiting");
    assert_true(is_shown(terminal, ""));
    spinner_turn(&spinner, 63200, "running");
    assert_true(is_shown(terminal, "\r\033[K- 62.2 s  running"));
    spinner_end(&spinner);
    assert_true(is_shown(terminal, "\r\033[K"));
    spinner_turn(&spinner, 70000, "running");
    spinner_end(&spinner);
    assert_true(is_shown(terminal, ""));
}

static void is_not_shown_where_it_is_not_wanted(void **state)
{
    const struct terminal *terminal = *state;
    static const struct {
        const char *terminal;
        bool is_wanted;
    } rows[] = {{"xterm", false}, {"dumb", true}, {"", true}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct spinner spinner;
        setenv("TERM", rows[i].terminal, 1);
        spinner_init(&spinner, rows[i].is_wanted, 0);
        spinner_turn(&spinner, 5000, "waiting");
        spinner_end(&spinner);
        check(is_shown(terminal, ""), "row %zu", i);
    }
}

static void is_not_shown_where_there_is_no_terminal(void **state)
{
    const struct terminal *terminal = *state;
    struct spinner spinner;
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    dup2(pipes[1], STDERR_FILENO);
    spinner_init(&spinner, true, 0);
    dup2(terminal->theirs, STDERR_FILENO);
    assert_false(spinner.is_enabled);
    close(pipes[0]);
    close(pipes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(turns_tells_the_time_and_goes, open_terminal,
                                        close_terminal),
        cmocka_unit_test_setup_teardown(is_not_shown_where_it_is_not_wanted, open_terminal,
                                        close_terminal),
        cmocka_unit_test_setup_teardown(is_not_shown_where_there_is_no_terminal, open_terminal,
                                        close_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
