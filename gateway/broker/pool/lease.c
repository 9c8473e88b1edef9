#include "broker/pool/lease.h"

#include <stdio.h>
#include <string.h>

struct run *lease_find_run(const struct lease *lease, const char *execution)
{
    if (execution[0] == '\0')
        return lease->run;
    if (lease->run && strcmp(lease->run->execution, execution) == 0)
        return lease->run;
    struct run *run = list_first(&lease->turns);
    while (run && strcmp(run->execution, execution) != 0)
        run = node_next(&run->node);
    return run;
}

static void describe_end(const struct lease *lease, uint32_t kept_ms, struct session_notice *notice)
{
    notice->state = SESSION_GONE;
    notice->reason = lease->reason;
    notice->ended_ms = lease->ended_ms;
    notice->forgotten_ms = lease->ended_ms + kept_ms;
}

static void describe_use(const struct lease *lease, struct session_notice *notice)
{
    const struct run *run = lease->run ? lease->run : list_first(&lease->turns);
    notice->state = run ? SESSION_BUSY : SESSION_IDLE;
    if (run)
        snprintf(notice->execution, sizeof notice->execution, "%s", run->execution);
    else
        notice->idle_expires_ms = lease->used_ms + lease->idle_ms;
}

void lease_describe(const struct lease *lease, uint32_t kept_ms, bool with_record,
                    struct session_notice *notice)
{
    *notice = (struct session_notice){.limits = lease->limits,
                                      .idle_ms = lease->idle_ms,
                                      .life_ms = lease->life_ms,
                                      .created_ms = lease->created_ms,
                                      .expires_ms = lease->created_ms + lease->life_ms,
                                      .cells_count = lease->cells_count,
                                      .generation = lease->generation,
                                      .peak_memory_bytes = lease->peak_memory_bytes};
    snprintf(notice->owner, sizeof notice->owner, "%s", lease->owner);
    snprintf(notice->name, sizeof notice->name, "%s", lease->name);
    snprintf(notice->runtime, sizeof notice->runtime, "%s", lease->runtime);
    if (with_record)
        notice->record = buf_bytes(&lease->record);
    if (lease->state == LEASE_ENDED)
        describe_end(lease, kept_ms, notice);
    else
        describe_use(lease, notice);
}
