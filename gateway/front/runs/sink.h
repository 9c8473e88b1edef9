/* sink.h - the events of a run, reported to whoever asked for it.
 *
 * The link calls; the execution listens. In order of life:
 *
 *   on_paired? on_started (on_output | on_artifact)* on_end   the program was started
 *   on_paired on_end                                          it may have been: its box was lost
 *   on_paired? on_refused                                     it was not, and will not be
 *
 * on_end and on_refused are the last call of a run; after them, and after link_cancel, there is
 * silence. No call comes before link_submit has returned. Bytes are valid for the call.
 */
#ifndef MAYFLY_SINK_H
#define MAYFLY_SINK_H

#include "common/artifact.h"
#include "common/outcome.h"

struct run_sink {
    void (*on_paired)(void *arg, uint64_t queue_ns,
                      bool warm);             /* it has a box; it may come more than once */
    void (*on_started)(void *arg, bool cold); /* cold: the box was ready, and that was no use */
    void (*on_output)(void *arg, enum wire_stream stream,
                      struct bytes data); /* within the run's cap */
    /* type: WIRE_FILE or WIRE_DISPLAY; within the run's quota */
    void (*on_artifact)(void *arg, enum wire_type type, const struct artifact *artifact);
    void (*on_end)(void *arg, const struct outcome *outcome);
    /* retry_ms: when to try again, 0 when nobody can tell */
    void (*on_refused)(void *arg, const struct error *why, uint32_t retry_ms);
};

#endif
