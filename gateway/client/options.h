/* options.h - the command line of `mayfly run` and its help text, both from one table.
 *
 * Pure, except that it reads the environment. Opens no files and no connections.
 */
#ifndef MAYFLY_OPTIONS_H
#define MAYFLY_OPTIONS_H

#include <stdio.h>

#include "common/error.h"
#include "common/job.h"

/* the longest timeout that a gateway can be configured to allow */
#define OPTIONS_TIMEOUT_MOST_MS 3600000

/* A file to send with the program. Both strings are borrowed from the command line. */
struct options_file {
    const char *local;
    const char *remote; /* its relative path in the program's folder */
};

/* An environment variable for the program. */
struct options_variable {
    const char *name, *value;
};

/* Every string is borrowed from the command line or the environment. */
struct options {
    bool help;              /* --help was given; no other member is set */
    const char *program;    /* a path, or "-" for standard input */
    const char *url;        /* NULL: the gateway on this machine that listens at `listen` */
    const char *listen;     /* address:port */
    const char *key_file;   /* NULL: no key */
    const char *runtime;    /* NULL: the gateway's default runtime */
    const char *stdin_file; /* NULL: no input; "-": standard input */
    const char *directory;  /* NULL: not given */
    const char *tests;      /* the folder with the program's tests; NULL: run the program once */
    const char *compare;    /* NULL: the gateway's default; "numbers": with `tolerance` */
    const char *stop_on;    /* NULL: the gateway's default */
    double tolerance;
    uint32_t total_timeout_ms; /* 0: the gateway's default */
    uint32_t timeout_ms;       /* 0: the gateway's default */
    uint32_t wait_ms;          /* the program must start within this time */
    uint64_t memory_bytes;     /* 0: the gateway's default; so for the next three */
    uint64_t output_bytes;     /* cap of each stream */
    uint32_t cpu_millis;
    uint32_t pids;
    uint32_t cpu_time_ms;  /* 0: no limit besides the timeout */
    const char *buffering; /* NULL: the gateway's default */
    const char *isolation; /* NULL: what the gateway allows */
    bool cell;             /* the program runs as a cell of a notebook */
    bool merged;           /* stderr is merged into stdout */
    bool json;
    struct options_file *files; /* files_count of them */
    size_t files_count;
    struct options_variable *env; /* env_count of them, with unique names */
    size_t env_count;
    const char **outputs; /* outputs_count globs */
    size_t outputs_count;
    char **args; /* NULL-terminated */
};

/* Parse the words after "mayfly run", NULL-terminated. Borrows them as long as *options is used,
 * and splits "LOCAL=REMOTE" and "NAME=VALUE" in place. Fails with ERR_INVALID, naming the bad word;
 * *options is then empty. Call options_release in either case. */
bool options_parse(struct options *options, char **words, struct error *err);
void options_release(struct options *options);

/* Print the help text: at most 24 lines of 80 columns. */
void options_print_help(FILE *out);

#endif
