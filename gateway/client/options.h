/* options.h - the command line of `mayfly run`, and its page of help: one table for both.
 *
 * Pure, but for reading the environment. Knows no file and no network.
 */
#ifndef MAYFLY_OPTIONS_H
#define MAYFLY_OPTIONS_H

#include <stdio.h>

#include "common/error.h"
#include "common/job.h"

#define OPTIONS_TIMEOUT_MOST_MS 3600000 /* no gateway can be set to a longer one */

/* A file to send along. Both strings are lent by the words of the command line. */
struct options_file {
    const char *local;
    const char *remote; /* its relative path in the program's folder */
};

/* A variable of the program's environment. */
struct options_variable {
    const char *name, *value;
};

/* Every string is lent by the words of the command line or by the environment. */
struct options {
    bool help;              /* --help stood somewhere: the rest is not filled in */
    const char *program;    /* a path, or "-": standard input */
    const char *url;        /* NULL: the gateway that listens at... */
    const char *listen;     /* ...this address:port */
    const char *key_file;   /* NULL: no key */
    const char *runtime;    /* NULL: the gateway's first */
    const char *stdin_file; /* NULL: none; "-": standard input */
    const char *directory;  /* NULL: not given */
    uint32_t timeout_ms;    /* 0: what the gateway says */
    uint32_t wait_ms;       /* the program must have started within this */
    uint64_t memory_bytes;  /* this and the next three: 0: what the gateway says */
    uint64_t output_bytes;  /* of each stream */
    uint32_t cpu_millis;
    uint32_t pids;
    uint32_t cpu_time_ms;  /* 0: no limit of its own */
    const char *buffering; /* NULL: what the gateway says */
    bool merged;           /* its stderr comes with its stdout */
    bool json;
    struct options_file *files; /* files_count of them */
    size_t files_count;
    struct options_variable *env; /* env_count of them, no name twice */
    size_t env_count;
    const char **outputs; /* outputs_count globs */
    size_t outputs_count;
    char **args; /* NULL-terminated */
};

/* Read the words after "mayfly run", NULL-terminated; lends them for as long as *options is used,
 * and cuts "LOCAL=REMOTE" and "NAME=VALUE" in place. Fails with ERR_INVALID, naming the word;
 * *options is then empty. Release it in any case. */
bool options_parse(struct options *options, char **words, struct error *err);
void options_release(struct options *options);

/* At most 24 lines of 80 columns. */
void options_print_help(FILE *out);

#endif
