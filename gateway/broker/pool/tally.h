/* tally.h - counts the runs: each when it arrives, and when it leaves as ended, refused or
 * canceled.
 *
 *   submitted = ended + refused + canceled + waiting + running
 *
 * Knows no box and no engine. Runs of the self-test are not counted: their tally is NULL, which
 * every function accepts.
 */
#ifndef MAYFLY_TALLY_H
#define MAYFLY_TALLY_H

#include "common/config.h"
#include "common/outcome.h"
#include "common/sample.h"
#include "common/start.h"

/* A zeroed tally is valid. Arrays are by runtime, verdict, kind of error, start. */
struct tally {
    uint64_t submitted, canceled;
    uint64_t ended[CONFIG_RUNTIMES_MAX][VERDICTS_COUNT];
    uint64_t refused[ERROR_KINDS_COUNT];
    uint64_t starts[CONFIG_RUNTIMES_MAX][STARTS_COUNT];
    struct histogram queue[STARTS_COUNT];
    struct histogram warmth[CONFIG_RUNTIMES_MAX];
    struct histogram durations[CONFIG_RUNTIMES_MAX];
    struct histogram out, err;
};

void tally_submitted(struct tally *tally);
void tally_start(struct tally *tally, size_t runtime_index, enum start start, uint64_t queue_ns);
/* `warmth` is in percent. */
void tally_warmth(struct tally *tally, size_t runtime_index, uint64_t warmth);
void tally_ended(struct tally *tally, size_t runtime_index, const struct outcome *outcome);
void tally_refused(struct tally *tally, enum error_kind kind);
void tally_canceled(struct tally *tally);

void tally_report(const struct tally *tally, const struct config *config, struct samples *samples);

#endif
