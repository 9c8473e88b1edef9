/* check_print.h - the results of `mayfly check`, as tables for people, or as JSON. Private to
 * check.c. */
#ifndef MAYFLY_CHECK_PRINT_H
#define MAYFLY_CHECK_PRINT_H

#include <stdio.h>

#include "broker/selftest/canary_judge.h"
#include "common/config.h"

enum check_form {
    CHECK_TABLE,
    CHECK_JSON,
    CHECK_CREATE, /* the create JSON alone */
};

/* The result of one runtime. */
struct check_result {
    const struct config_runtime *runtime; /* borrowed */
    bool ok;
    struct error error; /* why no canary ran; ERR_NONE: one ran */
    const char *hint;   /* a remedy, static; NULL: none is known */
    bool has_engine;    /* an engine has answered; `engine` describes it */
    struct docker_engine
        engine; /* the same for all runtimes, unless the engine changed meanwhile */
    struct canary_report report;
    struct buf create; /* the create JSON, if it was requested */
};

struct check_results {
    const char *engine_socket; /* borrowed */
    const char *oci_runtime;   /* asked for; "" for the engine's default; borrowed */
    size_t count;              /* of the checked runtimes, at least one */
    struct check_result all[CONFIG_RUNTIMES_MAX];
};

bool check_is_ok(const struct check_results *results);

/* Returns false when writing to `out` failed. */
bool check_print(const struct check_results *results, enum check_form form, FILE *out);

#endif
