/* pool.h - admission of runs, and pairing them with ready boxes.
 *
 * A run waits on its shelf, in the order of order.h, until a box there is READY. It is paired with
 * that box, and ends with END or REFUSED. The pool keeps the warm boxes of each configured shelf
 * ready. It has at most max_boxes boxes, max_waiting waiting runs, and max_waiting_bytes of their
 * frames. A shelf is made for each pair of runtime and limits that is requested; a shelf without
 * warm boxes is freed when it is empty. plan.h decides which box to start or remove next. room.h
 * decides which run loses its place when there is no room. The pool acts on these decisions. Knows
 * neither HTTP nor the engine's JSON.
 *
 * admission.h decides whether a run may come in, queue.h keeps the waiting runs in order, and
 * stock.h has the boxes. While a PAIRED frame waits to be written to an audience, that audience is
 * "behind". Its other runs are then skipped, so that they take no box from a run whose frames are
 * read.
 *
 * lessor.h has the sessions and gives their boxes to their runs. roster.h pairs runs and boxes.
 *
 * Invariants, at each safe point: every box is on exactly one list; run->box and box->run are set
 * and cleared together (roster.h); a shelf with a READY box has no waiting run that could use it;
 * no two boxes share a slot.
 *
 * Single-threaded. Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_POOL_H
#define MAYFLY_POOL_H

#include "broker/engine/engine.h"
#include "broker/pool/leases.h"
#include "broker/pool/run.h"
#include "common/status.h"

struct pool;

/* Borrows all; `instance` names this gateway in containers' names and labels (8 hex digits). */
struct pool *pool_new(struct timers *timers, struct docker *docker, struct engine *engine,
                      const struct config *config, const char *instance, struct error *err);
/* End everything without a callback. The reaper of the next gateway removes the containers that are
 * left. */
void pool_free(struct pool *pool);

/* Queue the job of a RUN frame. A job of a session waits for its turn in the session. Takes the
 * frame on success. Keeps audience and arg until END, REFUSED or pool_cancel. When there is no
 * room, the newest runs of the owner who holds the most are refused instead. Fails with ERR_BUSY
 * (no room, and no owner holds more; *again_ms is the time until a retry), ERR_DRAINING, ERR_ENGINE
 * (no run would work now), ERR_INVALID (unknown runtime, or limits above the configured maximums),
 * ERR_PROTOCOL, or as leases_would_open and lessor_find do. Never blocks. */
struct run *pool_submit(struct pool *pool, struct buf *frame, struct audience *audience, void *arg,
                        uint32_t *again_ms, struct error *err);
/* Queue a run of the self-test. It is admitted even while the sandbox is not trusted or boxes
 * cannot be started. It is not counted. */
struct run *pool_submit_canary(struct pool *pool, struct buf *frame, struct audience *audience,
                               void *arg, struct error *err);
/* The run's PAIRED has been written: send the job to the box. Call it only after the run's listener
 * returned false for PAIRED. */
void pool_begin(struct pool *pool, struct run *run);
/* Set whether further runs of this audience are skipped. Nothing else writes is_behind. */
void pool_set_behind(struct pool *pool, struct audience *audience, bool is_behind);
/* End the run and its box, without any further frame. Do not call it after END or REFUSED. In a
 * live session, the box stays, and the cell is interrupted. If the run was to open a session, that
 * session is dropped. */
void pool_cancel(struct pool *pool, struct run *run);
/* Interrupt a run of a session. END follows, or REFUSED if the run still waits for its turn. No-op
 * for a run of no session. Do not call it after END or REFUSED. */
void pool_interrupt(struct pool *pool, struct run *run);

/* Returns the table of sessions, in which changes are numbered (leases.h). Valid as long as the
 * pool. */
const struct leases *pool_leases(const struct pool *pool);
/* Execute a front's order for a session. Returns false, with nothing done, if no session with this
 * id was reported to fronts. */
bool pool_obey(struct pool *pool, uint64_t session_id, const struct session_order *order);

void pool_engine_up(struct pool *pool);
void pool_engine_down(struct pool *pool, const struct error *why); /* refuses all waiting runs */

/* From now on, keep no box for this scope (job.h), because all its runs have ended. scope must not
 * be 0. */
void pool_end_scope(struct pool *pool, uint64_t scope);

/* Call one of these with the result of a self-test. At startup, and after each loss of the engine,
 * no run is admitted until the sandbox is trusted. pool_distrust also refuses the waiting runs,
 * with `why`.
 */
void pool_trust(struct pool *pool);
void pool_distrust(struct pool *pool, const struct error *why);

/* Call it once in each turn, at the safe point: pairs runs with boxes, starts and evicts boxes, and
 * frees dead objects. */
void pool_turn(struct pool *pool);

/* Admit no further runs; the admitted runs still finish. pool_is_idle returns true once all of them
 * have ended. */
void pool_drain(struct pool *pool);
/* Refuse the waiting runs, end the running ones as lost, and retire every box. pool_box_count
 * returns how many boxes are left. */
void pool_stop(struct pool *pool);
bool pool_is_idle(const struct pool *pool);
/* Returns the number of containers that exist or are being made, in any state. */
size_t pool_box_count(const struct pool *pool);

/* Ask the engine for its counts of a run's box, as docker_measure does. Returns NULL when the run
 * has no box, or memory is out. */
struct docker_call *pool_measure(struct pool *pool, const struct run *run, docker_measured *done,
                                 void *arg);

/* Returns how many boxes of a runtime wait for a run with the default limits. */
size_t pool_ready_count(const struct pool *pool, size_t runtime_index);

/* Returns the first uid. A box runs as this uid plus its slot number. */
uint32_t pool_first_uid(const struct pool *pool);

/* Append the create JSON of the next box of the first runtime, with the default limits. Returns
 * false when it does not fit into out. */
bool pool_write_spec(const struct pool *pool, struct buf *out);

/* Returns true if this is the name of a container that the pool has or is making. */
bool pool_knows(const struct pool *pool, const char *container_name);

/* Report whether a run that is sent now would work. Fills in all but the samples. */
void pool_judge(const struct pool *pool, struct status *status);
/* Append the metrics of runs and boxes. */
void pool_report(const struct pool *pool, struct samples *samples);

#endif
