/* answer.h - the members of an answer's JSON, from the transcript of its run.
 *
 * rendering.h joins them with the streams and exhibits, which may be long. Pure: a transcript that
 * has ended or was refused in; JSON out.
 */
#ifndef MAYFLY_ANSWER_H
#define MAYFLY_ANSWER_H

#include "common/json.h"
#include "front/http/problem.h"
#include "front/runs/transcript.h"

/* A stream as it appears in the answer. */
struct answer_stream {
    struct bytes shown; /* borrowed from the transcript */
    uint64_t total_bytes;
    bool truncated;
};
struct answer_stream answer_stream(const struct transcript *transcript, enum wire_stream number);

/* Write the members before the streams, and those between the streams and the exhibits. */
void answer_put_head(struct json_out *json, const struct transcript *transcript);
void answer_put_fields(struct json_out *json, const struct transcript *transcript);

/* Returns the problem of a run that was refused. Its texts are those of `why`, which is filled, and
 * of the transcript. */
struct problem answer_problem(const struct transcript *transcript, struct error *why);

/* Write a moment of clock_wall_ms as a member; null for 0. */
void answer_put_moment(struct json_out *json, const char *name, uint64_t wall_ms);

/* The members of a submission with tests, after the head and before its reports. */
void answer_put_summary(struct json_out *json, const struct transcript *transcript);

/* "success", "error", "timeout" or "failed". */
const char *answer_status(const struct transcript *transcript);

/* Sentences for people, without the last one's full stop, written into text; NULL where the other
 * fields say it all. */
#define ANSWER_MESSAGE_BYTES 512
const char *answer_message(const struct transcript *transcript, char text[ANSWER_MESSAGE_BYTES]);

/* "SIGSEGV", as Python's signal module names it, written into text. */
#define ANSWER_SIGNAL_BYTES 16
const char *answer_signal(int number, char text[ANSWER_SIGNAL_BYTES]);

/* Write the id as the API shows it: 16 hex digits. Returns text. */
#define ANSWER_ID_BYTES 17
const char *answer_id(const struct transcript *transcript, char text[ANSWER_ID_BYTES]);

/* "warm", "cold" or "reused"; NULL while it has had no box. */
const char *answer_start(const struct transcript *transcript);

#endif
