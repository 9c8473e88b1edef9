#include "broker/pool/keeper.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/outcome.h"

struct box *keeper_find(const struct shelf *shelf, struct tenant tenant, uint32_t runs_most)
{
    for (struct node *node = shelf->kept.last; node; node = node->previous) {
        struct box *box = node->owner;
        if (tenure_allows(&box->tenure, tenant, runs_most))
            return box;
    }
    return NULL;
}

static struct box *unclaimed_of(const struct shelf *shelf)
{
    struct box *box = list_first(&shelf->resetting);
    while (box && box->is_claimed)
        box = node_next(&box->node);
    return box;
}

struct box *keeper_victim(const struct shelves *shelves)
{
    struct box *found = NULL;
    for (size_t i = 0; i < shelves->count; i++) {
        struct box *box = list_first(&shelves->all[i]->kept);
        if (box && (!found || box->ready_ms < found->ready_ms))
            found = box;
    }
    for (size_t i = 0; i < shelves->count && !found; i++)
        found = unclaimed_of(shelves->all[i]);
    return found;
}

void keeper_count(const struct shelves *shelves, uint32_t *kept, uint32_t *resetting)
{
    *kept = *resetting = 0;
    for (size_t i = 0; i < shelves->count; i++) {
        const struct shelf *shelf = shelves->all[i];
        *kept += (uint32_t)shelf->kept.count;
        for (const struct box *box = list_first(&shelf->resetting); box;
             box = node_next(&box->node))
            *resetting += !box->is_claimed;
    }
}

enum retirement keeper_judge(const struct box *box, const struct frame *frame)
{
    enum retirement end = RETIRED_LOST;
    if (frame->type == WIRE_END && box->tenure.is_leased)
        end = outcome_decode(frame->payload, &(struct outcome){0}, NULL) ? RETIRED_NOT : end;
    else if (frame->type == WIRE_END)
        end = tenure_judge(frame->payload);
    return end == RETIRED_NOT ? box->tenure.end : end;
}

enum retirement keeper_reason(const struct box *box, const struct box_leave *leave)
{
    bool is_old = clock_now_ms() >= box->born_ms + box->patience.age_ms;
    bool is_expected = leave->why.kind == ERR_NONE;
    if (is_expected && leave->from == BOX_READY)
        return is_old ? RETIRED_AGE : RETIRED_IDLE;
    if (is_expected)
        return RETIRED_UNCLEAN;
    if (leave->oom_killed)
        return RETIRED_OOM;
    if (leave->why.kind != ERR_TIMEOUT)
        return RETIRED_LOST;
    return leave->from == BOX_RUNNING ? RETIRED_TIMEOUT : RETIRED_LATE;
}

void keeper_note(struct keeper *keeper, const struct box *box, enum retirement why,
                 const char *detail)
{
    const struct tenure *tenure = &box->tenure;
    if (tenure->runs_most <= 1 || tenure->is_leased)
        return;
    keeper->retired[why]++;
    log_event(LOG_INFO, "box_retired", LOG_STR("box", box->name),
              LOG_STR("error", retirement_name(why)), LOG_STR("detail", detail),
              LOG_U64("runs", tenure->runs_count), LOG_END);
}

void keeper_note_reset(struct keeper *keeper, const struct box *box)
{
    keeper->resets_count++;
    histogram_add(&keeper->resets, &histogram_seconds, clock_now_ns() - box->ended_ns);
}

void keeper_report(const struct keeper *keeper, const struct shelves *shelves,
                   struct samples *samples)
{
    uint32_t kept, resetting;
    keeper_count(shelves, &kept, &resetting);
    samples_put(samples, METRIC_BOXES_KEPT, LABELS(NULL), kept);
    samples_put(samples, METRIC_BOX_RESETS, LABELS(NULL), keeper->resets_count);
    samples_put_histogram(samples, METRIC_BOX_RESET_DURATION, LABELS(NULL), &keeper->resets);
    for (int why = RETIRED_NOT + 1; why < RETIREMENTS_COUNT; why++)
        samples_put(samples, METRIC_BOXES_RETIRED, LABELS(retirement_name((enum retirement)why)),
                    keeper->retired[why]);
}
