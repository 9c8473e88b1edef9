/* answer.h - what became of a run, as the JSON of POST /api/v1/execute.
 *
 * Pure: a transcript that has ended in, text out.
 */
#ifndef MAYFLY_ANSWER_H
#define MAYFLY_ANSWER_H

#include "front/transcript.h"

/* Append the whole answer of a transcript that has ended, or was refused. False, and out unchanged,
 * when out's cap forbids. */
bool answer_write(struct buf *out, const struct transcript *transcript);

/* "success", "error", "timeout" or "failed". */
const char *answer_status(const struct transcript *transcript);

/* The id as the API shows it: 16 hex digits. Returns text. */
#define ANSWER_ID_BYTES 17
const char *answer_id(const struct transcript *transcript, char text[ANSWER_ID_BYTES]);

/* "warm" or "cold"; NULL while it has had no box. */
const char *answer_start(const struct transcript *transcript);

/* A cap for the answer's buffer that holds any answer: each byte of output may become six. */
size_t answer_max_bytes(const struct transcript *transcript);

#endif
