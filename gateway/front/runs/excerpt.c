#include "front/runs/excerpt.h"

void excerpt_cut(struct excerpt *excerpt, struct transcript *run, enum report_verdict verdict)
{
    bool shows_whole = excerpt->kind == EXCERPT_ALL ||
                       (excerpt->kind == EXCERPT_FAILED && verdict != REPORT_PASSED);
    size_t bytes = run->out.kept.len + run->err.kept.len + run->exhibits_bytes;
    if (shows_whole && bytes <= EXCERPT_TOTAL_BYTES - excerpt->shown_bytes) {
        excerpt->shown_bytes += bytes;
        transcript_shorten(run, SIZE_MAX, true);
        return;
    }
    bool shows_some = shows_whole || excerpt->kind == EXCERPT_BRIEF;
    transcript_shorten(run, shows_some ? EXCERPT_BRIEF_BYTES : 0, false);
}
