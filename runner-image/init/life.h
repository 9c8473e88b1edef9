/* life.h - the life of one box as a state machine, from the start of the template to the end of the
 * last run.
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
 *   LEAVING     END, REFUSED or GONE was appended; the process ends soon after all frames were
 *               written, unless the box is kept
 *   RESETTING   the run's files and processes are removed, and the rest of the box is compared with
 *               its state before the first run (life_reuse.h)
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

/* Exit codes of init itself, which the broker logs. */
#define EXIT_PROTOCOL 64  /* a frame or the command line is malformed */
#define EXIT_TEMPLATE 70  /* the template ended before it got a job */
#define EXIT_RESOURCES 71 /* memory or another resource is exhausted */

/* How long to wait for the broker to read the last frames. It may stop reading for up to five
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

/* The part of a life that only sessions have (life_session.h). */
struct session {
    bool is_open;        /* the box belongs to a session */
    bool is_serving;     /* its interpreter can take cells */
    bool is_in_cell;     /* a cell was passed to the interpreter and has not ended */
    bool is_interrupted; /* SIGINT was sent */
    uint32_t generation; /* number of the present interpreter, from 1 */
    uint32_t life_ms;    /* longest wait for the next run */
    uint64_t dropped_bytes;
    int cell_fd;    /* a cell's file until it is passed on; -1: none */
    char text[120]; /* the reason why the current run could not begin; else "" */
};

struct life {
    enum phase phase;
    struct box box;           /* writes files and main.py */
    struct template template; /* the process that becomes the program */
    struct session session;
    char *const *argv;    /* the template's command line */
    struct zygote zygote; /* in a box for several runs: the process that forks the templates */
    struct proofs proofs; /* the state that a box for several runs must have between runs */
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
    bool started;  /* STARTED was appended */
    bool is_asked; /* the job asks to keep the box */
    /* the job asks to keep the box, and no reason against that is known so far */
    bool keeps;
    uint64_t idle_ms;       /* how long to wait for a job */
    uint64_t reset_end_ns;  /* deadline of the reset: the box ends if it is not clean by then */
    uint64_t reset_wait_ms; /* until the next attempt of the reset */
    unsigned reset_looks;   /* how many attempts there were since the program was reaped */
    struct outcome outcome; /* valid from HARVESTING on */
    uint64_t next_pump_ns;  /* when to read the program's pipes next */
    uint64_t grown_up_ns;   /* until then nothing is sent, unless the program ends */
    bool lingering;         /* END was sent; the timer will end this process */
    int signal_fd, timer_fd;
};

/* Start the template and the idle timer. Keeps dir and argv for the life of the process. All
 * signals that can be caught must already be blocked or ignored. */
void life_begin(struct life *life, const char *dir, uint64_t idle_ms, char *const argv[]);

/* Wait for the next events and handle them. Exits the process at the end of the life. */
void life_turn(struct life *life);

/* Read the template's report about the start, and send STARTED. If it could not start the program,
 * send REFUSED and move to LEAVING. No-op once one of these frames was sent. */
void life_hear_template(struct life *life);

/* Restart the one-shot timer, which ends a phase that takes too long. */
void life_arm_timer(const struct life *life, uint64_t ms);

/* Print the reason to stderr and exit. */
_Noreturn void life_abort(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
