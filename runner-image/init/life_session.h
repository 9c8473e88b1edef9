/* life_session.h - a box whose interpreter stays alive: cells run in it one after the other.
 *
 * A part of life.h. The first job with WIRE_TAG_SESSION_MS makes the box a session's. Each further
 * job is a cell, or only reads and writes files of /box. After END the box is READY again, and
 * keeps everything that its cells have left: files, processes, and the interpreter's state.
 *
 *   RUNNING ─the interpreter says that the cell has ended─► DRAINING ─► ... ─► READY
 *      │                                                        ▲
 *      ├─ deadline, INTERRUPT: SIGINT ─ 2 s ─► all are killed ──┤ a new interpreter starts
 *      └─ the interpreter has died: all are killed ─────────────┘
 *
 * Each new interpreter has a new generation number, which END reports. So clients always see a loss
 * of state. A cell runs inside the interpreter's process, so the cell itself could send the message
 * that it has ended. Time, memory and output are therefore measured by init. Output while no cell
 * runs is dropped and counted.
 *
 * Each function may exit the process, as life.h describes.
 */
#ifndef MAYFLY_INIT_LIFE_SESSION_H
#define MAYFLY_INIT_LIFE_SESSION_H

#include "life.h"

/* In READY: take a job of the session, and move to RUNNING or further. */
void session_run(struct life *life, const struct job *job);

/* In RUNNING: read the interpreter's messages and act on them. */
void session_hear(struct life *life);

/* In RUNNING: interrupt the cell. No-op if it was interrupted already, or run_id is not the current
 * run's. */
void session_interrupt(struct life *life, uint64_t run_id);

/* In RUNNING: send STARTED if the run is ending and STARTED was not sent. If the process has died
 * that should have become the interpreter, it may have reported why: then refuse the job. */
void session_ensure_started(struct life *life);

/* In RUNNING: handle the timer: interrupt the cell, or end the run if that did not help. */
void session_on_timer(struct life *life);

/* In READY: start a new interpreter after the old one has died; drop output that arrives while no
 * cell runs. */
void session_restart(struct life *life);
void session_discard(struct life *life);

/* In DRAINING: returns true if all output that the cell wrote before it ended was read. */
bool session_is_drained(const struct life *life);

/* Before END: add the session's numbers to the outcome. */
void session_note(struct life *life);

/* In LEAVING, when END is written: move to READY. */
void session_rest(struct life *life);

#endif
