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
#include <unistd.h>

#include "../protocol.h"
#include "common/clock.h"

#define COMMAND_READ_BYTES ((size_t)64 << 10)
/* How long the reader may take for the last frames: the broker does not read for five minutes. */
#define LEAVE_MS 330000
/* How long after END the box ends by itself. */
#define LINGER_MS 20
/* A program that writes a little at a time is read at this pace, so that each frame on its way
 * through shim and engine carries more than a few bytes. Large writes, the last, and the first
 * after a pause are never held back. */
#define PUMP_INTERVAL_NS (2 * NS_PER_MS)
/* What a program that is over sooner says goes up in one piece with STARTED and END: each piece
 * takes time of shim and engine on the cores that the program needs. */
#define YOUTH_NS NS_PER_MS
#define SMALL_BYTES 4096

enum slot { COMMANDS, UPSTREAM, CHILDREN, TIMER, CONTROL, FEED, OUT, ERR, DISPLAYS, SLOT_COUNT };

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

/* One shot. The clock counts suspended time too: a box must not outlive its deadline by a
 * laptop's night. */
static void arm_timer(const struct life *life, uint64_t ms)
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
    *life = (struct life){.out.fd = -1, .err.fd = -1, .displays.fd = -1, .feed.fd = -1};
    box_init(&life->box, dir);
    buf_init(&life->commands, WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES);
    upstream_init(&life->up, STDOUT_FILENO);
    cgroup_open(&life->cgroup);
    life->signal_fd = watch_children();
    life->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (life->signal_fd < 0 || life->timer_fd < 0)
        life_abort(EXIT_RESOURCES, "signal or timer descriptor: %s", strerror(errno));
    arm_timer(life, idle_ms);
    if (!template_spawn(&life->template, argv, &err))
        life_abort(EXIT_RESOURCES, "template: %s", err.text);
    program_init(&life->program, life->template.pid, &life->cgroup);
}

/* ---- WARMING ---- */

static _Noreturn void lose_template(const struct life *life)
{
    char said[2048];
    ssize_t len = read(life->template.stderr_fd, said, sizeof said - 1);
    said[len > 0 ? len : 0] = '\0';
    dprintf(STDERR_FILENO, "%s", said);
    life_abort(EXIT_TEMPLATE, "the template ended before it had a job (wait status 0x%x)",
               (unsigned)life->program.status);
}

static void on_control(struct life *life)
{
    int warm = template_poll_warm(&life->template);
    if (warm <= 0)
        return; /* when it has gone, SIGCHLD tells */
    box_prepare(&life->box);
    life->phase = PHASE_READY;
    if (!upstream_send(&life->up, WIRE_READY, 0))
        life_abort(EXIT_RESOURCES, "no memory");
}

/* ---- READY ---- */

static void leave(struct life *life)
{
    life->phase = PHASE_LEAVING;
    arm_timer(life, LEAVE_MS);
}

/* A job whose files cannot be written was not started: nobody was told STARTED. */
static void refuse_job(struct life *life, struct error *why)
{
    error_prefix(why, "the program did not run");
    if (!upstream_send_refusal(&life->up, life->run_id, why))
        life_abort(EXIT_RESOURCES, "no memory");
    program_kill_all(&life->program);
    leave(life);
}

/* Files are the box's memory. Where that does not suffice, the kernel has ended the template. */
static bool fill_box(struct life *life, const struct job *job, struct error *err)
{
    struct bytes cursor = job->fields, path;
    if (!box_fill(&life->box, job, err))
        return false;
    if (!job_next(&cursor, WIRE_TAG_FILE_PATH, &path))
        return true;
    return !program_is_doomed(&life->program, &life->cgroup) ||
           error_set(err, ERR_INVALID, "its files do not fit its limit of memory");
}

static void take_pipes(struct life *life, const struct job *job)
{
    struct template *from = &life->template;
    output_init(&life->out, from->stdout_fd, WIRE_STDOUT, job->output_bytes);
    output_init(&life->err, from->stderr_fd, WIRE_STDERR, job->output_bytes);
    displays_init(&life->displays, from->displays_fd, job->displays_bytes);
    if (!feed_init(&life->feed, from->stdin_fd, job->stdin_data))
        life_abort(EXIT_RESOURCES, "no memory");
    from->stdin_fd = from->stdout_fd = from->stderr_fd = from->displays_fd = -1;
}

static void on_run(struct life *life, const struct frame *frame)
{
    struct job job;
    struct error err;
    if (life->phase != PHASE_READY)
        life_abort(EXIT_PROTOCOL, "a job came while the box was not ready");
    if (!job_decode(frame->payload, &job, &err))
        life_abort(EXIT_PROTOCOL, "%s", err.text);
    life->run_id = frame->run_id;
    if (!fill_box(life, &job, &err)) {
        refuse_job(life, &err);
        return;
    }
    take_pipes(life, &job);
    if (!harvest_init(&life->harvest, &job) ||
        !upstream_send(&life->up, WIRE_STARTED, life->run_id))
        life_abort(EXIT_RESOURCES, "no memory");
    feed_pump(&life->feed);
    program_begin(&life->program);
    arm_timer(life, job.timeout_ms);
    life->phase = PHASE_RUNNING;
    life->grown_up_ns = life->next_pump_ns = clock_now_ns() + YOUTH_NS;
    /* When that fails the template has died: SIGCHLD ends the run. */
    if (!template_hand_over(&life->template, &job, life->program.secret, &err))
        dprintf(STDERR_FILENO, "mayfly-init: %s\n", err.text);
}

static void on_frame(struct life *life, const struct frame *frame)
{
    if (frame->type == WIRE_CANCEL)
        exit(EXIT_SUCCESS);
    if (frame->type != WIRE_RUN)
        life_abort(EXIT_PROTOCOL, "a frame that does not go down: %s", wire_type_name(frame->type));
    on_run(life, frame);
}

static void parse_commands(struct life *life)
{
    struct frame frame;
    size_t used;
    for (;;) {
        struct bytes rest = buf_bytes(&life->commands);
        enum wire_result result =
            wire_parse(rest.data, rest.len, WIRE_PAYLOAD_MAX_BYTES, &frame, &used);
        if (result == WIRE_BAD)
            life_abort(EXIT_PROTOCOL, "what came is no frame");
        if (result == WIRE_MORE)
            return;
        on_frame(life, &frame);
        buf_consume(&life->commands, used);
        if (life->commands.len == 0)
            buf_release(
                &life->commands); /* a job's bytes are charged to the box as long as we hold them */
    }
}

static void on_commands(struct life *life)
{
    long len = buf_read_fd(&life->commands, STDIN_FILENO, COMMAND_READ_BYTES);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len < 0)
        life_abort(EXIT_PROTOCOL, "commands: %s", strerror(errno));
    if (len == 0)
        exit(EXIT_SUCCESS); /* nobody is there any more who could want the answer */
    parse_commands(life);
}

/* ---- RUNNING, DRAINING, HARVESTING ---- */

static void pump_outputs(struct life *life)
{
    uint64_t before = life->out.count.total_bytes + life->err.count.total_bytes;
    if (!output_pump(&life->out, &life->up, life->run_id) ||
        !output_pump(&life->err, &life->up, life->run_id))
        life_abort(EXIT_RESOURCES, "no memory");
    uint64_t read_bytes = life->out.count.total_bytes + life->err.count.total_bytes - before;
    if (read_bytes < SMALL_BYTES)
        life->next_pump_ns = clock_now_ns() + PUMP_INTERVAL_NS;
}

/* After what was written before them. */
static void pump_displays(struct life *life)
{
    pump_outputs(life);
    if (!displays_pump(&life->displays, &life->up, life->run_id))
        life_abort(EXIT_RESOURCES, "no memory");
}

static void send_end(struct life *life)
{
    if (!upstream_send_outcome(&life->up, life->run_id, &life->outcome))
        life_abort(EXIT_RESOURCES, "no memory");
    leave(life);
}

static void send_files(struct life *life)
{
    bool done;
    if (!harvest_send(&life->harvest, &life->up, life->run_id, &done))
        life_abort(EXIT_RESOURCES, "no memory");
    if (!done)
        return;
    life->outcome.left_out_count = harvest_left_out_count(&life->harvest);
    send_end(life);
}

/* What the program wrote to its streams does not wait for the search. */
static void begin_harvest(struct life *life)
{
    if (!upstream_flush(&life->up))
        exit(EXIT_SUCCESS);
    life->phase = PHASE_HARVESTING;
    harvest_find(&life->harvest, life->box.dir);
    arm_timer(life, LEAVE_MS);
    send_files(life);
}

static void drain(struct life *life)
{
    pump_displays(life);
    if (!output_is_drained(&life->out) || !output_is_drained(&life->err) ||
        !displays_are_drained(&life->displays))
        return;
    life->outcome = (struct outcome){.out = life->out.count, .err = life->err.count};
    program_judge(&life->program, &life->cgroup, &life->outcome);
    if (harvest_is_wanted(&life->harvest))
        begin_harvest(life);
    else
        send_end(life);
}

/* The program has ended, or must now. After a farewell it is stopped: nobody's death is waited for,
 * and the kernel has a process to take down only when END is on its way. But files shall not change
 * while they are read, and what is only stopped can have arranged to go on. */
static void end_run(struct life *life, bool alone)
{
    if (!alone || harvest_is_wanted(&life->harvest))
        program_kill_all(&life->program);
    life->phase = PHASE_DRAINING;
    arm_timer(life, LEAVE_MS);
    drain(life);
}

static void on_children(struct life *life)
{
    struct signalfd_siginfo info;
    if (read(life->signal_fd, &info, sizeof info) != sizeof info)
        return;
    program_reap(&life->program);
    bool dead = life->program.ended;
    if (life->phase == PHASE_RUNNING && info.ssi_signo == (uint32_t)FAREWELL_SIGNAL)
        program_hear_farewell(&life->program, (pid_t)info.ssi_pid, info.ssi_ptr, &life->cgroup);
    if (!life->program.ended)
        return;
    if (life->phase == PHASE_RUNNING)
        end_run(life, !dead);
    else if (life->phase < PHASE_RUNNING)
        lose_template(life);
}

static void on_timer(struct life *life)
{
    uint64_t expired_count;
    if (read(life->timer_fd, &expired_count, sizeof expired_count) < 0)
        return; /* armed anew by an event of the same turn */
    if (life->phase != PHASE_RUNNING)
        exit(EXIT_SUCCESS); /* idle for too long, or nobody reads the last frames */
    life->program.timed_out = true;
    end_run(life, false);
}

/* ---- the loop ---- */

/* Milliseconds until the program's pipes are looked at; 0: now. */
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

static void watch(const struct life *life, bool held, struct pollfd watched[SLOT_COUNT])
{
    bool writing = (life->up.pending.len > 0 && !held) || life->phase == PHASE_HARVESTING;
    watched[COMMANDS] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    watched[UPSTREAM] = (struct pollfd){.fd = life->up.fd, .events = writing ? POLLOUT : 0};
    watched[CHILDREN] = (struct pollfd){.fd = life->signal_fd, .events = POLLIN};
    watched[TIMER] = (struct pollfd){.fd = life->timer_fd, .events = POLLIN};
    int control_fd = life->phase == PHASE_WARMING ? life->template.control_fd : -1;
    watched[CONTROL] = (struct pollfd){.fd = control_fd, .events = POLLIN};
    watched[FEED] = (struct pollfd){.fd = life->feed.fd, .events = POLLOUT};
    watched[OUT] = (struct pollfd){.fd = output_fd(life, &life->out, held), .events = POLLIN};
    watched[ERR] = (struct pollfd){.fd = output_fd(life, &life->err, held), .events = POLLIN};
    bool showing = life->phase <= PHASE_DRAINING && displays_can_pump(&life->displays, &life->up);
    watched[DISPLAYS] = (struct pollfd){.fd = showing ? life->displays.fd : -1, .events = POLLIN};
}

/* Commands come first, so that a CANCEL beats the news it was sent to stop; deaths before the
 * timer, so that a program which ended in time is not called late. */
static void dispatch(struct life *life, const struct pollfd watched[SLOT_COUNT])
{
    if (watched[COMMANDS].revents)
        on_commands(life);
    if (watched[CONTROL].revents && life->phase == PHASE_WARMING)
        on_control(life);
    if (watched[FEED].revents && life->feed.fd >= 0)
        feed_pump(&life->feed);
    if (watched[CHILDREN].revents)
        on_children(life);
    if (watched[TIMER].revents)
        on_timer(life);
    if (life->phase == PHASE_RUNNING && (watched[OUT].revents || watched[ERR].revents))
        pump_outputs(life);
    if (life->phase == PHASE_RUNNING && watched[DISPLAYS].revents)
        pump_displays(life);
    if (life->phase == PHASE_DRAINING)
        drain(life);
    if (life->phase == PHASE_HARVESTING && watched[UPSTREAM].revents & POLLOUT)
        send_files(life);
    if (watched[UPSTREAM].revents & (POLLERR | POLLHUP))
        exit(EXIT_SUCCESS);
}

/* END has gone up. What the end of a container costs the engine must not delay it on its way: the
 * reader hangs up when it has the answer. Where the reader was slow, END may still stand in pipes
 * of the engine's, which may drop what they hold once the box has ended. */
static void linger(struct life *life)
{
    if (life->lingering)
        return;
    life->lingering = true;
    arm_timer(life, life->up.was_full ? LEAVE_MS : LINGER_MS);
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
    if (!is_young && !upstream_flush(&life->up))
        exit(EXIT_SUCCESS);
    if (life->phase == PHASE_LEAVING && life->up.pending.len == 0)
        linger(life);
}
