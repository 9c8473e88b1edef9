/* canary_rule.h - decides which differences between expected and seen texts are harmless.
 *
 * Engines and their versions differ: one has fewer mounts, another has an additional flag or a
 * lower limit. A rule says how a check's text may differ without making the box weaker. Any other
 * difference is weaker. gVisor has some rules of its own, because there the security boundary is
 * gVisor's kernel. Pure.
 */
#ifndef MAYFLY_CANARY_RULE_H
#define MAYFLY_CANARY_RULE_H

#include "common/buf.h"

enum canary_order {
    CANARY_SAME,  /* any difference is weaker */
    CANARY_WORDS, /* words separated by spaces, in any order; "none" means no words */
    /* each number must be as expected or lower, but not 0; the count of numbers must be equal */
    CANARY_AT_MOST,
};

enum canary_kernel { CANARY_LINUX, CANARY_GVISOR };

struct canary_rule {
    enum canary_order order;
    /* CANARY_WORDS: all words of `needed` must be there. All others must be expected or in
     * `harmless`. NULL: no words. */
    const char *needed, *harmless;
};

enum canary_finding { CANARY_HOLDS, CANARY_DIFFERS, CANARY_WEAKER };

/* Returns the rule for the check with this name; CANARY_SAME if it has none. Static. */
const struct canary_rule *canary_rule_of(const char *check, enum canary_kernel kernel);

/* Compare a seen text, which may contain anything, with the expected one. */
enum canary_finding canary_rule_apply(const struct canary_rule *rule, const char *expected,
                                      struct bytes seen);

#endif
