/* cases.h - finds the tests of a program in a folder, by the file names that online judges use.
 *
 *   NAME.in   with NAME.out or NAME.ans       ICPC, Kattis, USACO
 *   NAME      with NAME.a                     Polygon
 *   inputX    with outputX                    HackerRank: input00.txt, output00.txt
 *   input/X   with output/X; in/X with out/X  separate folders
 *
 * One folder uses one of these schemes. Each input needs an expected output. Tests are sorted by
 * name; numbers in names are compared by value.
 */
#ifndef MAYFLY_CASES_H
#define MAYFLY_CASES_H

#include <stddef.h>

#include "common/error.h"

#define CASES_MAX 1000

struct test_files {
    char *name;             /* the test's name */
    char *input, *expected; /* paths */
};

/* A zeroed struct is empty. */
struct cases {
    struct test_files *all; /* owned, and so are their strings */
    size_t count;
};

/* Find the tests in the folder. Fails with ERR_INVALID (no tests, too many tests, or a test without
 * expected output) or ERR_SYSTEM. Call cases_release in either case. */
bool cases_find(struct cases *cases, const char *folder, struct error *err);
void cases_release(struct cases *cases);

#endif
