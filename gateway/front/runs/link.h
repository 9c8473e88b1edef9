/* link.h - the front's end of the wire to the broker.
 *
 * Sends RUN and CANCEL, keeps the broker's last STATUS, and gives each frame that comes up to the
 * sink of its run. A frame that breaks the format, the order of a run's life or a run's output cap
 * drops the connection, and is not passed on. When the connection is lost, every run ends: refused
 * with ERR_ENGINE when it had not started, else with VERDICT_LOST.
 *
 * Made with a descriptor (role serve), the link lives as long as that connection. Made without
 * (role front), it connects to config.wire_socket and, when that fails or is lost, again with
 * back-off.
 *
 * Single-threaded, never blocks. Knows neither HTTP nor JSON.
 */
#ifndef MAYFLY_LINK_H
#define MAYFLY_LINK_H

#include "common/config.h"
#include "common/quota.h"
#include "common/runtime.h"
#include "common/status.h"
#include "front/metrics.h"
#include "front/reactor.h"
#include "front/runs/sink.h"

struct link;

/* A run to be submitted. */
struct run_spec {
    struct buf *frame; /* a whole RUN (wire.h); its run id is for link_submit to set */
    const char *owner; /* of the job, as is quota */
    struct quota quota;
};

/* Borrows config, reactor and metrics for the life of the process. Takes fd, or connects when it is
 * -1; a first connect that fails is not an error. on_lost is called once when a link made with fd
 * is lost, after every run was told. NULL on no memory. */
struct link *link_new(const struct config *config, struct reactor *reactor, struct metrics *metrics,
                      int fd, void (*on_lost)(void *arg), void *arg);

/* Send a run; *run_id is its new name. Takes the frame's bytes on success. Keeps sink and arg until
 * the run's last call or link_cancel; the rest of spec is valid for the call. Where too much waits
 * to be sent, runs of the owner who holds the most of it are refused with ERR_BUSY, within the call
 * (outbox.h). Fails with ERR_ENGINE (not connected), ERR_BUSY (this run is that owner's),
 * ERR_SYSTEM. */
bool link_submit(struct link *link, const struct run_spec *spec, const struct run_sink *sink,
                 void *arg, uint64_t *run_id, struct error *err);
/* Forget a run and tell the broker to end it. No-op for a run that has had its last call. */
void link_cancel(struct link *link, uint64_t run_id);

/* Would a run that is sent now work? When not, why (for people) in err. */
bool link_is_ready(const struct link *link, struct error *err);
/* The broker's samples in its last STATUS; empty when there is none of this connection. Valid for
 * this turn. */
struct bytes link_samples(const struct link *link);
/* The runtimes as the broker last told them; empty when it has not yet in this connection. Valid
 * for this turn. */
const struct runtimes *link_runtimes(const struct link *link);
/* Put the metrics of the link itself. */
void link_report(const struct link *link, struct samples *samples);

#endif
