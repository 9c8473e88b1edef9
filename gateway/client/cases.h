/* cases.h - the tests of a program, found in a folder by the names that online judges use.
 *
 *   NAME.in   with NAME.out or NAME.ans       ICPC, Kattis, USACO
 *   NAME      with NAME.a                     Polygon
 *   inputX    with outputX                    HackerRank: input00.txt, output00.txt
 *   input/X   with output/X; in/X with out/X  one folder for each
 *
 * A folder uses one of these schemes. Each input needs its expected output. Tests are in the order
 * of their names, numbers by their value.
 */
#ifndef MAYFLY_CASES_H
#define MAYFLY_CASES_H

#include <stddef.h>

#include "common/error.h"

#define CASES_MAX 1000

struct test_files {
    char *name;             /* of the test */
    char *input, *expected; /* paths */
};

/* A zeroed struct is empty. */
struct cases {
    struct test_files *all; /* owned, and so are their strings */
    size_t count;
};

/* Find the tests in the folder. Fails with ERR_INVALID (there are none or too many, or one has no
 * expected output) or ERR_SYSTEM. Call cases_release in either case. */
bool cases_find(struct cases *cases, const char *folder, struct error *err);
void cases_release(struct cases *cases);

#endif
