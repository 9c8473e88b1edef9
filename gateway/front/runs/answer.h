/* answer.h - writes the short members of an answer's JSON, from the transcript of its run.
 *
 * rendering.h adds streams and exhibits, which may be long. Pure. Every transcript here has ended
 * or was refused.
 */
#ifndef MAYFLY_ANSWER_H
#define MAYFLY_ANSWER_H

#include "common/json.h"
#include "front/http/problem.h"
#include "front/runs/transcript.h"

/* A stream as the answer shows it. */
struct answer_stream {
    struct bytes shown; /* borrowed from the transcript */
    uint64_t total_bytes;
    bool truncated;
};
struct answer_stream answer_stream(const struct transcript *transcript, enum wire_stream number);

/* Write the members before the streams, and those between the streams and the exhibits. */
void answer_put_head(struct json_out *json, const struct transcript *transcript);
void answer_put_fields(struct json_out *json, const struct transcript *transcript);

/* Returns the problem of a run that was refused. Fills `why`. The problem borrows its texts from
 * `why` and from the transcript. */
struct problem answer_problem(const struct transcript *transcript, struct error *why);

/* Write a time of clock_wall_ms (clock.h) as a member; null for 0. */
void answer_put_moment(struct json_out *json, const char *name, uint64_t wall_ms);

/* For a submission with tests: write the members between the head and the reports. */
void answer_put_summary(struct json_out *json, const struct transcript *transcript);

/* Returns "success", "error", "timeout" or "failed". */
const char *answer_status(const struct transcript *transcript);

/* Write sentences for people, without the last full stop. Returns text, or NULL if the other
 * members of the answer already say everything. */
#define ANSWER_MESSAGE_BYTES 512
const char *answer_message(const struct transcript *transcript, char text[ANSWER_MESSAGE_BYTES]);

/* Returns a signal's name as Python's signal module has it ("SIGSEGV"), written to text. */
#define ANSWER_SIGNAL_BYTES 16
const char *answer_signal(int number, char text[ANSWER_SIGNAL_BYTES]);

/* Write the id as in the API: 16 hex digits. Returns text. */
#define ANSWER_ID_BYTES 17
const char *answer_id(const struct transcript *transcript, char text[ANSWER_ID_BYTES]);

/* Returns "warm", "cold" or "reused"; NULL if the run has had no box. */
const char *answer_start(const struct transcript *transcript);

#endif
