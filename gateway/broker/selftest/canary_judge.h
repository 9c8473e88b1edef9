/* canary_judge.h - compares the canary's view of its box with what a box must look like from
 * inside.
 *
 * canary.py looks at a box of the default shelf. This compares its report, check by check, with the
 * settings and the numbers of spec.h. A check fails when the box is weaker. If the box is stricter,
 * or merely different, the check passes and says that it differs (canary_rule.h).
 *
 * A box of gVisor has a kernel of its own: it sees other facts, and none of its limits. Two
 * witnesses identify gVisor: the engine, by its OCI runtime, and the kernel, by its name. One
 * without the other is a failed check. Pure.
 */
#ifndef MAYFLY_CANARY_JUDGE_H
#define MAYFLY_CANARY_JUDGE_H

#include "broker/engine/docker.h"
#include "broker/selftest/report.h"
#include "common/job.h"

/* The settings that the box was made with. */
struct canary_terms {
    const struct docker_engine *engine;
    const char *oci_runtime; /* in use */
    struct limits limits;
    uint64_t tmpfs_bytes;
    uint32_t first_uid, uids_count; /* of all slots */
    bool own_profile;               /* ours; an operator's own profile is not checked */
};

/* Fill the report from the canary's output. Output that is no report becomes one failed check. */
void canary_judge(const struct canary_terms *terms, struct bytes output,
                  struct canary_report *report);

/* Make the report a single failed check, because the canary did not report. */
void canary_judge_lost(struct canary_report *report, const char *seen);

/* Returns the first check that is not ok; NULL when all are. */
const struct canary_check *canary_first_failure(const struct canary_report *report);

/* Returns a hash of the differences; 0 if there are none. */
uint64_t canary_hash_differences(const struct canary_report *found);

#endif
