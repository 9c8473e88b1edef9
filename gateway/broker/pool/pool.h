/* pool.h - admission of runs, and pairing them with ready boxes.
 *
 * A run waits in its order (order.h) on its shelf until a box there is READY, is paired with it,
 * and leaves with an END or a REFUSED. The pool keeps each configured shelf's warm boxes ready,
 * never more than max_boxes in all, and never more than max_waiting runs waiting, nor more than
 * max_waiting_bytes of their frames. A shelf is made for each (runtime, limits) that is asked for;
 * one without warm boxes goes when it is empty. What to do next is plan.h's, who gives way when
 * there is no more room is room.h's; this does it. Knows neither HTTP nor the engine's JSON.
 *
 * Whether a run may come in is admission.h's, the order of those that wait queue.h's, the boxes
 * stock.h's. A run whose audience is behind is passed over: it takes no box from one that is heard.
 *
 * Invariants, at each safe point: every box is on exactly one list; run->box and box->run are set
 * and cleared together (pair, unpair); a shelf with a READY box has no waiting run that could have
 * it; no two boxes share a slot.
 *
 * Single-threaded. Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_POOL_H
#define MAYFLY_POOL_H

#include "broker/engine/engine.h"
#include "broker/pool/run.h"
#include "common/status.h"

struct pool;

/* Borrows all; `instance` names this gateway in containers' names and labels (8 hex digits). */
struct pool *pool_new(struct timers *timers, struct docker *docker, struct engine *engine,
                      const struct config *config, const char *instance, struct error *err);
/* Ends everything in silence: containers that are left are the next reaper's. */
void pool_free(struct pool *pool);

/* Queue the job of a RUN frame, which is taken; on failure it is left. Keeps audience and arg until
 * the last word or pool_cancel. When there is no room, the newest runs of whoever holds the most
 * are refused in its place. Fails with ERR_BUSY (no room, and nobody holds more; *again_ms says
 * when to try again), ERR_DRAINING, ERR_ENGINE (no run would work now), ERR_INVALID (unknown
 * runtime, or limits above the configured maxima), ERR_PROTOCOL. Never blocks. */
struct run *pool_submit(struct pool *pool, struct buf *frame, struct audience *audience, void *arg,
                        uint32_t *again_ms, struct error *err);
/* Queue the self-test's run, which is admitted where others are refused: while the sandbox
 * is not trusted, and while boxes cannot be started. Not counted. */
struct run *pool_submit_canary(struct pool *pool, struct buf *frame, struct audience *audience,
                               void *arg, struct error *err);
/* The run's PAIRED has been written: its job goes in. Only after a listener returned false for
 * it. */
void pool_begin(struct pool *pool, struct run *run);
/* Whether further runs of this audience are passed over. The only writer of is_behind. */
void pool_set_behind(struct pool *pool, struct audience *audience, bool is_behind);
/* Silence, and the end of its box. Not after the last word. */
void pool_cancel(struct pool *pool, struct run *run);

void pool_engine_up(struct pool *pool);
void pool_engine_down(struct pool *pool, const struct error *why); /* refuses all that wait */

/* The self-test's result. At startup, and each time the engine is lost, no run is admitted
 * until the sandbox is trusted; distrust also refuses those that wait, with `why`. */
void pool_trust(struct pool *pool);
void pool_distrust(struct pool *pool, const struct error *why);

/* The safe point, once a turn: pair, start, evict, free. */
void pool_turn(struct pool *pool);

/* No new runs; those that wait or run still finish. pool_is_idle says when the last has ended. */
void pool_drain(struct pool *pool);
/* Refuse what waits, end what runs as lost, retire every box. pool_box_count then says how many are
 * left. */
void pool_stop(struct pool *pool);
bool pool_is_idle(const struct pool *pool);
/* Containers that exist or are being made, in whatever state. */
size_t pool_box_count(const struct pool *pool);

/* Ask the engine what it has counted for a run's box. NULL when the run has none, or memory is out;
 * else as docker_measure. */
struct docker_call *pool_measure(struct pool *pool, const struct run *run, docker_measured *done,
                                 void *arg);

/* Boxes of a runtime, by its index, that wait for a run with the default limits. */
size_t pool_ready_count(const struct pool *pool, size_t runtime_index);

/* Boxes run as this user id plus their slot. */
uint32_t pool_first_uid(const struct pool *pool);

/* Append the create JSON of the next box of the first runtime with the default limits. False when
 * out's cap forbids. */
bool pool_write_spec(const struct pool *pool, struct buf *out);

/* Is this the name of a container that the pool has or is making. */
bool pool_knows(const struct pool *pool, const char *container_name);

/* Fill in all but the samples: would a run that is sent now work. */
void pool_judge(const struct pool *pool, struct status *status);
/* Put the metrics of runs and boxes. */
void pool_report(const struct pool *pool, struct samples *samples);

#endif
