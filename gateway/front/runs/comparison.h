/* comparison.h - compares a program's output with the expected output, part by part.
 *
 *   trim     ignores white space at the end of each line, and at the end of the text
 *   exact    compares each byte
 *   tokens   compares the words between white space, in order
 *   numbers  as tokens, but two numbers may differ by the tolerance: absolutely, or as a fraction
 *            of the expected number
 *
 * White space is C's: space, \t, \n, \v, \f, \r. Texts are compared as bytes, so two encodings of
 * one character differ. Pure; allocates nothing.
 */
#ifndef MAYFLY_COMPARISON_H
#define MAYFLY_COMPARISON_H

#include "common/buf.h"

enum comparer_kind { COMPARER_TRIM, COMPARER_EXACT, COMPARER_TOKENS, COMPARER_NUMBERS };

/* The way to compare two texts. A zeroed struct means TRIM. */
struct comparer {
    enum comparer_kind kind;
    double tolerance; /* for NUMBERS: 0 to 1 */
};

/* One of the two texts. Private to comparison.c. */
struct comparison_side {
    struct bytes text;
    size_t at;         /* equal up to here */
    size_t scanned_to; /* the end of the white space that was read last */
    size_t lead;       /* TRIM: in the white space before this offset, only newlines count */
    /* TRIM: up to this offset, it is decided which bytes count; TOKENS: the end of the token */
    size_t solid_to;
    bool is_at_end, is_in_token;
};

struct comparison {
    struct comparer comparer;
    struct comparison_side expected, got;
    uint64_t line; /* the current line of `expected`, from 1 */
    unsigned slow_count;
};

enum comparison_result { COMPARISON_MORE, COMPARISON_EQUAL, COMPARISON_DIFFERENT };

/* Borrows both texts as long as the comparison is used. Nothing needs to be released. */
struct comparison comparison_of(struct comparer comparer, struct bytes expected, struct bytes got);
/* Compare about `most_bytes` more. */
enum comparison_result comparison_step(struct comparison *comparison, size_t most_bytes);

/* At most this many bytes of a line or token are shown. */
#define DIFFERENCE_SHOWN_BYTES 160

/* The first difference. Available once the result is COMPARISON_DIFFERENT. */
struct difference {
    /* the line of the expected text, from 1; one more than its last line if that text has ended */
    uint64_t line;
    /* The lines or tokens that differ; if one is long, the part of it around the difference.
     * Borrowed from the texts. data is NULL if the text has ended. */
    struct bytes expected, got;
};
struct difference comparison_difference(const struct comparison *comparison);

#endif
