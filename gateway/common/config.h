/* config.h - every setting: one table gives names, defaults, ranges and help.
 *
 * Read once at start from the environment; immutable afterwards. Policy numbers live here and
 * nowhere else.
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
    uint32_t warm; /* READY boxes kept for default limits: name=image=warm, else MAYFLY_WARM */
};

struct config {
    /* the door (front) */
    char listen[128];         /* MAYFLY_LISTEN "127.0.0.1:8000" */
    char metrics_listen[128]; /* MAYFLY_METRICS_LISTEN "": /metrics is served beside the rest */
    char user[64];           /* MAYFLY_USER "nobody": whom the front becomes when started as root */
    char keys_file[256];     /* MAYFLY_KEYS_FILE "": nobody is asked for a key */
    uint32_t auth;           /* MAYFLY_AUTH auto|none: enum config_auth */
    char hosts[1024];        /* MAYFLY_HOSTS "": more names that it is called by, comma separated */
    char cors_origins[1024]; /* MAYFLY_CORS_ORIGINS "": origins whose pages may call it, the same */
    uint64_t max_body_bytes; /* MAYFLY_MAX_BODY_BYTES 8 MiB */
    uint64_t max_pending_bytes; /* MAYFLY_MAX_PENDING_BYTES 256 MiB: of all requests together */
    uint64_t max_unread_bytes;  /* MAYFLY_MAX_UNREAD_BYTES 256 MiB: of all answers together */
    uint32_t max_connections;   /* MAYFLY_MAX_CONNECTIONS 10240 */
    uint32_t max_connections_per_address; /* MAYFLY_MAX_CONNECTIONS_PER_ADDRESS 10240 */
    uint32_t header_timeout_ms; /* MAYFLY_HEADER_TIMEOUT_MS 10000: for head and body of a request */
    uint32_t write_timeout_ms;  /* MAYFLY_WRITE_TIMEOUT_MS 30000: a reader must take its answer */
    uint32_t linger_ms; /* MAYFLY_LINGER_MS 0: at stop, refuse at least so long; drain_ms ends it */
    /* executions that are kept to be asked for (front) */
    uint32_t executions_max;     /* MAYFLY_EXECUTIONS_MAX 10000 */
    uint64_t executions_bytes;   /* MAYFLY_EXECUTIONS_BYTES 256 MiB: of those that are over */
    uint32_t executions_keep_ms; /* MAYFLY_EXECUTIONS_KEEP_MS 600000: from their end */
    /* between front and broker */
    char wire_socket[100]; /* MAYFLY_WIRE_SOCKET "/run/mayfly/wire.sock": roles front and broker */
    /* the engine (broker) */
    char engine_socket[100];  /* DOCKER_HOST "unix:///var/run/docker.sock", the scheme cut off */
    char oci_runtime[64];     /* MAYFLY_OCI_RUNTIME "": HostConfig.Runtime */
    char seccomp[256];        /* MAYFLY_SECCOMP "": path of a profile used in place of our own */
    char profile_folder[256]; /* MAYFLY_PROFILE_FOLDER "": that of the engine's socket */
    uint32_t canary_s;        /* MAYFLY_CANARY_S 3600: the self-test is repeated after this long */
    uint32_t engine_timeout_ms; /* MAYFLY_ENGINE_TIMEOUT_MS 10000; start and remove: three times */
    uint32_t uid_base;          /* MAYFLY_UID_BASE 200000: boxes have ids from here on */
    uint32_t uid_blocks;        /* MAYFLY_UID_BLOCKS 4096: of CONFIG_UID_BLOCK_SIZE ids each */
    /* the pool (broker) */
    size_t runtimes_count; /* MAYFLY_RUNTIMES "python=mayfly-python:latest": comma separated */
    struct config_runtime runtimes[CONFIG_RUNTIMES_MAX]; /* the first is the default */
    uint32_t warm;              /* MAYFLY_WARM: twice the cores, at least 4 */
    uint32_t max_boxes;         /* MAYFLY_MAX_BOXES: 4 times the cores plus warm, at least 16 */
    uint32_t parallel_starts;   /* MAYFLY_PARALLEL_STARTS: the cores */
    uint32_t max_waiting;       /* MAYFLY_MAX_WAITING 1000 */
    uint64_t max_waiting_bytes; /* MAYFLY_MAX_WAITING_BYTES 64 MiB: of their RUN frames */
    uint32_t queue_timeout_ms;  /* MAYFLY_QUEUE_TIMEOUT_MS 30000 */
    uint32_t box_age_ms;        /* MAYFLY_BOX_AGE_MS 600000: a READY box is retired at this age */
    uint32_t drain_ms;          /* MAYFLY_DRAIN_MS: wait for runs at stop; max_timeout_ms + 5 s */
    /* the run */
    uint32_t default_timeout_ms;   /* MAYFLY_TIMEOUT_MS 5000 */
    uint32_t max_timeout_ms;       /* MAYFLY_MAX_TIMEOUT_MS 30000 */
    struct limits default_limits;  /* MAYFLY_MEMORY_BYTES, MAYFLY_CPUS, MAYFLY_PIDS */
    struct limits max_limits;      /* the same with MAYFLY_MAX_ */
    uint64_t default_output_bytes; /* MAYFLY_OUTPUT_BYTES 1 MiB, of each stream */
    uint64_t max_output_bytes;     /* MAYFLY_MAX_OUTPUT_BYTES 8 MiB */
    uint64_t tmpfs_bytes;          /* MAYFLY_TMPFS_BYTES 64 MiB: /box and /tmp, each */
    uint64_t max_files_bytes;      /* MAYFLY_MAX_FILES_BYTES: what a body can hold, and a tmpfs */
    uint64_t output_files_bytes;   /* MAYFLY_OUTPUT_FILES_BYTES 8 MiB: of a run's output files */
    uint64_t output_file_bytes;    /* MAYFLY_OUTPUT_FILE_BYTES 4 MiB: of each of them */
    uint64_t displays_bytes;       /* MAYFLY_DISPLAYS_BYTES 8 MiB: of all displays of a run */
    /* logs */
    enum log_format log_format; /* MAYFLY_LOG auto|json|text */
    enum log_level log_level;   /* MAYFLY_LOG_LEVEL info */
};

/* The rule for callers. */
enum config_auth {
    CONFIG_AUTH_AUTO, /* whoever has a key; without a keys file, whoever is on this machine */
    CONFIG_AUTH_NONE, /* whoever reaches the port */
};

#define CONFIG_MIN_TIMEOUT_MS 100
#define CONFIG_MIN_CPU_TIME_MS 100
#define CONFIG_MIN_MEMORY_BYTES ((uint64_t)32 << 20)
#define CONFIG_MIN_CPU_MILLIS 50
#define CONFIG_MIN_PIDS 8
#define CONFIG_MIN_OUTPUT_BYTES 1
#define CONFIG_UID_BLOCK_SIZE 1024
#define CONFIG_SOURCE_MAX_BYTES ((size_t)1 << 20)

/* Told of each value that is wrong, one after the other; `why` is lent for the call. */
typedef void config_complaint(void *arg, const struct error *why);

/* Fill from the environment; an empty variable counts as unset. Each bad value is complained of,
 * ERR_INVALID and a sentence that names the variable, its value and the range; then false, and
 * *config is untouched. An unknown MAYFLY_* name is a warning event in the log, not a failure. */
bool config_read(struct config *config, config_complaint *complain, void *arg);
/* The same with the first complaint alone. */
bool config_load(struct config *config, struct error *err);

/* The most CPU time that a run may ask for: of all its CPUs, for its longest wall clock. */
uint32_t config_max_cpu_time_ms(const struct config *config);

/* The index of a configured runtime, -1 when there is none of that name. */
int config_runtime_index(const struct config *config, struct bytes name);

/* The table: NAME=default a line, and a line of help with the range below it. */
void config_print_help(FILE *out);
/* The same in brief, without the help: "NAME=default (range)", in two columns where they fit into
 * `width` characters, else in one. 0: any width will do. */
void config_print_brief(FILE *out, size_t width);
/* The same as a file of settings, each at its default and commented out: the same on each machine,
 * so that a default which depends on it stays empty. */
void config_print_example(FILE *out);
/* The effective values, NAME=value a line, as config_load would read them. */
void config_print(const struct config *config, FILE *out);

#endif
