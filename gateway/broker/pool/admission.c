#include "broker/pool/admission.h"

static bool is_within(const struct job *job, const struct config *config)
{
    /* A run of a session without a cell may fetch a file of this size. */
    bool is_fetch = job->session_ms && !job->is_cell;
    return job->limits.memory_bytes <= config->max_limits.memory_bytes &&
           job->limits.cpu_millis <= config->max_limits.cpu_millis &&
           job->limits.pids <= config->max_limits.pids &&
           job->timeout_ms <= config->max_timeout_ms &&
           job->output_bytes <= config->max_output_bytes &&
           job->files_bytes <= config->output_files_bytes &&
           job->file_bytes <= (is_fetch ? config->output_files_bytes : config->output_file_bytes) &&
           job->displays_bytes <= config->displays_bytes;
}

/* Returns true if the sandbox is trusted and boxes can be started. With served_at_once no new box
 * is needed, so only trust counts. */
static bool is_serving(const struct admission *admission, bool served_at_once, struct error *err)
{
    const struct error *trouble = stock_trouble(admission->stock);
    if (admission->distrust.kind != ERR_NONE)
        return error_set(err, ERR_ENGINE, "%s", admission->distrust.text);
    if (!served_at_once && trouble)
        return error_set(err, ERR_ENGINE, "%s", trouble->text);
    return true;
}

static bool give_way(struct admission *admission, enum room_kind kind, const char *owner,
                     uint64_t wanted)
{
    struct run *run = queue_find_giver(admission->queue, kind, owner, wanted);
    if (!run)
        return false;
    struct error why;
    error_set(&why, ERR_BUSY,
              "the queue is full, and this run's key holds more of it than any other");
    admission->events->on_run_ousted(admission->arg, run, &why);
    return true;
}

/* Make room for one more run of this owner, with `bytes` bytes, by refusing runs of others. */
static bool make_room(struct admission *admission, const char *owner, size_t bytes,
                      bool needs_place, struct error *err)
{
    const struct config *config = admission->config;
    while (queue_bytes(admission->queue) + bytes > config->max_waiting_bytes) {
        if (!give_way(admission, ROOM_BYTES, owner, bytes))
            return error_set(err, ERR_BUSY, "the queue is full: runs with %llu bytes are waiting",
                             (unsigned long long)queue_bytes(admission->queue));
    }
    if (needs_place && admission->queue->count >= config->max_waiting &&
        !give_way(admission, ROOM_RUNS, owner, 1))
        return error_set(err, ERR_BUSY, "the queue is full: %u runs are waiting",
                         (unsigned)admission->queue->count);
    return true;
}

static bool free_shelf(struct admission *admission, const char *owner)
{
    struct error why;
    struct shelf *shelf = queue_find_spare_shelf(admission->queue, owner);
    if (!shelf)
        return false;
    error_set(&why, ERR_BUSY, "too many different sets of limits are in use at once");
    admission->events->on_shelf_ousted(admission->arg, shelf, &why);
    return true;
}

/* Returns true if a READY box is left for one more run. */
static bool has_box(const struct shelf *shelf, const struct job *job)
{
    struct tenant tenant = {.owner = job->owner, .scope = job->box_scope};
    return shelf->ready.count > shelf->waiting.count ||
           (shelf->waiting.count == 0 && keeper_find(shelf, tenant, job->box_runs));
}

/* Making room comes last, because other owners may lose runs by it. */
static struct shelf *find_place(struct admission *admission, size_t runtime, const struct job *job,
                                size_t bytes, struct error *err)
{
    struct shelf *shelf = shelves_find(admission->shelves, runtime, &job->limits);
    bool served_at_once = shelf && has_box(shelf, job);
    if (!is_serving(admission, served_at_once, err))
        return NULL;
    if (!shelf && free_shelf(admission, job->owner))
        shelf = shelves_find(admission->shelves, runtime, &job->limits);
    if (!shelf)
        error_set(err, ERR_BUSY, "too many different limits are in use at once");
    else if (!make_room(admission, job->owner, bytes, !served_at_once, err))
        shelf = NULL;
    return shelf;
}

/* The front has checked all this, but it is not trusted, and its settings may differ. */
struct shelf *admission_find_shelf(struct admission *admission, const struct job *job, size_t bytes,
                                   bool is_canary, struct error *err)
{
    const struct config *config = admission->config;
    struct shelf *shelf = NULL;
    int runtime = config_runtime_index(config, bytes_of_string(job->runtime));
    if (admission->draining)
        error_set(err, ERR_DRAINING, "the gateway is stopping");
    else if (runtime < 0)
        error_set(err, ERR_INVALID, "there is no runtime \"%s\"", job->runtime);
    else if (!is_within(job, config))
        error_set(err, ERR_INVALID, "a limit is above the configured maximum");
    else if (!engine_is_up(admission->engine))
        error_set(err, ERR_ENGINE, "%s", engine_trouble(admission->engine));
    else if (!is_canary)
        shelf = find_place(admission, (size_t)runtime, job, bytes, err);
    else if (!(shelf = shelves_find(admission->shelves, (size_t)runtime, &job->limits)))
        error_set(err, ERR_SYSTEM, "the gateway is out of memory");
    return shelf;
}

bool admission_of_lease(struct admission *admission, const struct job *job, size_t bytes,
                        struct error *err)
{
    if (admission->draining)
        return error_set(err, ERR_DRAINING, "the gateway is stopping");
    if (!is_within(job, admission->config))
        return error_set(err, ERR_INVALID, "a limit is above the configured maximum");
    if (!engine_is_up(admission->engine))
        return error_set(err, ERR_ENGINE, "%s", engine_trouble(admission->engine));
    return is_serving(admission, true, err) && make_room(admission, job->owner, bytes, false, err);
}

/* ---- trust ---- */

void admission_await_test(struct admission *admission)
{
    error_set(&admission->distrust, ERR_ENGINE, "the sandbox's self-test has not passed yet");
}

void admission_trust(struct admission *admission)
{
    admission->distrust.kind = ERR_NONE;
}

void admission_distrust(struct admission *admission, const struct error *why)
{
    admission->distrust = *why;
}

const char *admission_trouble(const struct admission *admission)
{
    const struct error *trouble = stock_trouble(admission->stock);
    if (admission->draining)
        return "the gateway is stopping";
    if (!engine_is_up(admission->engine))
        return engine_trouble(admission->engine);
    if (trouble)
        return trouble->text;
    return admission->distrust.kind == ERR_NONE ? "" : admission->distrust.text;
}
