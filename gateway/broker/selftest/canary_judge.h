/* canary_judge.h - compares the facts that the canary saw in its box with those that a box must
 * have.
 *
 * canary.py looks at a box of the default shelf. Its report is compared, check by check, with the
 * settings and the numbers of spec.h. A check fails if the box is weaker. If the box is stricter,
 * or harmlessly different, the check passes and says that it differs (canary_rule.h).
 *
 * In gVisor, a box has another kernel: it sees other facts, and none of its limits. gVisor is
 * recognised twice: by the engine's OCI runtime, and by the kernel's name. If only one of them says
 * gVisor, that is a failed check. Pure.
 */
#ifndef MAYFLY_CANARY_JUDGE_H
#define MAYFLY_CANARY_JUDGE_H

#include "broker/engine/docker.h"
#include "broker/selftest/report.h"
#include "common/job.h"

/* The engine and settings that the box was made with. */
struct canary_terms {
    const struct docker_engine *engine;
    const char *oci_runtime; /* the OCI runtime in use */
    struct limits limits;
    uint64_t tmpfs_bytes;
    uint32_t first_uid, uids_count; /* of all slots */
    bool own_profile;               /* our seccomp profile; an operator's profile is not checked */
};

/* Fill the report from the canary's output. Output that is not a report gives a single failed
 * check. */
void canary_judge(const struct canary_terms *terms, struct bytes output,
                  struct canary_report *report);

/* Fill the report with a single failed check, because the canary did not report. */
void canary_judge_lost(struct canary_report *report, const char *seen);

/* Returns the first check that failed; NULL if there is none. */
const struct canary_check *canary_first_failure(const struct canary_report *report);

/* Returns a hash of all differences; 0 if there are none. */
uint64_t canary_hash_differences(const struct canary_report *found);

#endif
