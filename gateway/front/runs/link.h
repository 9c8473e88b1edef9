/* link.h - the front's connection to the broker.
 *
 * It sends RUN, CANCEL and the orders for sessions, and keeps the last STATUS and the sessions that
 * the broker has reported. It passes each frame about a run to that run's sink. A frame that breaks
 * the format, the order of a run's events, or a run's quota closes the connection. When the
 * connection is lost, every run ends: refused with ERR_ENGINE if it had not started, else with
 * VERDICT_LOST.
 *
 * In the role serve, the link gets a descriptor, and lives as long as that connection. In the role
 * front, the link connects to config.wire_socket. If connecting fails, or the connection is lost,
 * the link connects again with back-off.
 *
 * Single-threaded; never blocks. Knows neither HTTP nor JSON.
 */
#ifndef MAYFLY_LINK_H
#define MAYFLY_LINK_H

#include "common/config.h"
#include "common/quota.h"
#include "common/runtime.h"
#include "common/status.h"
#include "front/metrics.h"
#include "front/reactor.h"
#include "front/runs/sessions.h"
#include "front/runs/sink.h"

struct link;

/* A run to be sent. */
struct run_spec {
    struct buf *frame; /* a whole RUN frame (wire.h); link_submit sets its run id */
    const char *owner; /* from the job, like quota */
    struct quota quota;
    uint64_t run_id; /* a new random id that the caller chose; 0: link_submit chooses one */
};

/* Borrows config, reactor and metrics for the life of the process. Takes fd. If fd is -1, the link
 * connects by itself. It is then no error if the broker cannot be reached yet. If a link with fd is
 * lost, on_lost is called once, after the last callback of each run's sink. Returns NULL when
 * memory is out. */
struct link *link_new(const struct config *config, struct reactor *reactor, struct metrics *metrics,
                      int fd, void (*on_lost)(void *arg), void *arg);

/* Send a run, and set *run_id to its id. Takes the frame's bytes on success. Keeps sink and arg
 * until the last callback of sink, or link_cancel; borrows the rest of spec for the call. If too
 * many bytes wait to be sent, runs of the owner with the most waiting bytes are refused with
 * ERR_BUSY within this call (outbox.h). Fails with ERR_ENGINE (not connected), ERR_BUSY (this run's
 * owner has the most waiting bytes), or ERR_SYSTEM. */
bool link_submit(struct link *link, const struct run_spec *spec, const struct run_sink *sink,
                 void *arg, uint64_t *run_id, struct error *err);
/* Forget a run, and order the broker to end it. No-op after the last callback of its sink. */
void link_cancel(struct link *link, uint64_t run_id);

/* Report to the broker that all runs of this scope have ended, so that it keeps no boxes for the
 * scope (job.h). */
void link_end_scope(struct link *link, uint64_t scope);
/* Interrupt a run of a session. The run then ends. No-op after the last callback of its sink. */
void link_interrupt(struct link *link, uint64_t run_id);
/* Send an order for the session with this id (session.h). Fails with ERR_ENGINE or ERR_SYSTEM. */
bool link_order(struct link *link, uint64_t session_id, const struct session_order *order,
                struct error *err);
/* Returns the sessions that the broker has reported, valid as long as the link. */
struct sessions *link_sessions(struct link *link);

/* Returns true if a run that is sent now would work. Otherwise err says why not, for people. */
bool link_is_ready(const struct link *link, struct error *err);
/* Returns the samples of the broker's last STATUS; empty if none has arrived on this connection.
 * Valid for this turn. */
struct bytes link_samples(const struct link *link);
/* Returns the runtimes as the broker last reported them; empty before its first report. Valid for
 * this turn. */
const struct runtimes *link_runtimes(const struct link *link);
/* Append the metrics of the link itself. */
void link_report(const struct link *link, struct samples *samples);

#endif
