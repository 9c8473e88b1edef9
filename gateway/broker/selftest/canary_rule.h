/* canary_rule.h - decides which differences from an expected text are harmless.
 *
 * Engines and their releases differ: one has a mount less, another a flag more or a lower limit. A
 * rule says how the text of a check may differ without weakening the box. A difference that no rule
 * covers is weaker. gVisor's boxes have some rules of their own, because gVisor's kernel is the
 * boundary there. Pure.
 */
#ifndef MAYFLY_CANARY_RULE_H
#define MAYFLY_CANARY_RULE_H

#include "common/buf.h"

enum canary_order {
    CANARY_SAME,    /* any difference is weaker */
    CANARY_WORDS,   /* words separated by a space, in any order; "none" means no word */
    CANARY_AT_MOST, /* the same number of words; each number is as expected or lower, but not 0 */
};

enum canary_kernel { CANARY_LINUX, CANARY_GVISOR };

struct canary_rule {
    enum canary_order order;
    /* CANARY_WORDS: every word of `needed` must be there, and every other word must be expected or
     * in `harmless`. Both may be NULL, for no word. */
    const char *needed, *harmless;
};

enum canary_finding { CANARY_HOLDS, CANARY_DIFFERS, CANARY_WEAKER };

/* Returns the rule for the check with this name, valid for the life of the process; CANARY_SAME
 * when it has no rule of its own. */
const struct canary_rule *canary_rule_of(const char *check, enum canary_kernel kernel);

/* `seen` may hold anything. */
enum canary_finding canary_rule_apply(const struct canary_rule *rule, const char *expected,
                                      struct bytes seen);

#endif
