/* canary_judge.h - what a box must look like from inside, held against what the canary saw there.
 *
 * canary.py looks, in a box of the default shelf; this compares, check by check, with what the
 * settings and spec.h's numbers demand. A check fails when the box is weaker. A box that is
 * stricter, or only other, passes, and the check says that it differs (canary_rule.h).
 *
 * A box of gVisor has a kernel of its own, of which it sees other things, and of its limits none.
 * It is known by two witnesses: the engine, whose OCI runtime is gVisor's, and the kernel, which
 * names itself so. One without the other is a failed check. Pure.
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
    bool own_profile; /* not an operator's: then what that allows is the operator's business */
};

/* Fill the report from the canary's output. What is no report is one failed check. */
void canary_judge(const struct canary_terms *terms, struct bytes output,
                  struct canary_report *report);

/* Make the report one check: the canary has not come so far. */
void canary_judge_lost(struct canary_report *report, const char *seen);

/* The first that is not ok, NULL when all are. */
const struct canary_check *canary_first_failure(const struct canary_report *report);

/* The same number for the same differences, and another one for others; 0 for none. */
uint64_t canary_hash_differences(const struct canary_report *found);

#endif
