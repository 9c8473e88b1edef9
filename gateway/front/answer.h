/* answer.h - what became of a run, as the JSON of POST /api/v1/execute.
 *
 * Pure: an outcome and the bytes that came in, text out.
 */
#ifndef MAYFLY_ANSWER_H
#define MAYFLY_ANSWER_H

#include "common/outcome.h"
#include "front/request.h"

/* Everything is lent. */
struct answer {
    uint64_t run_id;
    const struct outcome *outcome;
    struct bytes out, err; /* what came of each stream */
    enum output_encoding output_encoding;
    uint64_t queue_ns;
    bool warm;
    /* what the job allowed, for the sentences */
    uint32_t timeout_ms;
    uint64_t memory_bytes, output_bytes;
};

/* Append the whole answer. False, and out unchanged, when out's cap forbids. */
bool answer_write(struct buf *out, const struct answer *answer);

/* "success", "error", "timeout" or "failed". */
const char *answer_status(const struct outcome *outcome);

/* A cap for the answer's buffer that holds any answer: each byte of output may become six. */
size_t answer_max_bytes(const struct answer *answer);

#endif
