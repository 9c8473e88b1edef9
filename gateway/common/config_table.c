/* config_table.c - the table of settings: the only place that defines names, defaults and
 * ranges. */
#include "common/config_table.h"

#include <sched.h>
#include <stddef.h>

#include "common/artifact.h"
#include "common/machine.h"

#define FIELD(member) offsetof(struct config, member), sizeof(((struct config *)0)->member)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define HOUR_MS 3600000
#define DAY_MS (24 * HOUR_MS)
#define DRAIN_MARGIN_MS 5000
/* A request's body becomes one RUN frame, where each value has a small header: leave space for
 * them. */
#define BODY_MOST_BYTES (WIRE_PAYLOAD_MAX_BYTES - 2 * MIB)

static uint64_t cores(const struct config *config)
{
    (void)config;
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    return (uint64_t)CPU_COUNT(&set);
}

static uint64_t parallel_tests(const struct config *config)
{
    uint64_t count = cores(config);
    return count < 4 ? count : 4;
}

static uint64_t cores_millis(const struct config *config)
{
    return cores(config) * 1000;
}

/* A burst of this many requests finds a ready box each; on a large machine, twice the number of
 * cores. */
#define WARM_BURST 16
/* Waiting boxes may use an eighth of the memory. One box takes about 17 MiB, for its interpreter,
 * its shim, and the engine's and kernel's bookkeeping (deploy/docs/memory.md). */
#define WARM_MEMORY_SHARE 8
#define WARM_BOX_BYTES (24 * MIB)

uint64_t config_warm_that_fits(uint64_t cores_count, uint64_t memory_bytes, uint64_t runtimes_count)
{
    uint64_t burst = 2 * cores_count < WARM_BURST ? WARM_BURST : 2 * cores_count;
    uint64_t share = memory_bytes / WARM_MEMORY_SHARE / (runtimes_count ? runtimes_count : 1);
    uint64_t fits = share / WARM_BOX_BYTES;
    return fits < 1 ? 1 : fits < burst ? fits : burst;
}

static uint64_t warm(const struct config *config)
{
    uint64_t count = 0;
    for (size_t i = 0; i < config->runtimes_count; i++)
        count += config->runtimes[i].warm == RUNTIME_WARM_UNSET;
    return config_warm_that_fits(cores(config), machine_memory_bytes(""), count);
}

static uint64_t max_boxes(const struct config *config)
{
    uint64_t sum = 4 * cores(config) + config_warm_total(config);
    return sum < 16 ? 16 : sum;
}

/* Returns a quarter of the boxes; one where there is a second box for runs. */
static uint64_t sessions(const struct config *config)
{
    uint32_t quarter = config->max_boxes / 4;
    return quarter > 0 ? quarter : config->max_boxes > 1;
}

static uint64_t sessions_per_key(const struct config *config)
{
    return config->sessions_max;
}

static uint64_t drain_ms(const struct config *config)
{
    return config->max_timeout_ms + DRAIN_MARGIN_MS;
}

static uint64_t files_bytes(const struct config *config)
{
    return config->max_body_bytes < config->tmpfs_bytes ? config->max_body_bytes
                                                        : config->tmpfs_bytes;
}

uint64_t config_warm_total(const struct config *config)
{
    uint64_t total = 0;
    for (size_t i = 0; i < config->runtimes_count; i++) {
        uint32_t own = config->runtimes[i].warm;
        total += own == RUNTIME_WARM_UNSET ? config->warm : own;
    }
    return total;
}

const struct setting config_settings[] = {
    {"MAYFLY_LISTEN", SETTING_ADDRESS, FIELD(listen), "127.0.0.1:8000",
     .help = "where the HTTP server listens"},
    {"MAYFLY_METRICS_LISTEN", SETTING_ADDRESS, FIELD(metrics_listen), "",
     .help =
         "separate address for /metrics, which is then served only there; empty: at MAYFLY_LISTEN"},
    {"MAYFLY_USER", SETTING_TEXT, FIELD(user), "nobody",
     .help = "user that the front becomes when it is started as root"},
    {"MAYFLY_KEYS_FILE", SETTING_TEXT, FIELD(keys_file), "",
     .help = "file with the API keys (see mayfly key); read again at SIGHUP"},
    {"MAYFLY_AUTH", SETTING_CHOICE, FIELD(auth), "auto",
     .choices = {[CONFIG_AUTH_AUTO] = "auto", [CONFIG_AUTH_NONE] = "none"},
     .help = "auto: without a keys file, listen on loopback only; none: anybody who reaches the "
             "port may run code"},
    {"MAYFLY_HOSTS", SETTING_HOSTS, FIELD(hosts), "",
     .help = "host names of this gateway, besides localhost and IP addresses; without keys, "
             "requests for other names are refused"},
    {"MAYFLY_CORS_ORIGINS", SETTING_ORIGINS, FIELD(cors_origins), "",
     .help = "origins whose web pages may call the gateway and read its answers"},
    {"MAYFLY_MAX_BODY_BYTES", SETTING_BYTES, FIELD(max_body_bytes), "8MiB", .least = 1024,
     .most = BODY_MOST_BYTES, .not_above = "MAYFLY_MAX_PENDING_BYTES",
     .help = "largest body of a request"},
    {"MAYFLY_MAX_PENDING_BYTES", SETTING_BYTES, FIELD(max_pending_bytes), "256MiB", .least = 1024,
     .most = 1024 * GIB,
     .help = "memory for request bodies until they have been read; when full, the key that uses "
             "the most of it loses its newest request first"},
    {"MAYFLY_MAX_UNREAD_BYTES", SETTING_BYTES, FIELD(max_unread_bytes), "256MiB", .least = MIB,
     .most = 1024 * GIB,
     .help = "memory for output that clients have not read yet; when full, slow readers are cut "
             "off first, and then output is cut"},
    {"MAYFLY_MAX_CONNECTIONS", SETTING_COUNT, FIELD(max_connections), "10240", .least = 1,
     .most = 1000000, .help = "maximum number of clients connected at a time"},
    {"MAYFLY_MAX_CONNECTIONS_PER_ADDRESS", SETTING_COUNT, FIELD(max_connections_per_address),
     "10240", .least = 1, .most = 1000000,
     .help = "maximum number of clients connected at a time from one address"},
    {"MAYFLY_HEADER_TIMEOUT_MS", SETTING_COUNT, FIELD(header_timeout_ms), "10000", .least = 100,
     .most = HOUR_MS, .help = "longest time for a client to send a request, head and body"},
    {"MAYFLY_WRITE_TIMEOUT_MS", SETTING_COUNT, FIELD(write_timeout_ms), "30000", .least = 100,
     .most = HOUR_MS,
     .help = "longest time for a client to read its answer, plus a second for each 256 KiB"},
    {"MAYFLY_LINGER_MS", SETTING_COUNT, FIELD(linger_ms), "0", .least = 0, .most = HOUR_MS,
     .help = "when stopping, answer 503 for at least this long, so that a proxy notices and sends "
             "no more requests"},
    {"MAYFLY_EXECUTIONS_MAX", SETTING_COUNT, FIELD(executions_max), "10000", .least = 1,
     .most = 1000000, .help = "executions kept for later retrieval, running ones included"},
    {"MAYFLY_EXECUTIONS_BYTES", SETTING_BYTES, FIELD(executions_bytes), "256MiB", .least = 1024,
     .most = 1024 * GIB,
     .help = "memory for finished executions; when full, the key that uses the most of it loses "
             "its oldest execution first"},
    {"MAYFLY_EXECUTIONS_KEEP_MS", SETTING_COUNT, FIELD(executions_keep_ms), "600000", .least = 1,
     .most = DAY_MS, .help = "how long a finished execution is kept"},
    {"MAYFLY_WIRE_SOCKET", SETTING_TEXT, FIELD(wire_socket), "/run/mayfly/wire.sock",
     .help = "socket between front and broker when they are started separately"},
    {"DOCKER_HOST", SETTING_SOCKET, FIELD(engine_socket), "unix:///var/run/docker.sock",
     .help = "the engine's socket"},
    {"MAYFLY_OCI_RUNTIME", SETTING_TEXT, FIELD(oci_runtime), "",
     .help = "OCI runtime of the boxes (crun, runsc and others), as the engine names it; empty: "
             "the engine's default"},
    {"MAYFLY_SECCOMP", SETTING_TEXT, FIELD(seccomp), "",
     .help = "file with a seccomp profile (JSON) for boxes, instead of the built-in one; the "
             "self-test then does not check system calls"},
    {"MAYFLY_PROFILE_FOLDER", SETTING_TEXT, FIELD(profile_folder), "",
     .help = "folder for the seccomp profile, for an engine that reads it as a file from its host "
             "(Podman); empty: the folder of the engine's socket"},
    {"MAYFLY_CANARY_S", SETTING_COUNT, FIELD(canary_s), "3600", .least = 1, .most = DAY_MS / 1000,
     .help = "seconds between self-tests of the sandbox while they pass"},
    {"MAYFLY_ENGINE_TIMEOUT_MS", SETTING_COUNT, FIELD(engine_timeout_ms), "10000", .least = 100,
     .most = HOUR_MS / 4,
     .help = "longest time for a call to the engine; start and remove may take three times as "
             "long; raise it on a slow machine"},
    {"MAYFLY_UID_BASE", SETTING_COUNT, FIELD(uid_base), "200000", .least = 1000, .most = 2000000000,
     .help = "lowest user id for boxes; each box runs under an id of its own, from a block that "
             "belongs to this gateway"},
    {"MAYFLY_UID_BLOCKS", SETTING_COUNT, FIELD(uid_blocks), "4096", .least = 1, .most = 4096,
     .help = "number of blocks of 1024 user ids; a gateway takes one block at random; set it to 1 "
             "if user ids are scarce and no other gateway uses the engine"},
    {"MAYFLY_RUNTIMES", SETTING_RUNTIMES, FIELD(runtimes), "python=mayfly-python:latest",
     .help = "runtimes and their images; the first is the default; an optional third part is the "
             "number of ready boxes"},
    {"MAYFLY_WARM", SETTING_COUNT, FIELD(warm), .computed = warm, .least = 0, .most = 1000,
     .help =
         "ready boxes kept for each runtime; default: as many as fit into an eighth of the memory "
         "at 24 MiB each, but at most 16, or twice the number of cores if that is more"},
    {"MAYFLY_MAX_BOXES", SETTING_COUNT, FIELD(max_boxes), .computed = max_boxes, .least = 1,
     .most = CONFIG_UID_BLOCK_SIZE,
     .help = "maximum number of boxes at a time; default: 4 times the cores plus the warm boxes, "
             "at least 16"},
    {"MAYFLY_PARALLEL_STARTS", SETTING_COUNT, FIELD(parallel_starts), .computed = cores, .least = 1,
     .most = 256,
     .help =
         "maximum number of boxes that the engine starts at a time; default: the number of cores"},
    {"MAYFLY_MAX_WAITING", SETTING_COUNT, FIELD(max_waiting), "1000", .least = 0, .most = 100000,
     .help = "maximum number of runs that may wait for a box; when full, the key with the most "
             "waiting runs loses its newest one first"},
    {"MAYFLY_MAX_WAITING_BYTES", SETTING_BYTES, FIELD(max_waiting_bytes), "64MiB",
     .least = WIRE_PAYLOAD_MAX_BYTES, .most = 1024 * GIB,
     .help = "memory for the code, input and files of waiting runs; when full, the key that uses "
             "the most of it loses its newest run first"},
    {"MAYFLY_QUEUE_TIMEOUT_MS", SETTING_COUNT, FIELD(queue_timeout_ms), "30000", .least = 1,
     .most = HOUR_MS, .help = "longest time that a run waits for a box"},
    {"MAYFLY_BOX_AGE_MS", SETTING_COUNT, FIELD(box_age_ms), "600000", .least = 1000, .most = DAY_MS,
     .help = "age at which a ready box is replaced; an older one serves no further run"},
    {"MAYFLY_BOX_RUNS", SETTING_COUNT, FIELD(box_runs), "1", .least = 1, .most = JOB_BOX_RUNS_MAX,
     .help = "maximum number of runs that a box serves, one after the other and all of one key; 1: "
             "each run gets a fresh container"},
    {"MAYFLY_BOX_IDLE_MS", SETTING_COUNT, FIELD(box_idle_ms), "60000", .least = 1, .most = DAY_MS,
     .help = "how long a box that has served a run waits for the next one of its key"},
    {"MAYFLY_SESSIONS", SETTING_COUNT, FIELD(sessions_max), .computed = sessions, .least = 0,
     .most = CONFIG_UID_BLOCK_SIZE,
     .help = "maximum number of sessions at a time, each with a box; a quarter of MAYFLY_MAX_BOXES "
             "is left for runs, whatever this says; default: a quarter of MAYFLY_MAX_BOXES"},
    {"MAYFLY_SESSIONS_PER_KEY", SETTING_COUNT, FIELD(sessions_per_key),
     .computed = sessions_per_key, .least = 0, .most = CONFIG_UID_BLOCK_SIZE,
     .help = "maximum number of sessions of a key at a time; default: MAYFLY_SESSIONS"},
    {"MAYFLY_SESSION_IDLE_MS", SETTING_COUNT, FIELD(session_idle_ms), "600000", .least = 1000,
     .most = DAY_MS, .not_above = "MAYFLY_MAX_SESSION_MS",
     .help = "default idle time of a session, which ends when no run has come for this long"},
    {"MAYFLY_SESSION_MS", SETTING_COUNT, FIELD(session_ms), "3600000", .least = 1000,
     .most = DAY_MS, .not_above = "MAYFLY_MAX_SESSION_MS",
     .help = "default longest life of a session"},
    {"MAYFLY_MAX_SESSION_MS", SETTING_COUNT, FIELD(max_session_ms), "86400000", .least = 1000,
     .most = DAY_MS, .help = "longest life and idle time that a session may request"},
    {"MAYFLY_TIMEOUT_MS", SETTING_COUNT, FIELD(default_timeout_ms), "5000",
     .least = CONFIG_MIN_TIMEOUT_MS, .most = HOUR_MS, .not_above = "MAYFLY_MAX_TIMEOUT_MS",
     .help = "timeout (wall clock) of a run that sets none"},
    {"MAYFLY_MAX_TIMEOUT_MS", SETTING_COUNT, FIELD(max_timeout_ms), "30000",
     .least = CONFIG_MIN_TIMEOUT_MS, .most = HOUR_MS,
     .help = "longest timeout that a run may request"},
    {"MAYFLY_MAX_TOTAL_TIMEOUT_MS", SETTING_COUNT, FIELD(max_total_timeout_ms), "300000",
     .least = CONFIG_MIN_TIMEOUT_MS, .most = HOUR_MS,
     .help = "longest time for all tests of a request together"},
    {"MAYFLY_PARALLEL_TESTS", SETTING_COUNT, FIELD(parallel_tests), .computed = parallel_tests,
     .least = 1, .most = 8,
     .help = "maximum number of tests of a request that run at a time; default: the number of "
             "cores, at "
             "most 4"},
    {"MAYFLY_DRAIN_MS", SETTING_COUNT, FIELD(drain_ms), .computed = drain_ms, .least = 0,
     .most = 2 * HOUR_MS,
     .help = "when stopping, longest wait for runs to end; if unset or 0: MAYFLY_MAX_TIMEOUT_MS "
             "plus 5 seconds"},
    {"MAYFLY_MEMORY_BYTES", SETTING_BYTES, FIELD(default_limits.memory_bytes), "256MiB",
     .least = CONFIG_MIN_MEMORY_BYTES, .most = 1024 * GIB, .not_above = "MAYFLY_MAX_MEMORY_BYTES",
     .help = "memory of a box; there is no swap"},
    {"MAYFLY_MAX_MEMORY_BYTES", SETTING_BYTES, FIELD(max_limits.memory_bytes), "1GiB",
     .least = CONFIG_MIN_MEMORY_BYTES, .most = 1024 * GIB,
     .help = "maximum memory that a run may request"},
    {"MAYFLY_CPUS", SETTING_CPUS, FIELD(default_limits.cpu_millis), "1",
     .least = CONFIG_MIN_CPU_MILLIS, .most = 1024000, .not_above = "MAYFLY_MAX_CPUS",
     .help = "CPUs of a box, to three decimals"},
    {"MAYFLY_MAX_CPUS", SETTING_CPUS, FIELD(max_limits.cpu_millis), .computed = cores_millis,
     .least = CONFIG_MIN_CPU_MILLIS, .most = 1024000,
     .help = "maximum number of CPUs that a run may request; default: the number of cores"},
    {"MAYFLY_PIDS", SETTING_COUNT, FIELD(default_limits.pids), "64", .least = CONFIG_MIN_PIDS,
     .most = 32768, .not_above = "MAYFLY_MAX_PIDS",
     .help = "maximum number of processes and threads in a box"},
    {"MAYFLY_MAX_PIDS", SETTING_COUNT, FIELD(max_limits.pids), "256", .least = CONFIG_MIN_PIDS,
     .most = 32768, .help = "maximum number of processes and threads that a run may request"},
    {"MAYFLY_OUTPUT_BYTES", SETTING_BYTES, FIELD(default_output_bytes), "1MiB",
     .least = CONFIG_MIN_OUTPUT_BYTES, .most = 64 * MIB, .not_above = "MAYFLY_MAX_OUTPUT_BYTES",
     .help = "bytes kept of stdout and of stderr, each"},
    {"MAYFLY_MAX_OUTPUT_BYTES", SETTING_BYTES, FIELD(max_output_bytes), "8MiB",
     .least = CONFIG_MIN_OUTPUT_BYTES, .most = 64 * MIB,
     .help = "highest `limits.output_bytes` that a run may request"},
    {"MAYFLY_TMPFS_BYTES", SETTING_BYTES, FIELD(tmpfs_bytes), "64MiB", .least = MIB,
     .most = 64 * GIB,
     .help = "size of /box and of /tmp, each; their content counts towards the box's memory"},
    {"MAYFLY_MAX_FILES_BYTES", SETTING_BYTES, FIELD(max_files_bytes), .computed = files_bytes,
     .least = 0, .most = BODY_MOST_BYTES, .not_above = "MAYFLY_TMPFS_BYTES",
     .help = "total size of a request's input files; default: MAYFLY_MAX_BODY_BYTES or, if "
             "smaller, MAYFLY_TMPFS_BYTES"},
    {"MAYFLY_OUTPUT_FILES_BYTES", SETTING_BYTES, FIELD(output_files_bytes), "8MiB", .least = 1,
     .most = 64 * MIB, .help = "bytes kept of all output files of a run"},
    {"MAYFLY_OUTPUT_FILE_BYTES", SETTING_BYTES, FIELD(output_file_bytes), "4MiB", .least = 1,
     .most = ARTIFACT_CONTENT_MAX_BYTES, .not_above = "MAYFLY_OUTPUT_FILES_BYTES",
     .help = "bytes kept of each output file"},
    {"MAYFLY_DISPLAYS_BYTES", SETTING_BYTES, FIELD(displays_bytes), "8MiB", .least = 0,
     .most = ARTIFACT_CONTENT_MAX_BYTES,
     .help = "bytes kept of all plots, tables and other displays of a run; 0: no displays"},
    {"MAYFLY_LOG", SETTING_CHOICE, FIELD(log_format), "auto",
     .choices =
         {[LOG_FORMAT_AUTO] = "auto", [LOG_FORMAT_JSON] = "json", [LOG_FORMAT_TEXT] = "text"},
     .help = "format of the log; auto: text on a terminal, JSON elsewhere"},
    {"MAYFLY_LOG_LEVEL", SETTING_CHOICE, FIELD(log_level), "info",
     .choices = {[LOG_DEBUG] = "debug",
                 [LOG_INFO] = "info",
                 [LOG_WARNING] = "warning",
                 [LOG_ERROR] = "error"},
     .help = "lowest level that is logged"},
};

const size_t config_settings_count = sizeof config_settings / sizeof config_settings[0];
