/* excerpt.h - how much of its programs' output the reports of a submission show. */
#ifndef MAYFLY_EXCERPT_H
#define MAYFLY_EXCERPT_H

#include "front/runs/transcript.h"

#define EXCERPT_BRIEF_BYTES ((size_t)1 << 10) /* of each stream */
/* All reports of a submission together show this much output whole, and the rest as BRIEF. */
#define EXCERPT_TOTAL_BYTES ((size_t)16 << 20)

enum excerpt_kind {
    EXCERPT_BRIEF,  /* the beginning of each stream */
    EXCERPT_NONE,   /* nothing */
    EXCERPT_FAILED, /* all, with files and displays, of tests that have not passed; else nothing */
    EXCERPT_ALL,    /* all of it */
};

/* To initialise: zero it, then set kind. */
struct excerpt {
    enum excerpt_kind kind;
    size_t shown_bytes; /* whole, so far */
};

/* Cut a run, which has ended, to what the report with this verdict shows. */
void excerpt_cut(struct excerpt *excerpt, struct transcript *run, enum report_verdict verdict);

#endif
