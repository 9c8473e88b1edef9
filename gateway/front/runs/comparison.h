/* comparison.h - compares a program's output with the expected output, a part at a time.
 *
 *   trim     ignores the white space at the end of each line, and of the whole
 *   exact    each byte
 *   tokens   the words between white space, in order
 *   numbers  as tokens, but two numbers may differ by the tolerance, or by that fraction of the
 *            expected one
 *
 * White space is that of C: space, \t, \n, \v, \f, \r. Texts are bytes, so two encodings of one
 * character differ. Pure; allocates nothing.
 */
#ifndef MAYFLY_COMPARISON_H
#define MAYFLY_COMPARISON_H

#include "common/buf.h"

enum comparer_kind { COMPARER_TRIM, COMPARER_EXACT, COMPARER_TOKENS, COMPARER_NUMBERS };

/* A zeroed struct compares with trim. */
struct comparer {
    enum comparer_kind kind;
    double tolerance; /* of NUMBERS: 0 to 1 */
};

/* One of the two texts. Private to comparison.c. */
struct comparison_side {
    struct bytes text;
    size_t at;         /* equal up to here */
    size_t scanned_to; /* the white space that begins at or before `at` */
    size_t lead;       /* TRIM: up to here only newlines count */
    size_t solid_to;   /* TRIM: up to here it is known what counts; TOKENS: the token's end */
    bool is_at_end, is_in_token;
};

struct comparison {
    struct comparer comparer;
    struct comparison_side expected, got;
    uint64_t line; /* of `expected`, from 1 */
    unsigned slow_count;
};

enum comparison_result { COMPARISON_MORE, COMPARISON_EQUAL, COMPARISON_DIFFERENT };

/* Borrows both texts until the comparison is forgotten; there is nothing to release. */
struct comparison comparison_of(struct comparer comparer, struct bytes expected, struct bytes got);
/* Look at about `most_bytes` of them. */
enum comparison_result comparison_step(struct comparison *comparison, size_t most_bytes);

/* The most of a text that a difference shows. */
#define DIFFERENCE_SHOWN_BYTES 160

/* The first difference, once the result is COMPARISON_DIFFERENT. */
struct difference {
    uint64_t line; /* of the expected text, from 1; past its last if the text has ended */
    /* The lines, or the tokens, that differ, or what is around the place in a long one. Valid as
     * long as the texts are. data is NULL if the text has ended. */
    struct bytes expected, got;
};
struct difference comparison_difference(const struct comparison *comparison);

#endif
