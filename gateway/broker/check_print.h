/* check_print.h - the result of `mayfly check`, as a table for people, or as JSON. Private to
 * check.c. */
#ifndef MAYFLY_CHECK_PRINT_H
#define MAYFLY_CHECK_PRINT_H

#include "broker/canary_judge.h"

#include <stdio.h>

enum check_form {
    CHECK_TABLE,
    CHECK_JSON,
    CHECK_CREATE, /* the create JSON alone */
};

struct check_result {
    bool ok;
    struct error error;                 /* why there was no canary; ERR_NONE: there was one */
    const struct docker_engine *engine; /* NULL when none could be used; lent */
    const char *oci_runtime;            /* asked for; "" for the engine's default; lent */
    struct canary_report report;
    struct buf create;
};

/* False when `out` takes no more. */
bool check_print(const struct check_result *result, enum check_form form, FILE *out);

#endif
