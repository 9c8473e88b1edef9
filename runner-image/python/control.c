#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "control.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "../protocol.h"
#include "additions.h"
#include "handover.h"

static void say(const char *word, size_t len)
{
    if (write(TEMPLATE_CONTROL_FD, word, len) != (ssize_t)len)
        handover_die("a word to init");
}

void control_say_ready(void)
{
    static const char ready = TEMPLATE_READY;
    say(&ready, sizeof ready);
}

void control_say_warm(unsigned warmth)
{
    const char words[] = {TEMPLATE_WARMTH, (char)warmth, TEMPLATE_WARM};
    bool added = additions_exist(); /* if so, they report "warm" */
    say(words, sizeof words - added);
    if (added && !additions_say_warm(TEMPLATE_CONTROL_FD))
        handover_die_of_python();
}

static bool wait_for(struct pollfd *watched, nfds_t count, int timeout_ms)
{
    int ready;
    do {
        ready = poll(watched, count, timeout_ms);
    } while (ready < 0 && errno == EINTR);
    return ready != 0 && watched[0].revents != 0;
}

bool control_is_called(int timeout_ms)
{
    struct pollfd watched = {.fd = TEMPLATE_CONTROL_FD, .events = POLLIN};
    return wait_for(&watched, 1, timeout_ms);
}

bool control_is_called_before(int other_fd)
{
    struct pollfd watched[] = {{.fd = TEMPLATE_CONTROL_FD, .events = POLLIN},
                               {.fd = other_fd, .events = POLLIN}};
    return wait_for(watched, 2, -1);
}
