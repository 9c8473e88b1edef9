/* config.h - every setting. The table in config_table.c defines names, defaults, ranges and help.
 *
 * The settings are read from the environment once at start and never change afterwards.
 */
#ifndef MAYFLY_CONFIG_H
#define MAYFLY_CONFIG_H

#include <stdio.h>

#include "common/error.h"
#include "common/job.h"
#include "common/log.h"

#define CONFIG_RUNTIMES_MAX 8

struct config_runtime {
    char name[JOB_RUNTIME_NAME_MAX + 1];
    char image[160];
    uint32_t warm; /* number of READY boxes to keep: N of name=image=N, else MAYFLY_WARM */
};

struct config {
    /* HTTP (front) */
    char listen[128];         /* MAYFLY_LISTEN */
    char metrics_listen[128]; /* MAYFLY_METRICS_LISTEN; "": /metrics is served on the API's port */
    /* MAYFLY_USER: the user that the front switches to when started as root */
    char user[64];
    char keys_file[256]; /* MAYFLY_KEYS_FILE; "": no client needs a key */
    uint32_t auth;       /* MAYFLY_AUTH: enum config_auth */
    /* MAYFLY_HOSTS: further host names of this gateway, comma-separated */
    char hosts[1024];
    char cors_origins[1024]; /* MAYFLY_CORS_ORIGINS: origins whose pages may use the API */
    uint64_t max_body_bytes;
    uint64_t max_pending_bytes; /* MAYFLY_MAX_PENDING_BYTES: cap of all requests together */
    uint64_t max_unread_bytes;  /* MAYFLY_MAX_UNREAD_BYTES: cap of all responses together */
    uint32_t max_connections;
    uint32_t max_connections_per_address;
    /* MAYFLY_HEADER_TIMEOUT_MS: longest time to send head and body of a request */
    uint32_t header_timeout_ms;
    /* MAYFLY_WRITE_TIMEOUT_MS: a client must keep reading its response */
    uint32_t write_timeout_ms;
    /* MAYFLY_LINGER_MS: at stop, answer 503 for at least this long; at most drain_ms */
    uint32_t linger_ms;
    /* stored executions (front) */
    uint32_t executions_max;
    /* MAYFLY_EXECUTIONS_BYTES: cap of all finished executions together */
    uint64_t executions_bytes;
    uint32_t executions_keep_ms; /* MAYFLY_EXECUTIONS_KEEP_MS: counted from an execution's end */
    /* between front and broker */
    char wire_socket[100]; /* MAYFLY_WIRE_SOCKET: used by the roles front and broker */
    /* the engine (broker) */
    char engine_socket[100]; /* DOCKER_HOST without its scheme */
    char oci_runtime[64];    /* MAYFLY_OCI_RUNTIME: becomes HostConfig.Runtime */
    /* MAYFLY_SECCOMP: path of a profile to use instead of ours; "": ours */
    char seccomp[256];
    /* MAYFLY_PROFILE_FOLDER: where to put our profile; "": next to the engine's socket */
    char profile_folder[256];
    uint32_t canary_s;          /* MAYFLY_CANARY_S: interval of the self-test */
    uint32_t engine_timeout_ms; /* MAYFLY_ENGINE_TIMEOUT_MS; start and removal: three times this */
    uint32_t uid_base;          /* MAYFLY_UID_BASE: the first user id of the boxes */
    uint32_t uid_blocks;        /* MAYFLY_UID_BLOCKS: blocks of CONFIG_UID_BLOCK_SIZE ids */
    /* the pool (broker) */
    size_t runtimes_count;                               /* MAYFLY_RUNTIMES: comma-separated */
    struct config_runtime runtimes[CONFIG_RUNTIMES_MAX]; /* the first is the default */
    uint32_t warm;
    uint32_t max_boxes;
    uint32_t parallel_starts;
    uint32_t max_waiting;
    /* MAYFLY_MAX_WAITING_BYTES: cap of the frames of all waiting runs together */
    uint64_t max_waiting_bytes;
    uint32_t queue_timeout_ms;
    uint32_t box_age_ms; /* MAYFLY_BOX_AGE_MS: a READY box older than this is replaced */
    uint32_t box_runs;   /* MAYFLY_BOX_RUNS: most runs that one box serves, all of one owner */
    /* MAYFLY_BOX_IDLE_MS: how long a used box waits for its owner's next run */
    uint32_t box_idle_ms;
    /* MAYFLY_SESSIONS (the effective limit is config_sessions_most) and MAYFLY_SESSIONS_PER_KEY */
    uint32_t sessions_max, sessions_per_key;
    uint32_t session_idle_ms, session_ms; /* MAYFLY_SESSION_IDLE_MS, MAYFLY_SESSION_MS: defaults */
    uint32_t max_session_ms;              /* MAYFLY_MAX_SESSION_MS: limits both */
    uint32_t drain_ms;                    /* MAYFLY_DRAIN_MS: at stop, how long to wait for runs */
    /* the run */
    uint32_t default_timeout_ms;
    uint32_t max_timeout_ms;
    uint32_t max_total_timeout_ms; /* limit for all tests of a submission together */
    uint32_t parallel_tests;       /* most tests of one submission at a time */
    struct limits default_limits;  /* MAYFLY_MEMORY_BYTES, MAYFLY_CPUS, MAYFLY_PIDS */
    struct limits max_limits;      /* MAYFLY_MAX_MEMORY_BYTES, MAYFLY_MAX_CPUS, MAYFLY_MAX_PIDS */
    uint64_t default_output_bytes; /* MAYFLY_OUTPUT_BYTES: limits each stream */
    uint64_t max_output_bytes;
    uint64_t tmpfs_bytes;     /* MAYFLY_TMPFS_BYTES: size of /box, and of /tmp */
    uint64_t max_files_bytes; /* MAYFLY_MAX_FILES_BYTES: cap of the input files of a run */
    /* MAYFLY_OUTPUT_FILES_BYTES: cap of all output files of a run together */
    uint64_t output_files_bytes;
    uint64_t output_file_bytes; /* MAYFLY_OUTPUT_FILE_BYTES: cap of each output file */
    uint64_t displays_bytes;    /* MAYFLY_DISPLAYS_BYTES: cap of all displays of a run together */
    /* logs */
    enum log_format log_format; /* MAYFLY_LOG */
    enum log_level log_level;
};

/* Which clients are admitted. */
enum config_auth {
    CONFIG_AUTH_AUTO, /* clients with a key; without a keys file, clients on this machine */
    CONFIG_AUTH_NONE, /* every client that reaches the port */
};

#define CONFIG_MIN_TIMEOUT_MS 100
#define CONFIG_MIN_SESSION_MS 1000
#define CONFIG_MIN_CPU_TIME_MS 100
#define CONFIG_MIN_MEMORY_BYTES ((uint64_t)32 << 20)
#define CONFIG_MIN_CPU_MILLIS 50
#define CONFIG_MIN_PIDS 8
#define CONFIG_MIN_OUTPUT_BYTES 1
#define CONFIG_UID_BLOCK_SIZE 1024
#define CONFIG_SOURCE_MAX_BYTES ((size_t)1 << 20)

/* Called once for each bad value. Borrows `why` for the call. */
typedef void config_complaint(void *arg, const struct error *why);

/* Fill *config from the environment. An empty variable counts as unset. For each bad value,
 * calls complain with ERR_INVALID and a sentence that names the variable, its value and the
 * range. Then it returns false, and *config is untouched. An unknown MAYFLY_* name is only
 * logged as a warning. */
bool config_read(struct config *config, config_complaint *complain, void *arg);
/* Like config_read, but returns the first complaint in *err. */
bool config_load(struct config *config, struct error *err);

/* Returns the largest CPU time limit that a run may ask for: the maximal CPUs times the maximal
 * timeout. */
uint32_t config_max_cpu_time_ms(const struct config *config);

/* Returns the largest number of sessions at a time. It leaves at least a quarter of the boxes,
 * rounded up, for runs outside of sessions. */
uint32_t config_sessions_most(const struct config *config);

/* Returns the index of the runtime with this name, or -1. */
int config_runtime_index(const struct config *config, struct bytes name);

/* Print each setting as NAME=default, with its help and range on the next line. */
void config_print_help(FILE *out);
/* Print each setting as "NAME=default (range)". Uses two columns if they fit into `width`
 * characters, else one. Width 0 means unlimited. */
void config_print_brief(FILE *out, size_t width);
/* Print the table as an environment file in which every setting is commented out at its default.
 * The output is the same on every machine: a default that depends on the machine is left empty. */
void config_print_example(FILE *out);
/* Print the effective settings, one NAME=value on each line, in the form that config_load reads. */
void config_print(const struct config *config, FILE *out);

#endif
