/* The state changes of an exchange. */
#include "counted_faults.h"

#include <sys/socket.h>
#include <unistd.h>

#include "front/http/exchange_private.h"

/* ---- the moves ---- */

static void each_move_is_legal_or_not(void **state)
{
    (void)state;
    static const char legal[EXCHANGE_STATES_COUNT][EXCHANGE_STATES_COUNT + 1] = {
        /*                      PSOWCLBE */
        [EXCHANGE_PENDING] = ".xx.....", [EXCHANGE_SOURCED] = "..x..xx.",
        [EXCHANGE_OPEN] = "...x.xxx",    [EXCHANGE_WRITING] = "..x.x...",
        [EXCHANGE_CUT] = ".....x..",     [EXCHANGE_LOST] = "......x.",
        [EXCHANGE_BROKEN] = "........",  [EXCHANGE_ENDED] = "........",
    };
    for (unsigned from = 0; from < EXCHANGE_STATES_COUNT; from++) {
        for (unsigned to = 0; to < EXCHANGE_STATES_COUNT; to++)
            check(exchange_may_move(from, to) == (legal[from][to] == 'x'), "%s to %s",
                  exchange_state_name(from), exchange_state_name(to));
    }
}

/* ---- an illegal one, in a release ---- */

/* h2o offers no function to free it. */
static h2o_loop_t *loop;

static h2o_socket_t *connection;

static h2o_socket_t *get_socket(h2o_conn_t *conn)
{
    (void)conn;
    return connection;
}

static void an_illegal_move_ends_the_connection(void **state)
{
    (void)state;
    static const h2o_conn_callbacks_t callbacks = {.get_socket = get_socket};
    int ends[2];
    char byte;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    loop = h2o_evloop_create();
    connection = h2o_evloop_socket_create(loop, ends[0], H2O_SOCKET_FLAG_DONT_READ);
    h2o_conn_t conn = {.callbacks = &callbacks};
    h2o_req_t req = {.conn = &conn};
    struct exchange exchange = {.req = &req};
    assert_true(exchange_move(&exchange, EXCHANGE_OPEN));
    assert_true(exchange_move(&exchange, EXCHANGE_ENDED));
    assert_int_equal(faults, 0);
    assert_int_equal(read(ends[1], &byte, 1), -1);
    assert_false(exchange_move(&exchange, EXCHANGE_OPEN));
    assert_int_equal(faults, 1);
    assert_int_equal(exchange.state, EXCHANGE_ENDED);
    assert_int_equal(read(ends[1], &byte, 1), 0);
    h2o_socket_close(connection);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_move_is_legal_or_not),
        cmocka_unit_test(an_illegal_move_ends_the_connection),
    };
    return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
