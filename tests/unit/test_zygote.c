#include "unit.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/zygote.h"

static int theirs; /* the zygote's end of the socket */

/* A zygote that answers one order, in pieces. */
static struct zygote answering(const char *const pieces[], size_t count)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    theirs = pair[1];
    for (size_t i = 0; i < count; i++)
        assert_int_equal(send(theirs, pieces[i], strlen(pieces[i]), 0), strlen(pieces[i]));
    return (struct zygote){.pid = 7, .fd = pair[0]};
}

static char order_seen(void)
{
    char byte = '-';
    recv(theirs, &byte, 1, MSG_DONTWAIT);
    return byte;
}

static void finish(const struct zygote *zygote)
{
    close(theirs);
    close(zygote->fd);
}

static void an_answer_ends_with_a_nul(void **state)
{
    (void)state;
    struct buf seen;
    buf_init(&seen, 100);
    struct zygote zygote = answering((const char *const[]){"umask ", "22\n"}, 2);
    assert_int_equal(send(theirs, "", 1, 0), 1);
    assert_true(zygote_look(&zygote, &seen));
    assert_true(holds(&seen, "umask 22\n"));
    assert_int_equal(order_seen(), 'l');
    finish(&zygote);
    buf_release(&seen);
}

static void half_an_answer_is_none(void **state)
{
    (void)state;
    struct buf seen;
    buf_init(&seen, 100);
    struct zygote zygote = answering((const char *const[]){"umask 22\n"}, 1);
    assert_false(zygote_look(&zygote, &seen)); /* it comes too late */
    finish(&zygote);
    zygote = answering((const char *const[]){"umask 22\n"}, 1);
    shutdown(theirs, SHUT_WR);
    assert_false(zygote_look(&zygote, &seen)); /* it never will */
    finish(&zygote);
    buf_release(&seen);
}

/* The next look would otherwise see what was true before the run that it is about. */
static void a_late_answer_is_not_the_next_ones(void **state)
{
    (void)state;
    struct buf seen;
    buf_init(&seen, 100);
    struct zygote zygote = answering(NULL, 0);
    assert_false(zygote_look(&zygote, &seen));
    assert_int_equal(send(theirs, "umask 22\n", 10, 0), 10); /* with its NUL */
    assert_false(zygote_look(&zygote, &seen));
    assert_int_equal(seen.len, 0);
    finish(&zygote);
    buf_release(&seen);
}

static void a_dead_zygote_does_not_answer(void **state)
{
    (void)state;
    struct buf seen;
    buf_init(&seen, 100);
    struct zygote zygote = answering(NULL, 0);
    close(theirs);
    assert_false(zygote_look(&zygote, &seen));
    close(zygote.fd);
}

static void too_long_an_answer_is_none(void **state)
{
    (void)state;
    struct buf seen;
    buf_init(&seen, 4);
    struct zygote zygote = answering((const char *const[]){"longer"}, 1);
    assert_false(zygote_look(&zygote, &seen));
    finish(&zygote);
    buf_release(&seen);
}

static void a_template_that_cannot_stay_keeps_its_descriptors(void **state)
{
    (void)state;
    struct zygote none = {.pid = 0}, asked = answering(NULL, 0);
    struct template template = {
        .pid = 7, .control_fd = asked.fd, .stdout_fd = -1, .stderr_fd = -1, .displays_fd = -1};
    assert_int_equal(send(theirs, "", 1, 0), 1); /* an empty answer */
    assert_false(zygote_settle(&none, &template));
    assert_true(none.pid == 0 && template.control_fd == asked.fd);
    assert_int_equal(order_seen(), 's');
    assert_int_equal(send(theirs, "fd 0\n", 6, 0), 6);
    assert_true(zygote_settle(&none, &template));
    assert_true(none.pid == 7 && none.fd == asked.fd && template.control_fd == -1);
    finish(&asked);
}

/* A late message of a template would look like a message of the program that it became. */
static void a_template_that_does_not_answer_gets_no_job(void **state)
{
    (void)state;
    struct zygote none = {.pid = 0}, asked = answering(NULL, 0);
    struct template template = {
        .pid = 7, .control_fd = asked.fd, .stdout_fd = -1, .stderr_fd = -1, .displays_fd = -1};
    assert_int_equal(send(theirs, "fd", 2, 0), 2);
    assert_int_equal(shutdown(theirs, SHUT_WR), 0);
    assert_false(zygote_settle(&none, &template));
    assert_int_equal(send(asked.fd, "job", 3, MSG_NOSIGNAL), -1);
    finish(&asked);
}

/* The new process has four descriptors: a borrowed input, our streams, a socket. */
static void a_fork_is_given_streams_of_its_own(void **state)
{
    (void)state;
    struct template template;
    struct error err;
    struct zygote zygote = answering(NULL, 0);
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(8 * sizeof(int))];
    } control;
    char byte;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    assert_true(zygote_fork(&zygote, STDIN_FILENO, &template, &err));
    assert_int_equal(recvmsg(theirs, &message, MSG_CMSG_CLOEXEC), 1);
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    int fds[4] = {-1, -1, -1, -1};
    assert_int_equal(byte, 'f');
    assert_true(part && part->cmsg_type == SCM_RIGHTS && part->cmsg_len == CMSG_LEN(sizeof fds));
    if (part)
        memcpy(fds, CMSG_DATA(part), sizeof fds);
    char got[2] = "";
    assert_int_equal(write(fds[1], "o", 1), 1);
    assert_int_equal(write(fds[2], "e", 1), 1);
    assert_int_equal(write(fds[3], "w", 1), 1);
    assert_int_equal(read(template.stdout_fd, got, 1), 1);
    assert_int_equal(read(template.stderr_fd, got + 1, 1), 1);
    assert_memory_equal(got, "oe", 2);
    assert_int_equal(template_poll(&template), TEMPLATE_IS_WARM);
    assert_int_equal(template.pid, getpid());
    for (size_t i = 0; i < COUNT(fds); i++)
        close(fds[i]);
    close(template.stdout_fd);
    close(template.stderr_fd);
    close(template.control_fd);
    finish(&zygote);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_ends_with_a_nul),
        cmocka_unit_test(half_an_answer_is_none),
        cmocka_unit_test(a_late_answer_is_not_the_next_ones),
        cmocka_unit_test(a_dead_zygote_does_not_answer),
        cmocka_unit_test(too_long_an_answer_is_none),
        cmocka_unit_test(a_template_that_cannot_stay_keeps_its_descriptors),
        cmocka_unit_test(a_template_that_does_not_answer_gets_no_job),
        cmocka_unit_test(a_fork_is_given_streams_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
