/* excerpt.h - decides which part of the programs' output is in the reports of a submission. */
#ifndef MAYFLY_EXCERPT_H
#define MAYFLY_EXCERPT_H

#include "front/runs/transcript.h"

#define EXCERPT_BRIEF_BYTES ((size_t)1 << 10) /* shown of each stream */
/* All reports of a submission together show at most this much output in full; further reports are
 * cut as with EXCERPT_BRIEF. */
#define EXCERPT_TOTAL_BYTES ((size_t)16 << 20)

enum excerpt_kind {
    EXCERPT_BRIEF, /* only the beginning of each stream */
    EXCERPT_NONE,  /* nothing */
    /* everything, including files and displays, for tests that did not pass; nothing for others */
    EXCERPT_FAILED,
    EXCERPT_ALL, /* everything */
};

/* To initialise: zero it, then set kind. */
struct excerpt {
    enum excerpt_kind kind;
    size_t shown_bytes; /* shown in full so far */
};

/* Remove from a finished run everything that a report with this verdict does not show. */
void excerpt_cut(struct excerpt *excerpt, struct transcript *run, enum report_verdict verdict);

#endif
