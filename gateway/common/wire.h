/* wire.h - the one frame format between front, broker and mayfly-init.
 *
 * Between front and broker, frames travel on a Unix socket; between broker and mayfly-init, on the
 * engine's attach stream. A frame is a header of 16 bytes and a payload. Integers are big-endian:
 *
 *      0        1        2..3       4..7             8..15      16..
 *   [ type ][ version ][ zero ][ payload bytes ][ run id ][ payload ]
 *
 * A payload is either raw (OUTPUT: one byte stream number, then the bytes) or a list of fields:
 *
 *   [ tag, 2 bytes ][ length, 4 bytes ][ value ]
 *
 * A reader skips fields that it does not know. The front chooses run ids, unique per connection.
 *
 *   type      from, over, to            payload
 *   RUN       front -> broker -> init   fields of job.h, relayed; the broker may add RUN_KEEP
 *   CANCEL    front -> broker           none; no frame of the run follows a CANCEL. The id may also
 *                                       be a WIRE_TAG_BOX_SCOPE: no box is kept for that scope now
 *   INTERRUPT front -> broker -> init   none: interrupt a session's cell, whose END still comes
 *   SESSION   front -> broker           a session_order of session.h; the id is the session's
 *             broker -> front           a session_notice of session.h; the id is the session's.
 *                                       An empty one with id 0: every session has been reported
 *   READY     init -> broker            none, run id 0: the interpreter runs. After END it comes
 *                                       again if the job had WIRE_TAG_RUN_KEEP and the box is clean
 *   STATUS    broker -> front           fields of status.h, run id 0
 *   RUNTIMES  broker -> front           fields of runtime.h, run id 0
 *   PAIRED    broker -> front           the run has a box. WIRE_TAG_QUEUE_NS, WIRE_TAG_WARM, and
 *                                       optionally WIRE_TAG_REUSED
 *   STARTED   init -> broker -> front   WIRE_TAG_WARMTH (to the broker only) and, optionally,
 *                                        WIRE_TAG_COLD: the program runs
 *   OUTPUT    init -> broker -> front   stream number (1 stdout, 2 stderr), bytes; within the cap
 *   FILE      init -> broker -> front   fields of artifact.h: one output file of the program
 *   DISPLAY   init -> broker -> front   fields of artifact.h: one rich display (a plot, say)
 *   END       init -> broker -> front   fields of outcome.h; last frame of a run that was started
 *   REFUSED   init -> broker -> front   fields of refused.h; last frame of a run that did not start
 *   GONE      init -> broker            WIRE_TAG_TEXT, run id 0: the box serves no further run. The
 *                                       text is one word for the reason, such as "files"
 *
 * Pure: does no I/O, and allocates only in the caller's buffers. Knows neither HTTP nor Docker.
 */
#ifndef MAYFLY_WIRE_H
#define MAYFLY_WIRE_H

#include "common/buf.h"
#include "common/wire_tag.h"

#define WIRE_VERSION 1
#define WIRE_HEADER_BYTES 16
#define WIRE_FIELD_HEADER_BYTES 6
/* The largest payload that any role accepts: the content of a request's body, and space for
 * fields. */
#define WIRE_PAYLOAD_MAX_BYTES ((size_t)32 << 20)

enum wire_type {
    WIRE_RUN = 1,
    WIRE_CANCEL = 2,
    WIRE_INTERRUPT = 3,
    WIRE_READY = 16,
    WIRE_STATUS = 17,
    WIRE_PAIRED = 18,
    WIRE_STARTED = 19,
    WIRE_OUTPUT = 20,
    WIRE_FILE = 21,
    WIRE_DISPLAY = 22,
    WIRE_END = 23,
    WIRE_REFUSED = 24,
    WIRE_RUNTIMES = 25,
    WIRE_GONE = 26,
    WIRE_SESSION = 27,
};

enum wire_stream { WIRE_STDOUT = 1, WIRE_STDERR = 2 };

struct frame {
    enum wire_type type;
    uint64_t run_id;
    struct bytes payload; /* a view into the parsed bytes, borrowed */
};

enum wire_result {
    WIRE_MORE,  /* the frame is incomplete */
    WIRE_FRAME, /* one frame; *used is its length in bytes */
    WIRE_BAD,   /* not this format, or a payload larger than max_payload: close the connection */
};

/* Read the first frame of data[0..len). An unknown type is WIRE_BAD. Sets *frame and *used only on
 * WIRE_FRAME. */
enum wire_result wire_parse(const uint8_t *data, size_t len, size_t max_payload,
                            struct frame *frame, size_t *used);

/* Append one whole frame. Returns false, with out unchanged, if out's cap is too small. */
bool wire_append(struct buf *out, enum wire_type type, uint64_t run_id, const void *payload,
                 size_t len);

/* Append a frame whose payload is built in place: call wire_begin, append the payload, then call
 * wire_end with the mark of wire_begin. If an append failed, call wire_abort instead, which
 * restores out. */
bool wire_begin(struct buf *out, enum wire_type type, uint64_t run_id, size_t *mark);
void wire_end(struct buf *out, size_t mark);
/* Like wire_end, but the caller appends the last `to_come` bytes of the payload later. */
void wire_end_early(struct buf *out, size_t mark, size_t to_come);
void wire_abort(struct buf *out, size_t mark);
/* Call wire_end if is_whole is true, else wire_abort. Returns is_whole. Usage:
 * `wire_begin(out, WIRE_END, id, &mark) && wire_finish(out, mark, outcome_encode(out, &outcome))`
 */
bool wire_finish(struct buf *out, size_t mark, bool is_whole);
/* Set the run id of the first frame in out. */
void wire_set_run(struct buf *out, uint64_t run_id);

/* Append a field. Returns false, with out unchanged, if out's cap is too small. */
bool wire_put(struct buf *out, enum wire_tag tag, const void *value, size_t len);
bool wire_put_u64(struct buf *out, enum wire_tag tag, uint64_t value);
/* Append a field to the single whole frame in *frame, even if that exceeds frame's cap. Returns
 * false, with nothing changed, when memory is out or the payload would exceed
 * WIRE_PAYLOAD_MAX_BYTES. */
bool wire_extend(struct buf *frame, enum wire_tag tag, uint64_t value);
/* Append a field's tag and length. The caller then appends the value. */
bool wire_put_head(struct buf *out, enum wire_tag tag, size_t len);

/* Read the next field of *rest and remove it. Returns false at the end; also when the rest is
 * malformed, and then *rest is not empty. */
bool wire_next(struct bytes *rest, uint16_t *tag, struct bytes *value);
/* Read the value of a number field. Returns false unless it is 8 bytes long. */
bool wire_get_u64(struct bytes value, uint64_t *number);

const char *wire_type_name(enum wire_type type); /* "run", …; never NULL */

#endif
