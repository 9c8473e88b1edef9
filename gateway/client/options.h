/* options.h - the command lines of the commands that run code or manage sessions, and their pages
 * of help: one table for both.
 *
 * Pure, except that it reads the environment. Opens no files and no connections.
 */
#ifndef MAYFLY_OPTIONS_H
#define MAYFLY_OPTIONS_H

#include <stdio.h>

#include "common/error.h"
#include "common/job.h"

#define OPTIONS_TIMEOUT_MOST_MS 3600000   /* no gateway can be set to a longer timeout */
#define OPTIONS_LIFETIME_MOST_MS 86400000 /* a day: no session may live longer */

enum options_command {
    OPTIONS_RUN,
    OPTIONS_REPL,
    OPTIONS_SESSION_NEW,
    OPTIONS_SESSION_LIST,
    OPTIONS_SESSION_RUN,
    OPTIONS_SESSION_RM,
    OPTIONS_FILES_LIST,
    OPTIONS_FILES_GET,
    OPTIONS_FILES_PUT,
    OPTIONS_FILES_RM,
};

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
    enum options_command command;
    bool help;             /* --help was given: the rest is not filled in */
    const char **operands; /* operands_count words that are not options */
    size_t operands_count;
    const char *session;    /* the id of the session to use; NULL: none was given */
    const char *program;    /* a path, or "-": standard input; NULL: the command runs none */
    const char *url;        /* NULL: the gateway that listens at... */
    const char *listen;     /* ...this address:port */
    const char *key_file;   /* NULL: no key */
    const char *runtime;    /* NULL: the gateway's default runtime */
    const char *stdin_file; /* NULL: no input; "-": standard input */
    const char *directory;  /* NULL: not given */
    const char *tests;      /* the folder with the program's tests; NULL: run the program once */
    const char *compare;    /* NULL: the gateway's default; "numbers": with `tolerance` */
    const char *stop_on;    /* NULL: the gateway's default */
    double tolerance;
    uint32_t total_timeout_ms; /* 0: the gateway's default */
    uint32_t timeout_ms;       /* 0: the gateway's default, also for the next two members */
    uint32_t idle_timeout_ms;  /* of a session */
    uint32_t max_lifetime_ms;  /* of a session */
    uint32_t wait_ms;          /* the program must start, or the answer come, within this time */
    uint64_t memory_bytes;     /* 0: the gateway's default, also for the next three members */
    uint64_t output_bytes;     /* cap of each stream */
    uint32_t cpu_millis;
    uint32_t pids;
    uint32_t cpu_time_ms;  /* 0: no limit besides the timeout */
    const char *buffering; /* NULL: the gateway's default */
    const char *isolation; /* NULL: what the gateway allows */
    bool cell;             /* the program runs as a cell of a notebook */
    bool merged;           /* stderr is merged into stdout */
    bool json;
    bool keep;                  /* a session that was made is not ended */
    struct options_file *files; /* files_count elements */
    size_t files_count;
    struct options_variable *env; /* env_count elements, with unique names */
    size_t env_count;
    const char **outputs; /* outputs_count globs */
    size_t outputs_count;
    char **args; /* NULL-terminated */
};

/* Parse the words after the command, NULL-terminated. Borrows them while *options is used, and cuts
 * "LOCAL=REMOTE" and "NAME=VALUE" in place. Fails with ERR_INVALID, naming the word; then *options
 * is empty. Call options_release in either case. */
bool options_parse(struct options *options, enum options_command command, char **words,
                   struct error *err);
void options_release(struct options *options);

/* Print the help text: at most 24 lines of 80 columns. */
void options_print_help(enum options_command command, FILE *out);
/* Print one line: the command and its words. */
void options_print_command(enum options_command command, FILE *out);

/* Returns the command's words, "session new". */
const char *options_name(enum options_command command);

#endif
