/* transcript.h - everything that a run has reported so far, kept for any number of readers.
 *
 * There is one writer, the run's sink. Any number of readers can begin at any time, even after the
 * end. A reader sees a list of entries that only grows. The entries are numbered from 1:
 *
 *   QUEUED  STARTED?  (STDOUT | STDERR | EXHIBIT)*  END
 *   QUEUED  STARTED?  REPORT*  END                         of a submission with tests
 *
 * If output is shown as text, an entry contains whole characters. An incomplete character is kept
 * back until its rest arrives or the run ends. All entries of a stream together contain exactly the
 * bytes that the answer shows.
 *
 * Memory is bounded: the streams by the job's cap, exhibits by its quota, and the list by little
 * more than one byte for each byte of output. Bytes are stored as they arrived; rendering.h turns
 * them into JSON. Pure; knows neither HTTP nor the link.
 */
#ifndef MAYFLY_TRANSCRIPT_H
#define MAYFLY_TRANSCRIPT_H

#include "common/job.h"
#include "common/outcome.h"
#include "common/start.h"
#include "front/runs/exhibit.h"
#include "front/runs/report.h"
#include "front/runs/sessions.h"

#define TRANSCRIPT_PIECE_BYTES ((size_t)16 << 10) /* most output of one entry */

enum transcript_state {
    TRANSCRIPT_UNFINISHED,
    TRANSCRIPT_ENDED,   /* `outcome` is set */
    TRANSCRIPT_REFUSED, /* the program did not run: see transcript_refusal */
};

struct transcript_stream {
    struct buf kept;      /* all bytes that arrived, unless is_short */
    size_t told_bytes;    /* how many of these bytes are in entries */
    bool is_short;        /* more bytes arrived, but memory was out */
    size_t dropped_bytes; /* removed by transcript_shorten */
};

/* A position between entries. A zeroed cursor is before the first entry. */
struct transcript_cursor {
    uint64_t number; /* of the entry that was read last */
    size_t log_at, out_at, err_at;
    struct exhibit *exhibit; /* the exhibit that was read last */
    struct report *report;   /* the report that was read last */
    bool is_at_end;          /* END was read */
};

/* Anybody may read the members; only functions of this file write them. */
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
    enum start start;                       /* valid once it has a box */
    uint64_t queue_ns;
    struct transcript_stream out, err;
    struct buf error; /* the exception that ended a cell; empty: none, or memory was out */
    struct exhibit *exhibits, *last_exhibit;
    size_t exhibits_bytes, reports_bytes; /* the memory of all exhibits, and of all reports */
    size_t cut_files_count, left_out_files_count; /* left out: because memory was out */
    bool is_short; /* something was left out because memory was out */
    struct report *reports, *last_report, *by_index; /* in both orders */
    struct summary summary;                          /* of the reports */
    struct buf log;                                  /* the entries, for cursors */
    struct transcript_cursor end;                    /* after the last entry */
    struct buf marks; /* earlier values of `end`, for transcript_seek */
    struct outcome outcome;
    struct session_note session; /* set by the owner before the end */
    bool is_withdrawn;           /* set by the owner: its caller wants no answer */
    enum error_kind refusal_kind;
    char *refusal_text; /* owned; NULL: none, or memory was out */
    uint32_t retry_ms;  /* for a refusal; 0: unknown */
};

/* Begin the transcript of a run of this job. Borrows job for the call. */
void transcript_init(struct transcript *transcript, const struct job *job,
                     enum output_encoding encoding);
/* Free the memory. If this is done before the end, the only further entry is END. */
void transcript_release(struct transcript *transcript);

/* ---- writing, in the order of sink.h; when memory is out, bytes are only counted ---- */

void transcript_pair(struct transcript *transcript, uint64_t queue_ns, enum start start);
void transcript_start(struct transcript *transcript, bool cold);
void transcript_add_output(struct transcript *transcript, enum wire_stream stream,
                           struct bytes data);
void transcript_add_artifact(struct transcript *transcript, enum wire_type type,
                             const struct artifact *artifact);
/* Takes the report. If memory is out, it gets no entry and is only counted. */
void transcript_add_report(struct transcript *transcript, struct report *report);
/* Set the exception that ended a cell. It is shown in the answer, but gets no entry. */
void transcript_set_error(struct transcript *transcript, struct bytes error);
void transcript_end(struct transcript *transcript, const struct outcome *outcome);
void transcript_refuse(struct transcript *transcript, const struct error *why, uint32_t retry_ms);
/* Leave out the rest of a stream, or this artifact, because memory is out. */
void transcript_leave_out_output(struct transcript *transcript, enum wire_stream stream);
void transcript_leave_out_artifact(struct transcript *transcript, enum wire_type type);
/* Note that the run was canceled, wall_ns after its start; 0 if it had not started. */
void transcript_cancel(struct transcript *transcript, uint64_t wall_ns);

/* After the end: keep at most most_bytes of each stream, no entries, and the exhibits if asked. */
void transcript_shorten(struct transcript *transcript, size_t most_bytes, bool keeps_exhibits);
/* Move everything to *to. *from stays ended, without memory. */
void transcript_move(struct transcript *from, struct transcript *to);

/* Returns true if the program wrote more to this stream than was kept. Known only after the end. */
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
    struct bytes output;     /* 1 to TRANSCRIPT_PIECE_BYTES; valid until the next write */
    struct exhibit *exhibit; /* EXHIBIT: valid until the transcript is released; so is `report` */
    struct report *report;
};

/* Read the next entry. Returns false when there is none (yet). */
bool transcript_next(const struct transcript *transcript, struct transcript_cursor *cursor,
                     struct said *said);
bool transcript_has_next(const struct transcript *transcript, const struct transcript_cursor *at);
/* Move a cursor from the beginning to the position after the entry with this number, in constant
 * time. Returns false, with the cursor unchanged, when there is no such entry. */
bool transcript_seek(const struct transcript *transcript, uint64_t number,
                     struct transcript_cursor *cursor);

/* Returns why the program did not run. */
struct error transcript_refusal(const struct transcript *transcript);
/* Returns how much memory the transcript uses. */
size_t transcript_bytes(const struct transcript *transcript);

#endif
