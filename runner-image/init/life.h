/* life.h - one box's life, from a cold template to the end of its only run.
 *
 *   WARMING ─warm─► READY ─RUN─► RUNNING ─ended, deadline─► DRAINING ─pipes read─► LEAVING ─► exit
 *                     │                                        └─► HARVESTING ─files sent─┘│
 *                     └─ the job's files cannot be laid out ───────────────────────────────┘
 *                                      └─ the template could not become the program ───────┘
 *
 *   WARMING     the template starts; nobody was told anything yet
 *   READY       READY was sent; the idle timer runs
 *   RUNNING     the template is the program; its pipes are read, the deadline runs. In its first
 *               millisecond STARTED and output wait for each other, and for END. STARTED waits for
 *               the template's word on how it was started, too
 *   DRAINING    every process is dead, or the last about to exit; what is left in the pipes goes up
 *   HARVESTING  every process is dead, and the job asked for output files: they go up
 *   LEAVING     END or REFUSED was appended; the process ends soon after all has been written
 *
 * CANCEL, an EOF from above, a reader that went away and every failure end the process at once,
 * whatever the phase: the kernel kills all processes of a PID namespace together with its PID 1.
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
#include "template.h"

/* Exit codes of init itself; the broker logs them. */
#define EXIT_PROTOCOL 64  /* a frame, or the command line, is not what it must be */
#define EXIT_TEMPLATE 70  /* the template ended before it had a job */
#define EXIT_RESOURCES 71 /* the operating system refused something */

/* How long the reader may take for the last frames: the broker does not read for five minutes. */
#define LEAVE_MS 330000

enum phase {
    PHASE_WARMING,
    PHASE_READY,
    PHASE_RUNNING,
    PHASE_DRAINING,
    PHASE_HARVESTING,
    PHASE_LEAVING,
};

struct life {
    enum phase phase;
    struct box box; /* where files and main.py go */
    struct template template;
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
    struct outcome outcome; /* from HARVESTING on */
    uint64_t next_pump_ns;  /* when the program's pipes are next looked at */
    uint64_t grown_up_ns;   /* until then nothing goes up, unless the program ends */
    bool lingering;         /* END has been written, and the timer ends us */
    int signal_fd, timer_fd;
};

/* Start the template and the idle timer. Lends dir and argv for ever. Needs every signal that
 * can be caught blocked or ignored. */
void life_begin(struct life *life, const char *dir, uint64_t idle_ms, char *const argv[]);

/* Wait for the next events and handle them. Never returns once the life is over: it exits. */
void life_turn(struct life *life);

/* STARTED goes up when the template has said how: the program is warm, or was started anew. Where
 * there is no program, REFUSED does, and the phase is LEAVING. Does nothing once it is known. */
void life_hear_template(struct life *life);

/* The timer that ends what takes too long, set anew; one shot. */
void life_arm_timer(const struct life *life, uint64_t ms);

/* Say why on stderr, and exit. */
_Noreturn void life_abort(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
