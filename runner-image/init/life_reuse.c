#include "life_reuse.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/clock.h"

/* The kernel ends a killed process for certain, but slowly if the machine is busy. */
#define DEATH_NS (2 * NS_PER_S)
/* How long the looks may differ after that. The kernel frees some state in the background, and a
 * period of the CPU quota lasts 100 ms. On a busy machine that time may allow only one look, so
 * there is a least number of looks, too. */
#define RESET_NS (300 * NS_PER_MS)
#define LOOKS_LEAST 10
#define FIRST_WAIT_MS 1
#define LONGEST_WAIT_MS 128
/* A box with a lower pids limit is not kept: the zygote needs extra tasks to fork, and the program
 * needs a few. */
#define PIDS_LEAST 8

/* Drop all queued signals. Programs can send signals to init. They must not look like signals of
 * the next program, and must not count as a difference. */
static void drop_signals(const struct life *life)
{
    struct signalfd_siginfo info;
    while (read(life->signal_fd, &info, sizeof info) == sizeof info)
        continue;
}

/* ---- before the first job ---- */

/* Let the zygote fork the next program's process. on_control notices when it is ready. */
static void fork_next(struct life *life)
{
    struct error err;
    close(life->input.fd);
    if (!input_open(&life->input, &err) ||
        !zygote_fork(&life->zygote, life->input.program_fd, &life->template, &err))
        life_abort(EXIT_RESOURCES, "fork: %s", err.text);
    close(life->input.program_fd);
    program_init(&life->program, &life->cgroup, life->zygote.pid);
}

/* Wait for the forked process. A job is waiting for it, so blocking is acceptable. */
static void await_program(struct life *life)
{
    if (!template_await_warm(&life->template, STDIN_FILENO))
        life_abort(EXIT_TEMPLATE, "the zygote has not forked");
    program_adopt(&life->program, life->template.pid, &life->cgroup);
}

/* Returns the bytes that the box uses, without the job's frame. */
static uint64_t bytes_without_job(const struct life *life)
{
    uint64_t used = cgroup_used_bytes(&life->cgroup), job = life->commands.in.len;
    return used > job ? used - job : 0;
}

/* Turn the template into the zygote. main.py is removed meanwhile, because the proofs' first look
 * must find an empty /box. */
static bool settle(struct life *life)
{
    uint64_t memory_bytes = bytes_without_job(life);
    box_unprepare(&life->box);
    bool settled = zygote_settle(&life->zygote, &life->template);
    bool kept = settled && proofs_begin(&life->proofs, &life->zygote, &life->cgroup, life->box.dir,
                                        memory_bytes);
    if (settled) {
        fork_next(life);
        await_program(life);
    }
    box_prepare(&life->box);
    return kept;
}

bool reuse_settle(struct life *life, const struct job *job)
{
    if (life->zygote.pid)
        return true;
    drop_signals(life);
    program_reap(&life->program);
    return job->limits.pids >= PIDS_LEAST && settle(life);
}

/* ---- after a run ---- */

static void retire(struct life *life, const char *word)
{
    life->keeps = false;
    if (!upstream_send_gone(&life->up, word))
        life_abort(EXIT_RESOURCES, "no memory");
    life->phase = PHASE_LEAVING;
    life_arm_timer(life, LEAVE_MS);
}

static void close_and_forget(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Close and free everything that belongs to the last run. */
static void forget_run(struct life *life)
{
    close_and_forget(&life->out.fd);
    close_and_forget(&life->err.fd);
    close_and_forget(&life->displays.fd);
    close_and_forget(&life->template.control_fd);
    buf_release(&life->displays.content);
    harvest_release(&life->harvest);
    life->outcome = (struct outcome){.verdict = VERDICT_EXITED};
    life->started = false;
    life->run_id = 0;
}

/* Wait until the program, which was killed, is reaped: SIGCHLD reports it. The time for the looks
 * begins then. */
static void await_death(struct life *life)
{
    uint64_t now_ns = clock_now_ns();
    if (now_ns >= life->reset_end_ns)
        retire(life, "processes");
    else
        life_arm_timer(life, (life->reset_end_ns - now_ns) / NS_PER_MS + 1);
}

/* Try again a little later, or give the box up after RESET_NS and enough looks. */
static void wait_or_retire(struct life *life, const char *difference)
{
    if (clock_now_ns() >= life->reset_end_ns && life->reset_looks >= LOOKS_LEAST) {
        retire(life, difference);
        return;
    }
    life_arm_timer(life, life->reset_wait_ms);
    if (life->reset_wait_ms < LONGEST_WAIT_MS)
        life->reset_wait_ms *= 2;
}

void reuse_step(struct life *life)
{
    drop_signals(life);
    program_reap(&life->program);
    if (!life->program.is_reaped) {
        await_death(life);
        return;
    }
    drop_signals(life); /* one of them may have reported the death */
    if (life->reset_looks++ == 0)
        life->reset_end_ns = clock_now_ns() + RESET_NS;
    if (!proofs_see_no_process(&life->proofs)) {
        wait_or_retire(life, "processes");
        return;
    }
    if (!proofs_empty_folders(&life->proofs)) {
        retire(life, "files");
        return;
    }
    const char *difference = proofs_find_difference(&life->proofs);
    if (difference) {
        wait_or_retire(life, difference);
        return;
    }
    fork_next(life);
    life->program.follows = true;
    life->keeps = false;
    life->phase = PHASE_WARMING;
    life_arm_timer(life, life->idle_ms);
}

void reuse_begin(struct life *life)
{
    life->phase = PHASE_RESETTING;
    life->reset_end_ns = clock_now_ns() + DEATH_NS;
    life->reset_wait_ms = FIRST_WAIT_MS;
    life->reset_looks = 0;
    forget_run(life);
    if (!life->program.is_reaped)
        kill(life->program.pid, SIGKILL);
    life->program.is_stopped = false;
    reuse_step(life);
}
