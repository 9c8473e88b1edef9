/* transcript.h - everything that a run has reported so far, kept for any number of readers.
 *
 * There is one writer, the run's sink, and any number of readers at any time, also after the end. A
 * reader sees a list of entries, numbered from 1, that only grows at its end:
 *
 *   QUEUED  STARTED?  (STDOUT | STDERR | EXHIBIT)*  END
 *   QUEUED  STARTED?  REPORT*  END                         of a submission with tests
 *
 * If the answer is text, an entry of output holds whole characters. Bytes that may be the beginning
 * of a character wait for the rest, or for the end of the run. The entries of a stream together
 * hold exactly the bytes that the answer shows.
 *
 * Memory is bounded: both streams by the job's cap, exhibits by its quota, and the list itself by
 * little more than a byte for each byte of output. It holds the bytes as they came; rendering.h
 * makes them JSON. Pure; knows neither HTTP nor the link.
 */
#ifndef MAYFLY_TRANSCRIPT_H
#define MAYFLY_TRANSCRIPT_H

#include "common/job.h"
#include "common/outcome.h"
#include "common/start.h"
#include "front/runs/exhibit.h"
#include "front/runs/report.h"
#include "front/runs/sessions.h"

#define TRANSCRIPT_PIECE_BYTES ((size_t)16 << 10) /* maximum output of one entry */

enum transcript_state {
    TRANSCRIPT_UNFINISHED,
    TRANSCRIPT_ENDED,   /* `outcome` says how */
    TRANSCRIPT_REFUSED, /* the program did not run: transcript_refusal says why */
};

struct transcript_stream {
    struct buf kept;      /* every byte that came, unless is_short */
    size_t told_bytes;    /* those of them that are in entries */
    bool is_short;        /* more bytes came, but there was no memory for them */
    size_t dropped_bytes; /* of what came, by transcript_shorten */
};

/* A zeroed cursor is before the first entry. */
struct transcript_cursor {
    uint64_t number; /* of the last entry that was read */
    size_t log_at, out_at, err_at;
    struct exhibit *exhibit; /* the last one that was read */
    struct report *report;   /* the same */
    bool is_at_end;          /* END has been read */
};

/* Anybody may read it; only the functions of this file write to it. */
struct transcript {
    uint64_t run_id; /* set by the owner */
    /* of the job */
    enum output_encoding output_encoding;
    uint32_t timeout_ms, cpu_time_ms, pids;
    uint64_t memory_bytes, output_bytes;
    bool line_buffered, is_cell;
    /* so far */
    enum transcript_state state;
    bool has_box, has_started, is_canceled; /* has_box: the program may have started */
    enum start start;                       /* once it has a box */
    uint64_t queue_ns;
    struct transcript_stream out, err;
    struct buf error; /* that has ended a cell (artifact.h); empty: none, or no memory for it */
    struct exhibit *exhibits, *last_exhibit;
    size_t exhibits_bytes, cut_files_count; /* their memory; how many were cut */
    size_t left_out_files_count;            /* because memory was out */
    bool is_short;                          /* something was left out because memory was out */
    struct report *reports, *last_report, *by_index; /* in both orders */
    struct summary summary;                          /* of these */
    size_t reports_bytes;                            /* the memory of these */
    struct buf log;                                  /* the entries, for cursors */
    struct transcript_cursor end;                    /* after the last entry */
    struct buf marks; /* earlier values of `end`, for transcript_seek */
    struct outcome outcome;
    struct session_note session; /* set by the owner before the end */
    bool is_withdrawn;           /* set by the owner: its caller wants no answer */
    enum error_kind refusal_kind;
    char *refusal_text; /* owned; NULL: none, or no memory for it */
    uint32_t retry_ms;  /* of the refusal; 0: not known */
};

/* Begin the transcript of a run of this job. Borrows job for the call. */
void transcript_init(struct transcript *transcript, const struct job *job,
                     enum output_encoding encoding);
/* Also before the end, to free the memory: a reader then finds END next, once there is one. */
void transcript_release(struct transcript *transcript);

/* ---- writing: in the order of sink.h. What there is no memory for is only counted ---- */

void transcript_pair(struct transcript *transcript, uint64_t queue_ns, enum start start);
void transcript_start(struct transcript *transcript, bool cold);
void transcript_add_output(struct transcript *transcript, enum wire_stream stream,
                           struct bytes data);
void transcript_add_artifact(struct transcript *transcript, enum wire_type type,
                             const struct artifact *artifact);
/* Takes the report, also where there is no memory for its entry: it is then only counted. */
void transcript_add_report(struct transcript *transcript, struct report *report);
/* An exception that has ended a cell is no entry: it is in the answer alone. */
void transcript_set_error(struct transcript *transcript, struct bytes error);
void transcript_end(struct transcript *transcript, const struct outcome *outcome);
void transcript_refuse(struct transcript *transcript, const struct error *why, uint32_t retry_ms);
/* Leave out the rest of a stream, which has no gaps, or an artifact, because memory is out. */
void transcript_leave_out_output(struct transcript *transcript, enum wire_stream stream);
void transcript_leave_out_artifact(struct transcript *transcript, enum wire_type type);
/* The run was canceled, wall_ns after its start (0: it had not started). */
void transcript_cancel(struct transcript *transcript, uint64_t wall_ns);

/* After the end: keep so many bytes of each stream, exhibits only if asked to, and no entries. */
void transcript_shorten(struct transcript *transcript, size_t most_bytes, bool keeps_exhibits);
/* Move all of it to *to. *from stays ended, without memory. */
void transcript_move(struct transcript *from, struct transcript *to);

/* Did the program write more to this stream than was kept? Known at the end. */
bool transcript_is_cut(const struct transcript *transcript, enum wire_stream stream);

/* ---- reading ---- */

enum said_kind {
    SAID_QUEUED,
    SAID_STARTED,
    SAID_STDOUT,
    SAID_STDERR,
    SAID_EXHIBIT,
    SAID_END,
    SAID_REPORT
};
struct said {
    uint64_t number;
    enum said_kind kind;
    struct bytes output;     /* 1 to TRANSCRIPT_PIECE_BYTES; valid until a write */
    struct exhibit *exhibit; /* EXHIBIT: valid until the transcript is released, as is report */
    struct report *report;
};

/* Read the next entry. Returns false when there is none, or none yet. */
bool transcript_next(const struct transcript *transcript, struct transcript_cursor *cursor,
                     struct said *said);
bool transcript_has_next(const struct transcript *transcript, const struct transcript_cursor *at);
/* Move a cursor from the beginning to the position after the entry with this number, in constant
 * time. Returns false, and leaves the cursor, when there is no such entry. */
bool transcript_seek(const struct transcript *transcript, uint64_t number,
                     struct transcript_cursor *cursor);

/* Returns why the program did not run. */
struct error transcript_refusal(const struct transcript *transcript);
/* Returns the bytes of memory that it holds. */
size_t transcript_bytes(const struct transcript *transcript);

#endif
