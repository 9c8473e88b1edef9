/* life_session.h - a box that keeps its interpreter: cells run in it one after the other.
 *
 * Part of a life. The first job with a time for its session (job.h) makes the box a session's. Each
 * further job is a cell of it, or only reads and writes files of /box. After END such a box is
 * READY again, with all that its cells have left: files, processes, and the interpreter's state.
 *
 *   RUNNING ─the interpreter says that the cell has ended─► DRAINING ─► ... ─► READY
 *      │                                                        ▲
 *      ├─ deadline, INTERRUPT: SIGINT ─ 2 s ─► all are killed ──┤ a new interpreter starts
 *      └─ the interpreter has died: all are killed ─────────────┘
 *
 * A new interpreter is a new generation: END has its number, so a loss of state is never hidden.
 * The interpreter and its cells are one process. So its word on a cell's end is the cell's word;
 * time, memory, exit and output are counted here. What comes through its pipes while no cell runs
 * is dropped, and counted.
 *
 * Each may exit as life.h says.
 */
#ifndef MAYFLY_INIT_LIFE_SESSION_H
#define MAYFLY_INIT_LIFE_SESSION_H

#include "life.h"

/* In READY: take a job of a session, and move to RUNNING or further. */
void session_run(struct life *life, const struct job *job);

/* In RUNNING: read the interpreter's words, and do what they say. */
void session_hear(struct life *life);

/* In RUNNING: interrupt the cell, or kill all if it was interrupted before. No-op for another run
 * than the present one. */
void session_interrupt(struct life *life, uint64_t run_id);

/* In RUNNING: send STARTED if the run has ended without it. */
void session_ensure_started(struct life *life);

/* In RUNNING: the timer is due. */
void session_on_timer(struct life *life);

/* In READY: the interpreter has died, or writes although no cell runs. */
void session_restart(struct life *life);
void session_discard(struct life *life);

/* In DRAINING: returns true if everything was read that the cell had written by its end. */
bool session_is_drained(const struct life *life);

/* Before END: note what it says of the session. */
void session_note(struct life *life);

/* In LEAVING, once END is written: move to READY. */
void session_rest(struct life *life);

#endif
