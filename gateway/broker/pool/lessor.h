/* lessor.h - gives the box of each session to its runs, one after the other, and ends sessions.
 *
 * A run of a session waits for its turn: until no other run has the box, and the box is READY. Only
 * the run that opens a session waits on a shelf, as plain runs do. When a front cancels a run, the
 * run is interrupted, and the session stays. Knows neither admission nor the engine's JSON.
 */
#ifndef MAYFLY_LESSOR_H
#define MAYFLY_LESSOR_H

#include "broker/pool/roster.h"

/* The most runs that wait for their turn in a session. */
#define LESSOR_TURNS_MAX 16

struct lessor {
    struct leases leases; /* timers and config are set by the pool */
    /* borrowed; set by the pool */
    struct roster *roster;
    struct queue *queue;
    struct stock *stock;
    const struct engine *engine;
    bool is_draining;
};

/* Fill the rest of a lessor whose borrowed members are set. */
void lessor_init(struct lessor *lessor);
void lessor_release(struct lessor *lessor);

/* Find the live session of a job that does not open one. Fails with ERR_SESSION_GONE if the owner
 * has no such session. Fails with ERR_SESSION_BUSY if the session is being opened, if it is busy
 * and the job must not wait, or if too many runs wait. */
struct lease *lessor_find(const struct lessor *lessor, const struct job *job, struct error *err);
/* Let a run wait for its turn. Returns false, with nothing changed, when memory is out. */
bool lessor_enter(struct lessor *lessor, struct lease *lease, struct run *run);
/* The safe point: pair runs with boxes. While draining, also end the idle sessions. */
void lessor_turn(struct lessor *lessor);

/* End the turn of a session's run, because its last frame has come. Returns the box if the caller
 * must retire it after relaying the frame; else NULL. */
struct box *lessor_note_last(struct lessor *lessor, struct run *run, const struct frame *frame);
/* End the session whose box has left by itself. The caller then ends the box's run, if any. */
void lessor_note_lost(struct lessor *lessor, const struct box *box, const struct box_leave *leave);

/* Cancel a run for its front: interrupt it, or remove it if it waits. Returns false, with nothing
 * done, if the run belongs to no live session. */
bool lessor_cancel(struct lessor *lessor, struct run *run);
/* Interrupt a run, or refuse it if it waits. No-op for a run that belongs to no live session. */
void lessor_interrupt(struct lessor *lessor, struct run *run);
/* Execute the order of a front. Returns false, with nothing done, if no session with this id was
 * reported to fronts. */
bool lessor_obey(struct lessor *lessor, uint64_t id, const struct session_order *order);

/* End the idle sessions now, and each busy session after its last run. */
void lessor_drain(struct lessor *lessor);
/* End all sessions now. */
void lessor_stop(struct lessor *lessor);

#endif
