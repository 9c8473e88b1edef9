/* check_print.h - prints the results of `mayfly check`, as tables for people or as JSON. Private to
 * check.c. */
#ifndef MAYFLY_CHECK_PRINT_H
#define MAYFLY_CHECK_PRINT_H

#include <stdio.h>

#include "broker/selftest/canary_judge.h"
#include "common/config.h"

enum check_form {
    CHECK_TABLE,
    CHECK_JSON,
    CHECK_CREATE, /* only the create JSON */
};

/* The result for one runtime. */
struct check_result {
    const struct config_runtime *runtime; /* borrowed */
    bool ok;
    struct error error; /* why no canary ran; ERR_NONE: one ran */
    const char *hint;   /* advice; static; NULL: none */
    bool has_engine;    /* an engine has answered; `engine` describes it */
    struct docker_engine
        engine; /* the same for all runtimes, unless the engine changed meanwhile */
    struct canary_report report;
    struct buf create; /* the create JSON, if requested */
};

struct check_results {
    const char *engine_socket; /* borrowed */
    const char *oci_runtime;   /* as requested; "" for the engine's default; borrowed */
    size_t count;              /* number of checked runtimes, at least 1 */
    struct check_result all[CONFIG_RUNTIMES_MAX];
};

bool check_is_ok(const struct check_results *results);

/* Print the results. Returns false when writing to `out` failed. */
bool check_print(const struct check_results *results, enum check_form form, FILE *out);

#endif
