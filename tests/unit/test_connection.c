/* The state changes of a connection. */
#include "counted_faults.h"

#include <sys/socket.h>
#include <unistd.h>

#include "front/http/connection.h"

static void each_move_is_legal_or_not(void **state)
{
    (void)state;
    static const char legal[CONNECTION_STATES_COUNT][CONNECTION_STATES_COUNT + 1] = {
        /*                       HBSRL */
        [CONNECTION_HEAD] = ".xxxx",      [CONNECTION_BODY] = "..xxx",
        [CONNECTION_SERVING] = "x....",   [CONNECTION_REFUSED] = "....x",
        [CONNECTION_LINGERING] = ".....",
    };
    for (unsigned from = 0; from < CONNECTION_STATES_COUNT; from++) {
        for (unsigned to = 0; to < CONNECTION_STATES_COUNT; to++)
            check(connection_may_move(from, to) == (legal[from][to] == 'x'), "%s to %s",
                  connection_state_name(from), connection_state_name(to));
    }
}

/* h2o offers no function to free it. */
static h2o_loop_t *loop;

/* As in a release build, where faults do not abort. */
static void an_illegal_move_ends_the_connection(void **state)
{
    (void)state;
    int ends[2];
    char byte;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    loop = h2o_evloop_create();
    struct connection connection = {
        .socket = h2o_evloop_socket_create(loop, ends[0], H2O_SOCKET_FLAG_DONT_READ)};
    assert_true(connection_move(&connection, CONNECTION_BODY));
    assert_true(connection_move(&connection, CONNECTION_SERVING));
    assert_int_equal(faults, 0);
    assert_int_equal(read(ends[1], &byte, 1), -1);
    assert_false(connection_move(&connection, CONNECTION_BODY));
    assert_int_equal(faults, 1);
    assert_int_equal(connection.state, CONNECTION_SERVING);
    assert_int_equal(read(ends[1], &byte, 1), 0);
    h2o_socket_close(connection.socket);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_move_is_legal_or_not),
        cmocka_unit_test(an_illegal_move_ends_the_connection),
    };
    return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
