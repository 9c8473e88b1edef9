/* config_table.c - the table of settings: the only place that defines names, defaults and
 * ranges. */
#include "common/config_table.h"

#include <sched.h>
#include <stddef.h>

#include "common/artifact.h"

#define FIELD(member) offsetof(struct config, member), sizeof(((struct config *)0)->member)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define HOUR_MS 3600000
#define DAY_MS (24 * HOUR_MS)
#define DRAIN_MARGIN_MS 5000
/* A body's content must fit one RUN frame, with space for a field's header for each value. */
#define BODY_MOST_BYTES (WIRE_PAYLOAD_MAX_BYTES - 2 * MIB)

static uint64_t cores(const struct config *config)
{
    (void)config;
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    return (uint64_t)CPU_COUNT(&set);
}

static uint64_t cores_millis(const struct config *config)
{
    return cores(config) * 1000;
}

static uint64_t warm(const struct config *config)
{
    uint64_t twice = 2 * cores(config);
    return twice < 4 ? 4 : twice;
}

static uint64_t max_boxes(const struct config *config)
{
    uint64_t sum = 4 * cores(config) + config_warm_total(config);
    return sum < 16 ? 16 : sum;
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
     .help = "where the HTTP door listens"},
    {"MAYFLY_METRICS_LISTEN", SETTING_ADDRESS, FIELD(metrics_listen), "",
     .help = "where /metrics is served, and there alone; empty: at MAYFLY_LISTEN"},
    {"MAYFLY_USER", SETTING_TEXT, FIELD(user), "nobody",
     .help = "whom the front becomes when it was started as root"},
    {"MAYFLY_KEYS_FILE", SETTING_TEXT, FIELD(keys_file), "",
     .help = "file with the keys of those who may call (see mayfly key); read again at SIGHUP"},
    {"MAYFLY_AUTH", SETTING_CHOICE, FIELD(auth), "auto",
     .choices = {[CONFIG_AUTH_AUTO] = "auto", [CONFIG_AUTH_NONE] = "none"},
     .help = "auto: without a keys file, listen on loopback only; none: let anybody call who "
             "reaches the port"},
    {"MAYFLY_HOSTS", SETTING_HOSTS, FIELD(hosts), "",
     .help =
         "names that clients call it by, besides localhost and addresses; without keys no other "
         "is answered"},
    {"MAYFLY_CORS_ORIGINS", SETTING_ORIGINS, FIELD(cors_origins), "",
     .help = "origins whose web pages may call it and read its answers"},
    {"MAYFLY_MAX_BODY_BYTES", SETTING_BYTES, FIELD(max_body_bytes), "8MiB", .least = 1024,
     .most = BODY_MOST_BYTES, .not_above = "MAYFLY_MAX_PENDING_BYTES",
     .help = "largest body of a request"},
    {"MAYFLY_MAX_PENDING_BYTES", SETTING_BYTES, FIELD(max_pending_bytes), "256MiB", .least = 1024,
     .most = 1024 * GIB,
     .help = "bodies held at a time, until they have been read; whoever holds the most makes room"},
    {"MAYFLY_MAX_UNREAD_BYTES", SETTING_BYTES, FIELD(max_unread_bytes), "256MiB", .least = MIB,
     .most = 1024 * GIB,
     .help = "what runs have said and clients have not read; beyond it slow readers are cut off, "
             "then output is"},
    {"MAYFLY_MAX_CONNECTIONS", SETTING_COUNT, FIELD(max_connections), "10240", .least = 1,
     .most = 1000000, .help = "clients connected at a time"},
    {"MAYFLY_MAX_CONNECTIONS_PER_ADDRESS", SETTING_COUNT, FIELD(max_connections_per_address),
     "10240", .least = 1, .most = 1000000, .help = "of these, from one address"},
    {"MAYFLY_HEADER_TIMEOUT_MS", SETTING_COUNT, FIELD(header_timeout_ms), "10000", .least = 100,
     .most = HOUR_MS, .help = "head and body of a request must have come within this"},
    {"MAYFLY_WRITE_TIMEOUT_MS", SETTING_COUNT, FIELD(write_timeout_ms), "30000", .least = 100,
     .most = HOUR_MS,
     .help = "a client must take its answer within this, and a second more for each 256 KiB"},
    {"MAYFLY_LINGER_MS", SETTING_COUNT, FIELD(linger_ms), "0", .least = 0, .most = HOUR_MS,
     .help = "at stop, answer 503 at least so long: a proxy sees it, and sends no more"},
    {"MAYFLY_EXECUTIONS_MAX", SETTING_COUNT, FIELD(executions_max), "10000", .least = 1,
     .most = 1000000, .help = "executions kept to be asked for, those that go on among them"},
    {"MAYFLY_EXECUTIONS_BYTES", SETTING_BYTES, FIELD(executions_bytes), "256MiB", .least = 1024,
     .most = 1024 * GIB,
     .help = "memory for those that are over; whoever holds the most makes room"},
    {"MAYFLY_EXECUTIONS_KEEP_MS", SETTING_COUNT, FIELD(executions_keep_ms), "600000", .least = 1,
     .most = DAY_MS, .help = "how long an execution is kept from its end on"},
    {"MAYFLY_WIRE_SOCKET", SETTING_TEXT, FIELD(wire_socket), "/run/mayfly/wire.sock",
     .help = "between the roles front and broker, where they run apart"},
    {"DOCKER_HOST", SETTING_SOCKET, FIELD(engine_socket), "unix:///var/run/docker.sock",
     .help = "the engine's socket"},
    {"MAYFLY_OCI_RUNTIME", SETTING_TEXT, FIELD(oci_runtime), "",
     .help =
         "the engine's runtime for boxes (crun, runsc and the like); empty: the engine's default"},
    {"MAYFLY_SECCOMP", SETTING_TEXT, FIELD(seccomp), "",
     .help = "file with a seccomp profile (JSON) for boxes, in place of the one that is built in; "
             "the self-test then does not look at system calls"},
    {"MAYFLY_PROFILE_FOLDER", SETTING_TEXT, FIELD(profile_folder), "",
     .help =
         "where the seccomp profile is put as a file, for an engine that reads it from its host "
         "(Podman); empty: the folder of the engine's socket"},
    {"MAYFLY_CANARY_S", SETTING_COUNT, FIELD(canary_s), "3600", .least = 1, .most = DAY_MS / 1000,
     .help = "seconds between self-tests of the sandbox while all is well"},
    {"MAYFLY_ENGINE_TIMEOUT_MS", SETTING_COUNT, FIELD(engine_timeout_ms), "10000", .least = 100,
     .most = HOUR_MS / 4,
     .help = "longest call of the engine; start and remove may take three times that; raise it on "
             "a slow machine"},
    {"MAYFLY_UID_BASE", SETTING_COUNT, FIELD(uid_base), "200000", .least = 1000, .most = 2000000000,
     .help = "each box runs as a user id of its own, in a block of this gateway's from here on"},
    {"MAYFLY_UID_BLOCKS", SETTING_COUNT, FIELD(uid_blocks), "4096", .least = 1, .most = 4096,
     .help =
         "blocks of 1024 ids to choose from at random; 1 where ids are few and no other gateway "
         "is on the engine"},
    {"MAYFLY_RUNTIMES", SETTING_RUNTIMES, FIELD(runtimes), "python=mayfly-python:latest",
     .help = "runtimes and their images, the first is the default; =warm: ready boxes of its own"},
    {"MAYFLY_WARM", SETTING_COUNT, FIELD(warm), .computed = warm, .least = 0, .most = 1000,
     .help = "ready boxes kept for each runtime; by default twice the cores, at least 4"},
    {"MAYFLY_MAX_BOXES", SETTING_COUNT, FIELD(max_boxes), .computed = max_boxes, .least = 1,
     .most = CONFIG_UID_BLOCK_SIZE,
     .help = "boxes at a time; by default 4 times the cores plus the warm ones, at least 16"},
    {"MAYFLY_PARALLEL_STARTS", SETTING_COUNT, FIELD(parallel_starts), .computed = cores, .least = 1,
     .most = 256, .help = "boxes that the engine starts at a time; by default the cores"},
    {"MAYFLY_MAX_WAITING", SETTING_COUNT, FIELD(max_waiting), "1000", .least = 0, .most = 100000,
     .help = "runs that may wait for a box; past it, whoever holds the most makes room"},
    {"MAYFLY_MAX_WAITING_BYTES", SETTING_BYTES, FIELD(max_waiting_bytes), "64MiB",
     .least = WIRE_PAYLOAD_MAX_BYTES, .most = 1024 * GIB,
     .help =
         "code, input and files of runs that wait for a box; whoever holds the most makes room"},
    {"MAYFLY_QUEUE_TIMEOUT_MS", SETTING_COUNT, FIELD(queue_timeout_ms), "30000", .least = 1,
     .most = HOUR_MS, .help = "longest wait for a box"},
    {"MAYFLY_BOX_AGE_MS", SETTING_COUNT, FIELD(box_age_ms), "600000", .least = 1000, .most = DAY_MS,
     .help = "a ready box is replaced at this age"},
    {"MAYFLY_TIMEOUT_MS", SETTING_COUNT, FIELD(default_timeout_ms), "5000",
     .least = CONFIG_MIN_TIMEOUT_MS, .most = HOUR_MS, .not_above = "MAYFLY_MAX_TIMEOUT_MS",
     .help = "wall clock of a run that asks for none"},
    {"MAYFLY_MAX_TIMEOUT_MS", SETTING_COUNT, FIELD(max_timeout_ms), "30000",
     .least = CONFIG_MIN_TIMEOUT_MS, .most = HOUR_MS, .help = "the longest that a run may ask for"},
    {"MAYFLY_DRAIN_MS", SETTING_COUNT, FIELD(drain_ms), .computed = drain_ms, .least = 0,
     .most = 2 * HOUR_MS,
     .help = "longest wait for runs at stop; by default, and for 0, the longest timeout plus 5 "
             "seconds"},
    {"MAYFLY_MEMORY_BYTES", SETTING_BYTES, FIELD(default_limits.memory_bytes), "256MiB",
     .least = CONFIG_MIN_MEMORY_BYTES, .most = 1024 * GIB, .not_above = "MAYFLY_MAX_MEMORY_BYTES",
     .help = "memory of a box; no swap beyond it"},
    {"MAYFLY_MAX_MEMORY_BYTES", SETTING_BYTES, FIELD(max_limits.memory_bytes), "1GiB",
     .least = CONFIG_MIN_MEMORY_BYTES, .most = 1024 * GIB,
     .help = "the most that a run may ask for"},
    {"MAYFLY_CPUS", SETTING_CPUS, FIELD(default_limits.cpu_millis), "1",
     .least = CONFIG_MIN_CPU_MILLIS, .most = 1024000, .not_above = "MAYFLY_MAX_CPUS",
     .help = "CPUs of a box, to three decimals"},
    {"MAYFLY_MAX_CPUS", SETTING_CPUS, FIELD(max_limits.cpu_millis), .computed = cores_millis,
     .least = CONFIG_MIN_CPU_MILLIS, .most = 1024000,
     .help = "the most that a run may ask for; by default the cores"},
    {"MAYFLY_PIDS", SETTING_COUNT, FIELD(default_limits.pids), "64", .least = CONFIG_MIN_PIDS,
     .most = 32768, .not_above = "MAYFLY_MAX_PIDS", .help = "processes and threads of a box"},
    {"MAYFLY_MAX_PIDS", SETTING_COUNT, FIELD(max_limits.pids), "256", .least = CONFIG_MIN_PIDS,
     .most = 32768, .help = "the most that a run may ask for"},
    {"MAYFLY_OUTPUT_BYTES", SETTING_BYTES, FIELD(default_output_bytes), "1MiB",
     .least = CONFIG_MIN_OUTPUT_BYTES, .most = 64 * MIB, .not_above = "MAYFLY_MAX_OUTPUT_BYTES",
     .help = "of stdout and of stderr, each, that is kept"},
    {"MAYFLY_MAX_OUTPUT_BYTES", SETTING_BYTES, FIELD(max_output_bytes), "8MiB",
     .least = CONFIG_MIN_OUTPUT_BYTES, .most = 64 * MIB, .help = "the most that a run may ask for"},
    {"MAYFLY_TMPFS_BYTES", SETTING_BYTES, FIELD(tmpfs_bytes), "64MiB", .least = MIB,
     .most = 64 * GIB, .help = "room in /box and in /tmp, each; it counts as the box's memory"},
    {"MAYFLY_MAX_FILES_BYTES", SETTING_BYTES, FIELD(max_files_bytes), .computed = files_bytes,
     .least = 0, .most = BODY_MOST_BYTES, .not_above = "MAYFLY_TMPFS_BYTES",
     .help = "of all files that a request lays out; by default what its body can hold"},
    {"MAYFLY_OUTPUT_FILES_BYTES", SETTING_BYTES, FIELD(output_files_bytes), "8MiB", .least = 1,
     .most = 64 * MIB, .help = "of all output files of a run that is kept"},
    {"MAYFLY_OUTPUT_FILE_BYTES", SETTING_BYTES, FIELD(output_file_bytes), "4MiB", .least = 1,
     .most = ARTIFACT_CONTENT_MAX_BYTES, .not_above = "MAYFLY_OUTPUT_FILES_BYTES",
     .help = "of each output file that is kept"},
    {"MAYFLY_DISPLAYS_BYTES", SETTING_BYTES, FIELD(displays_bytes), "8MiB", .least = 0,
     .most = ARTIFACT_CONTENT_MAX_BYTES,
     .help = "of all plots, tables and the like that a run shows; 0: none"},
    {"MAYFLY_LOG", SETTING_CHOICE, FIELD(log_format), "auto",
     .choices =
         {[LOG_FORMAT_AUTO] = "auto", [LOG_FORMAT_JSON] = "json", [LOG_FORMAT_TEXT] = "text"},
     .help = "form of the log; auto: text on a terminal, JSON elsewhere"},
    {"MAYFLY_LOG_LEVEL", SETTING_CHOICE, FIELD(log_level), "info",
     .choices = {[LOG_DEBUG] = "debug",
                 [LOG_INFO] = "info",
                 [LOG_WARNING] = "warning",
                 [LOG_ERROR] = "error"},
     .help = "the least that is logged"},
};

const size_t config_settings_count = sizeof config_settings / sizeof config_settings[0];
