#include "broker/pool/tenure.h"

#include <stdio.h>
#include <string.h>

#include "common/outcome.h"

bool tenure_allows(const struct tenure *tenure, struct tenant tenant, uint32_t runs_most)
{
    return tenure->runs_count == 0 ||
           ((tenure->is_leased || tenure->runs_count < runs_most) &&
            tenure->is_leased == tenant.is_session && tenure->scope == tenant.scope &&
            strcmp(tenure->owner, tenant.owner) == 0);
}

bool tenure_take(struct tenure *tenure, struct tenant tenant, uint32_t runs_most)
{
    if (!tenure_allows(tenure, tenant, runs_most))
        return false;
    if (tenure->runs_count == 0)
        snprintf(tenure->owner, sizeof tenure->owner, "%s", tenant.owner);
    tenure->scope = tenant.scope;
    tenure->is_leased = tenant.is_session;
    tenure->runs_count++;
    tenure->runs_most = runs_most;
    bool may_serve = tenure->is_leased || tenure->runs_count < runs_most;
    tenure->end = may_serve ? RETIRED_NOT : RETIRED_NUMBER;
    return true;
}

static bool is_cut(const struct stream_count *stream)
{
    return stream->kept_bytes < stream->total_bytes;
}

/* A program may exit with any code, but it must have ended by itself and within every limit. */
static enum retirement judge_exit(const struct outcome *outcome)
{
    if (outcome->oom_kills > 0)
        return RETIRED_OOM;
    if (is_cut(&outcome->out) || is_cut(&outcome->err))
        return RETIRED_OUTPUT;
    return outcome->pids_refused_count || outcome->inodes_limit || outcome->room_bytes
               ? RETIRED_LIMIT
               : RETIRED_NOT;
}

enum retirement tenure_judge(struct bytes end_payload)
{
    struct outcome outcome;
    if (!outcome_decode(end_payload, &outcome, NULL))
        return RETIRED_LOST;
    switch (outcome.verdict) {
    case VERDICT_EXITED:
        return judge_exit(&outcome);
    case VERDICT_SIGNALED:
        return RETIRED_SIGNAL;
    case VERDICT_TIMEOUT:
        return RETIRED_TIMEOUT;
    case VERDICT_OOM:
        return RETIRED_OOM;
    case VERDICT_CPU_TIME:
        return RETIRED_CPU_TIME;
    case VERDICT_LOST:
        break;
    }
    return RETIRED_LOST;
}

const char *retirement_name(enum retirement why)
{
    static const char *const names[RETIREMENTS_COUNT] = {
        [RETIRED_NOT] = "not",           [RETIRED_NUMBER] = "number",
        [RETIRED_AGE] = "age",           [RETIRED_IDLE] = "idle",
        [RETIRED_EVICTED] = "evicted",   [RETIRED_TIMEOUT] = "timeout",
        [RETIRED_CPU_TIME] = "cpu_time", [RETIRED_SIGNAL] = "signal",
        [RETIRED_OOM] = "oom",           [RETIRED_OUTPUT] = "output",
        [RETIRED_LIMIT] = "limit",       [RETIRED_CANCELED] = "canceled",
        [RETIRED_LOST] = "lost",         [RETIRED_UNCLEAN] = "unclean",
        [RETIRED_LATE] = "late",         [RETIRED_ENGINE] = "engine",
        [RETIRED_STOPPED] = "stopped",   [RETIRED_FINISHED] = "finished",
    };
    return names[why];
}
