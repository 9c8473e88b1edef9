/* life.h - one box's life, from a cold template to the end of its last run.
 *
 *   WARMING ─ready─► READY ─RUN─► RUNNING ─ended, deadline─► DRAINING ─pipes read─► LEAVING ─► exit
 *      ▲               │                                        └─► HARVESTING ─files sent─┘││ ▲
 *      │               └─ the job's files cannot be written ────────────────────────────────┘│ │
 *      │                                └─ the template could not become the program ────────┘ │
 *      │                                                                                 │     │
 *      └─ proven clean ── RESETTING ◄─ END is written, and the job keeps the box ────────┘     │
 *                             └─ something differs: GONE ──────────────────────────────────────┘
 *
 *   WARMING     the template starts; no frame was sent yet
 *   READY       READY was sent; the idle timer runs, and the template warms up
 *   RUNNING     the template is the program; its pipes are read, the deadline runs. In its first
 *               millisecond, frames are held back so that STARTED, output and END leave together.
 *               STARTED also waits until the template has reported a warm or a cold start
 *   DRAINING    every process is dead, or the last about to exit; the rest of the pipes is sent
 *   HARVESTING  every process is dead, and the output files that the job asked for are sent
 *   LEAVING     END, REFUSED or GONE was appended; the process ends soon after everything was
 *               written, unless the box is kept
 *   RESETTING   what the run has left is taken away, and the rest is compared with the box as it
 *               was before its first run (life_reuse.h)
 *
 * CANCEL, an EOF from the broker, a closed reader and every failure end the process at once, in any
 * phase. The kernel kills all processes of a PID namespace together with its PID 1.
 */
#ifndef MAYFLY_INIT_LIFE_H
#define MAYFLY_INIT_LIFE_H

#include "box.h"
#include "common/wire_reader.h"
#include "displays.h"
#include "harvest.h"
#include "input.h"
#include "meter.h"
#include "program.h"
#include "streams.h"
#include "proof.h"
#include "template.h"
#include "zygote.h"

/* Exit codes of init itself; the broker logs them. */
#define EXIT_PROTOCOL 64  /* a frame, or the command line, is malformed */
#define EXIT_TEMPLATE 70  /* the template ended before it had a job */
#define EXIT_RESOURCES 71 /* the operating system refused something */

/* The longest wait for the reader of the last frames. The broker may pause reading for five
 * minutes. */
#define LEAVE_MS 330000

enum phase {
    PHASE_WARMING,
    PHASE_READY,
    PHASE_RUNNING,
    PHASE_DRAINING,
    PHASE_HARVESTING,
    PHASE_LEAVING,
    PHASE_RESETTING,
};

struct life {
    enum phase phase;
    struct box box;           /* holds files and main.py */
    struct template template; /* the process that is, or will be, the program */
    struct zygote zygote;     /* in a box that is kept: the process that forks templates */
    struct proofs proofs;     /* of such a box */
    struct program program;
    struct cgroup cgroup;
    struct wire_reader commands; /* frames from the broker */
    struct upstream up;
    uint64_t run_id;
    struct output out, err;
    struct displays displays;
    struct input input;
    struct meter meter;
    struct harvest harvest;
    bool started;           /* STARTED was appended */
    bool is_asked;          /* the job asks to keep the box */
    bool keeps;             /* it does, and no reason against it is known yet */
    uint64_t idle_ms;       /* longest wait for a job */
    uint64_t reset_end_ns;  /* a reset that takes longer gives the box up */
    uint64_t reset_wait_ms; /* until the next try */
    struct outcome outcome; /* valid from HARVESTING on */
    uint64_t next_pump_ns;  /* next read of the program's pipes */
    uint64_t grown_up_ns;   /* nothing is sent before this time, unless the program ends */
    bool lingering;         /* END was written, and the timer ends this process */
    int signal_fd, timer_fd;
};

/* Start the template and the idle timer. Keeps dir and argv for the life of the process. Every
 * signal that can be caught must be blocked or ignored. */
void life_begin(struct life *life, const char *dir, uint64_t idle_ms, char *const argv[]);

/* Wait for the next events and handle them. Exits when the life has ended. */
void life_turn(struct life *life);

/* Send STARTED when the template has reported a warm or a cold start. Where it could not start the
 * program, send REFUSED and move to LEAVING. No-op once that is known. */
void life_hear_template(struct life *life);

/* Restart the one-shot timer that ends a phase which takes too long. */
void life_arm_timer(const struct life *life, uint64_t ms);

/* Report the reason on stderr, and exit. */
_Noreturn void life_abort(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
