#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "client/relay.h"

struct pipes {
    int one[2], two[2];
    struct relay relay;
};

static int open_pipes(void **state)
{
    static struct pipes pipes;
    signal(SIGPIPE, SIG_IGN);
    relay_init(&pipes.relay, 1 << 20);
    *state = &pipes;
    return pipe(pipes.one) | pipe(pipes.two);
}

static int close_pipes(void **state)
{
    struct pipes *pipes = *state;
    relay_release(&pipes->relay);
    for (size_t i = 0; i < 2; i++) {
        close(pipes->one[i]);
        close(pipes->two[i]);
    }
    return 0;
}

static void put(struct pipes *pipes, int fd, const char *text)
{
    assert_true(relay_put(&pipes->relay, fd, bytes_of_string(text)));
}

static void says(int fd, const char *expected)
{
    char text[64] = "";
    assert_int_equal(read(fd, text, sizeof(text) - 1), strlen(expected));
    assert_string_equal(text, expected);
}

static void brings_each_where_it_belongs(void **state)
{
    struct pipes *pipes = *state;
    assert_int_equal(relay_fd(&pipes->relay), -1);
    assert_true(relay_flush(&pipes->relay));
    put(pipes, pipes->one[1], "a");
    put(pipes, pipes->two[1], "b");
    put(pipes, pipes->one[1], "");
    put(pipes, pipes->one[1], "c");
    assert_int_equal(relay_fd(&pipes->relay), pipes->one[1]);
    assert_true(relay_flush(&pipes->relay));
    assert_int_equal(relay_fd(&pipes->relay), -1);
    says(pipes->one[0], "ac");
    says(pipes->two[0], "b");
}

/* Much more than a pipe holds: every byte arrives in order, and no call blocks. */
static void a_reader_that_does_not_read_holds_up_nothing(void **state)
{
    enum { LEN = 300000 };
    static uint8_t data[LEN], read_back[LEN];
    struct pipes *pipes = *state;
    for (size_t i = 0; i < LEN; i++)
        data[i] = (uint8_t)(i * 7 + i / 251);
    assert_true(relay_put(&pipes->relay, pipes->one[1], bytes_of(data, LEN)));
    put(pipes, pipes->two[1], "behind it");
    size_t come = 0;
    while (come < LEN) {
        assert_true(relay_flush(&pipes->relay));
        ssize_t got = read(pipes->one[0], read_back + come, LEN - come);
        assert_true(got > 0);
        come += (size_t)got;
    }
    assert_memory_equal(read_back, data, LEN);
    assert_true(relay_flush(&pipes->relay));
    says(pipes->two[0], "behind it");
}

static void a_reader_that_has_gone_is_told(void **state)
{
    struct pipes *pipes = *state;
    close(pipes->one[0]);
    put(pipes, pipes->one[1], "x");
    assert_false(relay_flush(&pipes->relay));
    assert_int_equal(errno, EPIPE);
    relay_release(&pipes->relay);
    assert_int_equal(relay_fd(&pipes->relay), -1);
}

static void has_a_cap(void **state)
{
    (void)state;
    struct relay relay;
    relay_init(&relay, 64);
    assert_true(relay_put(&relay, 1, bytes_of_string("0123456789012345678901234567890123456789")));
    assert_false(relay_put(&relay, 1, bytes_of_string("01234567890123456789")));
    assert_int_equal(relay.queue.len, 40 + 16);
    relay_release(&relay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(brings_each_where_it_belongs, open_pipes, close_pipes),
        cmocka_unit_test_setup_teardown(a_reader_that_does_not_read_holds_up_nothing, open_pipes,
                                        close_pipes),
        cmocka_unit_test_setup_teardown(a_reader_that_has_gone_is_told, open_pipes, close_pipes),
        cmocka_unit_test(has_a_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
