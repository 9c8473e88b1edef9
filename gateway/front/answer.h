/* answer.h - what became of a run, as the JSON of POST /api/v1/execute.
 *
 * Pure: a transcript that has ended in, text out.
 */
#ifndef MAYFLY_ANSWER_H
#define MAYFLY_ANSWER_H

#include "front/transcript.h"

/* Append the whole answer of a transcript that is TRANSCRIPT_ENDED. False, and out unchanged, when
 * out's cap forbids. */
bool answer_write(struct buf *out, const struct transcript *transcript);

/* "success", "error", "timeout" or "failed". */
const char *answer_status(const struct outcome *outcome);

/* A cap for the answer's buffer that holds any answer: each byte of output may become six. */
size_t answer_max_bytes(const struct transcript *transcript);

#endif
