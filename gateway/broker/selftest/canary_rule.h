/* canary_rule.h - which difference from an expected text is harmless.
 *
 * Engines differ, and so do their releases: a mount less, a flag more, a lower limit. A rule says
 * in which direction the text of a check may differ without weakening the box. What no rule covers
 * is weaker. gVisor's boxes have rules of their own, where its kernel is the boundary. Pure.
 */
#ifndef MAYFLY_CANARY_RULE_H
#define MAYFLY_CANARY_RULE_H

#include "common/buf.h"

enum canary_order {
    CANARY_SAME,    /* any difference is weaker */
    CANARY_WORDS,   /* words apart by a space, in any order; "none" is no word */
    CANARY_AT_MOST, /* as many words; each number is as expected or lower, but not 0 instead */
};

enum canary_kernel { CANARY_LINUX, CANARY_GVISOR };

struct canary_rule {
    enum canary_order order;
    /* CANARY_WORDS: every word of `needed` is there, and no word that is neither expected nor
     * `harmless`. Both may be NULL, for no word. */
    const char *needed, *harmless;
};

enum canary_finding { CANARY_HOLDS, CANARY_DIFFERS, CANARY_WEAKER };

/* The rule of the check of this name, for the life of the process; CANARY_SAME where it has none of
 * its own. */
const struct canary_rule *canary_rule_of(const char *check, enum canary_kernel kernel);

/* `seen` may hold anything. */
enum canary_finding canary_rule_apply(const struct canary_rule *rule, const char *expected,
                                      struct bytes seen);

#endif
