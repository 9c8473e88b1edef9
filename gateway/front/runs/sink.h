/* sink.h - callbacks for the events of a run.
 *
 * The link calls them; the execution provides them. They are called in one of these orders:
 *
 *   on_paired? on_started (on_output | on_artifact)* on_end   the program was started
 *   on_paired on_end it may have been started, but its box was lost
 *   on_paired? on_refused                                     it was not started, and will not be
 *
 * on_end or on_refused is the last callback. No callback follows link_cancel, or comes before
 * link_submit has returned. Bytes are valid during the callback.
 */
#ifndef MAYFLY_SINK_H
#define MAYFLY_SINK_H

#include "common/artifact.h"
#include "common/outcome.h"
#include "common/start.h"

struct run_sink {
    /* The run has a box. May be called more than once. */
    void (*on_paired)(void *arg, uint64_t queue_ns, enum start start);
    /* cold: the warm interpreter could not serve the program */
    void (*on_started)(void *arg, bool cold);
    /* The data is within the run's cap. */
    void (*on_output)(void *arg, enum wire_stream stream, struct bytes data);
    /* The artifact is within the run's quota. `type` is WIRE_FILE or WIRE_DISPLAY. */
    void (*on_artifact)(void *arg, enum wire_type type, const struct artifact *artifact);
    void (*on_end)(void *arg, const struct outcome *outcome);
    /* retry_ms: the wait before a retry makes sense; 0 when unknown */
    void (*on_refused)(void *arg, const struct error *why, uint32_t retry_ms);
};

#endif
