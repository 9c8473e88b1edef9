/* life.c - see life.h. One subject: all phases share one loop, and any event can occur in any
 * phase. */
#include "life.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../protocol.h"
#include "common/clock.h"
#include "life_ending.h"
#include "life_reuse.h"
#include "life_session.h"
#include "life_start.h"

#define COMMAND_READ_BYTES ((size_t)64 << 10)
/* After END, init waits this long for the broker to close the connection, then exits. If the broker
 * reads slowly, init waits for LEAVE_MS. */
#define LINGER_MS 20

enum slot { COMMANDS, UPSTREAM, CHILDREN, TIMER, METER, CONTROL, OUT, ERR, DISPLAYS, SLOT_COUNT };

_Noreturn void life_abort(int code, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dprintf(STDERR_FILENO, "mayfly-init: %s\n", text);
    exit(code);
}

/* Arm the timer. It also counts time in which the host was suspended: a box must not run past its
 * deadline because a laptop was asleep. */
void life_arm_timer(const struct life *life, uint64_t ms)
{
    const struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000 * NS_PER_MS)}};
    if (timerfd_settime(life->timer_fd, 0, &when, NULL) < 0)
        life_abort(EXIT_RESOURCES, "timer: %s", strerror(errno));
}

static int watch_children(void)
{
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, FAREWELL_SIGNAL);
    return signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
}

void life_begin(struct life *life, const char *dir, uint64_t idle_ms, char *const argv[])
{
    struct error err;
    *life = (struct life){.out.fd = -1,
                          .err.fd = -1,
                          .displays.fd = -1,
                          .session.cell_fd = -1,
                          .argv = argv,
                          .idle_ms = idle_ms};
    box_init(&life->box, dir);
    wire_reader_init(&life->commands, WIRE_PAYLOAD_MAX_BYTES, 0);
    upstream_init(&life->up, STDOUT_FILENO);
    cgroup_open(&life->cgroup, CGROUP_ROOT);
    life->signal_fd = watch_children();
    life->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (life->signal_fd < 0 || life->timer_fd < 0 || !meter_open(&life->meter, "/proc"))
        life_abort(EXIT_RESOURCES, "signal or timer descriptor: %s", strerror(errno));
    life_arm_timer(life, idle_ms);
    if (!input_open(&life->input, &err) ||
        !template_spawn(&life->template, life->input.program_fd, argv, &err))
        life_abort(EXIT_RESOURCES, "template: %s", err.text);
    close(life->input.program_fd);
    program_init(&life->program, &life->cgroup, 0);
}

/* ---- WARMING ---- */

static void become_ready(struct life *life)
{
    if (life->phase != PHASE_WARMING)
        return;
    box_prepare(&life->box);
    life->phase = PHASE_READY;
    if (!upstream_send(&life->up, WIRE_READY, 0))
        life_abort(EXIT_RESOURCES, "no memory");
}

static void on_control(struct life *life)
{
    enum template_news news = template_poll(&life->template);
    if (news == TEMPLATE_LOST && life->zygote.pid)
        start_lose_template(life);
    if (news == TEMPLATE_NO_NEWS || news == TEMPLATE_LOST)
        return; /* if the template has died, SIGCHLD also reports it */
    if (news == TEMPLATE_IS_WARM)
        program_adopt(&life->program, life->template.pid, &life->cgroup);
    become_ready(life);
}

/* ---- READY, RUNNING ---- */

static void on_frame(struct life *life, const struct frame *frame)
{
    switch (frame->type) {
    case WIRE_RUN:
        start_take_job(life, frame);
        return;
    case WIRE_CANCEL:
        exit(EXIT_SUCCESS);
    case WIRE_INTERRUPT:
        if (life->session.is_open)
            session_interrupt(life, frame->run_id);
        return;
    case WIRE_READY:
    case WIRE_STATUS:
    case WIRE_PAIRED:
    case WIRE_STARTED:
    case WIRE_OUTPUT:
    case WIRE_FILE:
    case WIRE_DISPLAY:
    case WIRE_END:
    case WIRE_REFUSED:
    case WIRE_RUNTIMES:
    case WIRE_GONE:
    case WIRE_SESSION:
        break;
    }
    life_abort(EXIT_PROTOCOL, "a frame that a broker must not send: %s",
               wire_type_name(frame->type));
}

static void parse_commands(struct life *life)
{
    struct frame frame;
    enum wire_result result;
    while ((result = wire_reader_next(&life->commands, &frame)) == WIRE_FRAME)
        on_frame(life, &frame);
    if (result == WIRE_BAD)
        life_abort(EXIT_PROTOCOL, "the broker sent something that is not a frame");
    /* The memory of a job's frame counts as the box's, so free it at once. */
    if (life->commands.in.len == 0)
        wire_reader_release(&life->commands);
}

static void on_commands(struct life *life)
{
    long len = wire_reader_fill(&life->commands, STDIN_FILENO, COMMAND_READ_BYTES);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len < 0)
        life_abort(EXIT_PROTOCOL, "commands: %s", strerror(errno));
    if (len == 0)
        exit(EXIT_SUCCESS); /* the broker has closed stdin: nobody wants the result any more */
    parse_commands(life);
}

/* ---- RUNNING ---- */

/* Once the program writes or ends, the template's report has arrived, if it sent one. */
void life_hear_template(struct life *life)
{
    struct error why;
    if (life->session.is_open)
        session_ensure_started(life);
    if (life->started || life->session.is_open)
        return;
    enum template_word word = template_hear(&life->template, &why);
    if (life->template.displays_fd >= 0)
        displays_attach(&life->displays, life->template.displays_fd);
    life->template.displays_fd = -1;
    if (word == TEMPLATE_FAILED) {
        ending_refuse(life, &why);
        return;
    }
    if (word == TEMPLATE_SILENT && !life->program.ended && life->program.cut == CUT_NONE)
        return;
    life->started = true;
    bool cold = word == TEMPLATE_COLD;
    if (!upstream_send_started(&life->up, life->run_id, cold, cold ? 0 : life->template.warmth))
        life_abort(EXIT_RESOURCES, "no memory");
}

/* Read what the program's process reports. Only a session's interpreter reports more than once. */
static void hear_program(struct life *life)
{
    if (life->session.is_open)
        session_hear(life);
    else
        life_hear_template(life);
}

static void pump(struct life *life, const struct pollfd watched[SLOT_COUNT])
{
    if (watched[OUT].revents || watched[ERR].revents)
        ending_pump_outputs(life);
    if (watched[DISPLAYS].revents)
        ending_pump_displays(life);
}

static void on_children(struct life *life)
{
    struct signalfd_siginfo info;
    if (read(life->signal_fd, &info, sizeof info) != sizeof info)
        return;
    bool any_left = program_reap(&life->program);
    bool dead = life->program.ended;
    bool waits = life->phase == PHASE_WARMING || life->phase == PHASE_READY;
    /* After a refusal, the template was killed by us: that is not an error. */
    bool has_none = life->program.pid == 0 && !any_left && life->phase != PHASE_LEAVING;
    if (has_none || (waits && life->program.zygote_died))
        start_lose_template(life);
    if (life->phase == PHASE_RESETTING) {
        reuse_step(life);
        return;
    }
    if (life->phase == PHASE_RUNNING && !life->session.is_open &&
        info.ssi_signo == (uint32_t)FAREWELL_SIGNAL)
        program_hear_farewell(&life->program, (pid_t)info.ssi_pid, info.ssi_ptr, &life->cgroup);
    if (!life->program.ended)
        return;
    if (life->session.is_open && life->phase == PHASE_READY)
        session_restart(life);
    else if (life->phase < PHASE_RUNNING)
        start_lose_template(life);
    else if (life->phase == PHASE_RUNNING && dead)
        ending_begin(life);
    else if (life->phase == PHASE_RUNNING)
        ending_after_farewell(life);
}

static void cut_run(struct life *life, enum cut cut)
{
    life->program.cut = cut;
    ending_begin(life);
}

static void on_meter(struct life *life)
{
    static const enum cut cuts[] = {
        [METER_FINE] = CUT_NONE, [METER_CPU_TIME] = CUT_CPU_TIME, [METER_LOCKS] = CUT_MEMORY};
    uint64_t used_ns = program_cpu_ns(&life->program, &life->cgroup);
    enum cut cut = cuts[meter_look(&life->meter, used_ns)];
    program_look(&life->program, &life->cgroup);
    if (cut != CUT_NONE)
        cut_run(life, cut);
}

static void on_timer(struct life *life)
{
    uint64_t expired_count;
    if (read(life->timer_fd, &expired_count, sizeof expired_count) < 0)
        return; /* an event that was handled before has restarted the timer */
    if (life->phase == PHASE_RESETTING) {
        reuse_step(life);
        return;
    }
    if (life->phase != PHASE_RUNNING)
        exit(EXIT_SUCCESS); /* no job came in time, or the last frames were not read */
    if (life->session.is_open)
        session_on_timer(life);
    else
        cut_run(life, CUT_TIMEOUT);
}

/* ---- the loop ---- */

/* Returns the milliseconds to wait before the program's pipes are read again; 0: read now. */
static int held_back_ms(const struct life *life)
{
    uint64_t now_ns = clock_now_ns();
    if (life->phase != PHASE_RUNNING || now_ns >= life->next_pump_ns)
        return 0;
    return (int)((life->next_pump_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS);
}

static int output_fd(const struct life *life, const struct output *output, bool held)
{
    bool is_read = life->phase <= PHASE_DRAINING && !held;
    return is_read && output_can_pump(output, &life->up) ? output->fd : -1;
}

/* Returns true while the template warms up, which continues in READY. */
static bool is_warming(const struct life *life)
{
    return life->phase <= PHASE_READY && life->program.pid == 0;
}

/* Returns the control socket if it should be polled, else -1. For the first YOUTH_NS of a run, the
 * report about a warm or cold start is not read yet. */
static int control_fd(const struct life *life, bool held)
{
    bool is_asked = life->phase == PHASE_RUNNING && !life->started && !held;
    bool is_heard = life->phase == PHASE_RUNNING && life->session.is_open;
    return is_warming(life) || is_asked || is_heard ? life->template.control_fd : -1;
}

static void watch(const struct life *life, bool held, struct pollfd watched[SLOT_COUNT])
{
    bool writing = (life->up.pending.len > 0 && !held) || life->phase == PHASE_HARVESTING;
    watched[COMMANDS] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    watched[UPSTREAM] = (struct pollfd){.fd = life->up.fd, .events = writing ? POLLOUT : 0};
    watched[CHILDREN] = (struct pollfd){.fd = life->signal_fd, .events = POLLIN};
    watched[TIMER] = (struct pollfd){.fd = life->timer_fd, .events = POLLIN};
    watched[CONTROL] = (struct pollfd){.fd = control_fd(life, held), .events = POLLIN};
    int meter_fd = life->phase == PHASE_RUNNING ? life->meter.timer_fd : -1;
    watched[METER] = (struct pollfd){.fd = meter_fd, .events = POLLIN};
    watched[OUT] = (struct pollfd){.fd = output_fd(life, &life->out, held), .events = POLLIN};
    watched[ERR] = (struct pollfd){.fd = output_fd(life, &life->err, held), .events = POLLIN};
    bool showing = life->phase <= PHASE_DRAINING && displays_can_pump(&life->displays, &life->up);
    watched[DISPLAYS] = (struct pollfd){.fd = showing ? life->displays.fd : -1, .events = POLLIN};
}

/* Commands come first, so that nothing more is sent after a CANCEL. Deaths come before the timer,
 * so that a program that ended just in time does not count as a timeout. */
static void dispatch(struct life *life, const struct pollfd watched[SLOT_COUNT])
{
    if (watched[COMMANDS].revents)
        on_commands(life);
    if (watched[CONTROL].revents && is_warming(life))
        on_control(life);
    if (watched[CHILDREN].revents)
        on_children(life);
    if (watched[TIMER].revents)
        on_timer(life);
    if (watched[METER].revents && life->phase == PHASE_RUNNING)
        on_meter(life);
    bool has_output = watched[OUT].revents || watched[ERR].revents || watched[DISPLAYS].revents;
    if (life->phase == PHASE_RUNNING && (has_output || watched[CONTROL].revents))
        hear_program(life);
    if (life->phase == PHASE_READY && has_output && life->session.is_open)
        session_discard(life);
    if (life->phase == PHASE_RUNNING && life->started)
        pump(life, watched);
    if (life->phase == PHASE_DRAINING)
        ending_drain(life);
    if (life->phase == PHASE_HARVESTING && watched[UPSTREAM].revents & POLLOUT)
        ending_send_files(life);
    if (watched[UPSTREAM].revents & (POLLERR | POLLHUP))
        exit(EXIT_SUCCESS);
}

/* Wait before exiting after END was sent: the engine's teardown of the container would compete with
 * END. Normally the broker reads END and closes the connection. If it reads slowly, wait longer:
 * the engine may drop what is still in its pipes when the container exits. */
static void linger(struct life *life)
{
    if (life->lingering)
        return;
    life->lingering = true;
    life_arm_timer(life, life->up.was_full ? LEAVE_MS : LINGER_MS);
}

void life_turn(struct life *life)
{
    struct pollfd watched[SLOT_COUNT];
    int held_ms = held_back_ms(life);
    watch(life, held_ms > 0, watched);
    if (poll(watched, SLOT_COUNT, held_ms ? held_ms : -1) < 0 && errno != EINTR)
        life_abort(EXIT_RESOURCES, "poll: %s", strerror(errno));
    dispatch(life, watched);
    bool is_young = life->phase == PHASE_RUNNING && clock_now_ns() < life->grown_up_ns;
    if (!is_young && life->phase == PHASE_RUNNING && !life->started)
        life_hear_template(life);
    if (!is_young && !upstream_flush(&life->up))
        exit(EXIT_SUCCESS);
    ending_watch_the_stopped(life);
    if (life->phase == PHASE_LEAVING && life->up.pending.len == 0) {
        if (life->keeps && life->session.is_open)
            session_rest(life);
        else if (life->keeps)
            reuse_begin(life);
        else
            linger(life);
    }
}
