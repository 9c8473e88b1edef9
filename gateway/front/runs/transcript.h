/* transcript.h - all that a run has said so far, apart from whoever asked for it.
 *
 * One writer, the run's sink; any number of readers, at any time, also after the end. To a reader
 * it is a list of entries, numbered from 1, that grows at its end and never changes otherwise:
 *
 *   QUEUED  STARTED?  (STDOUT | STDERR | EXHIBIT)*  END
 *
 * Where the answer is to be text, an entry of output holds whole characters: bytes that may be the
 * beginning of one wait for the rest, or for the end of the run. What the entries of a stream hold
 * together is what the answer shows of it.
 *
 * Memory is bounded: both streams by the job's cap, exhibits by its quota, and the list itself by
 * little more than a byte for each byte of output. It holds bytes as they came; what they look like
 * in JSON is rendering.h's. Pure; knows neither HTTP nor the link.
 */
#ifndef MAYFLY_TRANSCRIPT_H
#define MAYFLY_TRANSCRIPT_H

#include "common/job.h"
#include "common/outcome.h"
#include "common/start.h"
#include "front/runs/exhibit.h"

#define TRANSCRIPT_PIECE_BYTES ((size_t)16 << 10) /* most output of one entry */

enum transcript_state {
    TRANSCRIPT_UNFINISHED,
    TRANSCRIPT_ENDED,   /* `outcome` tells how */
    TRANSCRIPT_REFUSED, /* the program did not run: transcript_refusal tells why */
};

struct transcript_stream {
    struct buf kept;   /* every byte that came, unless is_short */
    size_t told_bytes; /* of them, those in entries */
    bool is_short;     /* more came, for which there was no memory */
};

/* Zero-initialised is before the first entry. */
struct transcript_cursor {
    uint64_t number; /* of the entry that was read last */
    size_t log_at, out_at, err_at;
    struct exhibit *exhibit; /* read last */
    bool is_at_end;          /* END has been read */
};

/* Anybody may read it; only the functions of this file write to it. */
struct transcript {
    uint64_t run_id; /* the owner's to set */
    /* of the job */
    enum output_encoding output_encoding;
    uint32_t timeout_ms, cpu_time_ms;
    uint64_t memory_bytes, output_bytes;
    uint32_t pids;
    bool line_buffered, is_cell;
    /* so far */
    enum transcript_state state;
    bool has_box; /* from then on the program may have started */
    bool has_started, is_canceled;
    enum start start; /* once it has a box */
    uint64_t queue_ns;
    struct transcript_stream out, err;
    /* the exception that has ended a cell (artifact.h); empty: none, or no memory for it */
    struct buf error;
    struct exhibit *exhibits, *last_exhibit;
    size_t exhibits_bytes;        /* in memory, of these */
    size_t cut_files_count;       /* of these */
    size_t left_out_files_count;  /* for want of memory */
    bool is_short;                /* something was left out for want of memory */
    struct buf log;               /* the entries, for cursors */
    struct transcript_cursor end; /* after the last of them */
    struct buf marks;             /* earlier values of `end`, for transcript_seek */
    struct outcome outcome;
    enum error_kind refusal_kind;
    char *refusal_text; /* owned; NULL: none, or no memory for it */
    uint32_t retry_ms;  /* of the refusal; 0: not known */
};

/* The transcript of a run of this job, which is lent for the call. */
void transcript_init(struct transcript *transcript, const struct job *job,
                     enum output_encoding encoding);
/* May be called before the end, to give the memory back: a reader then finds the END next, if there
 * is one. */
void transcript_release(struct transcript *transcript);

/* ---- writing: in the order of sink.h, and nothing after the end. Output and exhibits for which
 * there is no memory are left out: the answer says that output was cut, and counts the exhibits
 * ---- */

void transcript_pair(struct transcript *transcript, uint64_t queue_ns, enum start start);
void transcript_start(struct transcript *transcript, bool cold);
void transcript_add_output(struct transcript *transcript, enum wire_stream stream,
                           struct bytes data);
void transcript_add_artifact(struct transcript *transcript, enum wire_type type,
                             const struct artifact *artifact);
/* An exception that has ended a cell is no entry: it is in the answer alone. */
void transcript_set_error(struct transcript *transcript, struct bytes error);
void transcript_end(struct transcript *transcript, const struct outcome *outcome);
void transcript_refuse(struct transcript *transcript, const struct error *why, uint32_t retry_ms);
/* Leave out more of a stream, or an artifact, for want of memory. A stream has no gaps: nothing
 * that comes later is kept of it either. */
void transcript_leave_out_output(struct transcript *transcript, enum wire_stream stream);
void transcript_leave_out_artifact(struct transcript *transcript, enum wire_type type);
/* The run ends because somebody wanted it to, wall_ns after its start (0: it had not started). */
void transcript_cancel(struct transcript *transcript, uint64_t wall_ns);

/* Was there more of this stream than was kept? Known at the end. */
bool transcript_is_cut(const struct transcript *transcript, enum wire_stream stream);

/* ---- reading ---- */

enum said_kind { SAID_QUEUED, SAID_STARTED, SAID_STDOUT, SAID_STDERR, SAID_EXHIBIT, SAID_END };

struct said {
    uint64_t number;
    enum said_kind kind;
    struct bytes output;     /* STDOUT, STDERR: 1 to TRANSCRIPT_PIECE_BYTES; lent until the
                                      transcript is written to */
    struct exhibit *exhibit; /* EXHIBIT: lent until the transcript is released */
};

/* Read the next entry. False: there is none, or none yet. */
bool transcript_next(const struct transcript *transcript, struct transcript_cursor *cursor,
                     struct said *said);
bool transcript_has_next(const struct transcript *transcript,
                         const struct transcript_cursor *cursor);

/* Move a cursor from the beginning to after the entry of this number, in a time that does not
 * depend on how many there are. Returns false when there is none, and nothing has moved. */
bool transcript_seek(const struct transcript *transcript, uint64_t number,
                     struct transcript_cursor *cursor);

/* Returns why the program did not run. */
struct error transcript_refusal(const struct transcript *transcript);

/* The memory that it holds. */
size_t transcript_bytes(const struct transcript *transcript);

#endif
