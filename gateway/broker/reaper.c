#include "broker/reaper.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"

#define SWEEP_MS 30000
/* If a sweep saw suspects, the next one follows after this time. */
#define SWEEP_SOON_MS 3000
/* At the broker's end, time between two sweeps, as long as the sweeps find containers. */
#define SWEEP_AGAIN_MS 100
#define SUSPECTS_MAX 256
/* At most this many containers are remembered that did not exist at their removal. */
#define GONE_MAX 32
/* A live gateway starts a container within five call deadlines after creating it: one for create,
 * one for attach, three for start. Allow one more. */
#define UNSTARTED_CALLS 6

struct reaper {
    struct timers *timers;
    struct docker *docker;
    const struct pool *pool;
    const struct config *config;
    const char *instance;
    struct docker_call *call; /* the list or removal in progress */
    struct timer timer;
    /* Suspects of the last sweep. A container that is a suspect again is removed. */
    char suspects[SUSPECTS_MAX][DOCKER_ID_MAX + 1];
    size_t suspects_count;
    /* Containers to be removed, the last entry first. */
    char doomed[SUSPECTS_MAX][DOCKER_ID_MAX + 1];
    size_t doomed_count;
    /* Containers that did not exist when they were to be removed. The oldest entry is
     * overwritten. */
    struct gone {
        char id[DOCKER_ID_MAX + 1];
        bool is_logged; /* it was logged that the engine still lists it */
    } gone[GONE_MAX];
    size_t gone_next;
    uint64_t removed_count;
    void (*on_finished)(void *arg); /* NULL before reaper_finish */
    void *finished_arg;
    bool is_clean; /* the last sweep found nothing to remove, or failed */
};

static void remove_next(struct reaper *reaper);

static bool was_suspect(const struct reaper *reaper, const char *id)
{
    for (size_t i = 0; i < reaper->suspects_count; i++) {
        if (strcmp(reaper->suspects[i], id) == 0)
            return true;
    }
    return false;
}

/* ---- ghosts: containers that an engine still lists after removing them ---- */

static struct gone *find_gone(struct reaper *reaper, const char *id)
{
    for (size_t i = 0; i < GONE_MAX; i++) {
        if (strcmp(reaper->gone[i].id, id) == 0)
            return &reaper->gone[i];
    }
    return NULL;
}

static void remember_gone(struct reaper *reaper, const char *id)
{
    struct gone *gone = &reaper->gone[reaper->gone_next];
    reaper->gone_next = (reaper->gone_next + 1) % GONE_MAX;
    *gone = (struct gone){.is_logged = false};
    memcpy(gone->id, id, sizeof gone->id);
}

/* Returns true if this container is listed although it does not exist. Logs each only once. */
static bool is_ghost(struct reaper *reaper, const char *id)
{
    struct gone *gone = find_gone(reaper, id);
    if (gone && !gone->is_logged)
        log_event(LOG_WARNING, "box_ghost", LOG_STR("container", id), LOG_END);
    if (gone)
        gone->is_logged = true;
    return gone != NULL;
}

/* ---- a sweep ---- */

enum fate { FATE_SPARE, FATE_SUSPECT, FATE_REMOVE };

static enum fate fate_of(const struct reaper *reaper, const struct docker_listed *box)
{
    bool is_ours = strcmp(box->instance, reaper->instance) == 0;
    if (is_ours && pool_knows(reaper->pool, box->name))
        return FATE_SPARE;
    if (box->deadline_ms && box->deadline_ms < clock_wall_ms())
        return FATE_REMOVE;
    if (is_ours && reaper->on_finished)
        return FATE_REMOVE;
    uint64_t unstarted_ms = UNSTARTED_CALLS * (uint64_t)reaper->config->engine_timeout_ms;
    if (!is_ours && box->is_unstarted)
        return box->created_ms + unstarted_ms < clock_wall_ms() ? FATE_REMOVE : FATE_SUSPECT;
    if (!is_ours && !box->exited)
        return FATE_SPARE;
    return was_suspect(reaper, box->id) ? FATE_REMOVE : FATE_SUSPECT;
}

static void judge(struct reaper *reaper, const struct docker_listed *list, size_t count)
{
    static char suspects[SUSPECTS_MAX][DOCKER_ID_MAX + 1];
    size_t suspects_count = 0;
    for (size_t i = 0; i < count; i++) {
        enum fate fate = is_ghost(reaper, list[i].id) ? FATE_SPARE : fate_of(reaper, &list[i]);
        if (fate == FATE_SUSPECT && suspects_count < SUSPECTS_MAX)
            memcpy(suspects[suspects_count++], list[i].id, sizeof list[i].id);
        if (fate == FATE_REMOVE && reaper->doomed_count < SUSPECTS_MAX)
            memcpy(reaper->doomed[reaper->doomed_count++], list[i].id, sizeof list[i].id);
    }
    memcpy(reaper->suspects, suspects, sizeof suspects);
    reaper->suspects_count = suspects_count;
}

static void end_sweep(struct reaper *reaper)
{
    if (reaper->on_finished && reaper->is_clean) {
        reaper->on_finished(reaper->finished_arg);
        return;
    }
    if (reaper->on_finished) {
        timer_start(reaper->timers, &reaper->timer, SWEEP_AGAIN_MS);
        return;
    }
    timer_start(reaper->timers, &reaper->timer, reaper->suspects_count ? SWEEP_SOON_MS : SWEEP_MS);
}

static void on_removed(void *arg, const struct docker_result *result)
{
    struct reaper *reaper = arg;
    const char *id = reaper->doomed[reaper->doomed_count];
    reaper->call = NULL;
    if (result->missing)
        remember_gone(reaper, id);
    if (result->error.kind == ERR_NONE && !result->missing) {
        reaper->removed_count++;
        log_event(LOG_WARNING, "box_reaped", LOG_STR("container", id), LOG_END);
    }
    remove_next(reaper);
}

static void remove_next(struct reaper *reaper)
{
    if (reaper->doomed_count == 0) {
        end_sweep(reaper);
        return;
    }
    const char *id = reaper->doomed[--reaper->doomed_count];
    reaper->call = docker_remove(reaper->docker, id, on_removed, reaper);
    if (!reaper->call)
        end_sweep(reaper);
}

static void on_listed(void *arg, const struct docker_result *result,
                      const struct docker_listed *list, size_t count)
{
    struct reaper *reaper = arg;
    reaper->call = NULL;
    reaper->doomed_count = 0;
    if (result->error.kind == ERR_NONE && list)
        judge(reaper, list, count);
    reaper->is_clean = reaper->doomed_count == 0;
    remove_next(reaper);
}

static void on_due(void *arg)
{
    reaper_sweep(arg);
}

struct reaper *reaper_new(struct timers *timers, struct docker *docker, const struct pool *pool,
                          const struct config *config, const char *instance, struct error *err)
{
    struct reaper *reaper = calloc(1, sizeof *reaper);
    if (!reaper) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    reaper->timers = timers;
    reaper->docker = docker;
    reaper->pool = pool;
    reaper->config = config;
    reaper->instance = instance;
    reaper->timer = (struct timer){.on_due = on_due, .arg = reaper};
    return reaper;
}

void reaper_free(struct reaper *reaper)
{
    if (!reaper)
        return;
    timer_stop(reaper->timers, &reaper->timer);
    docker_cancel(reaper->call);
    free(reaper);
}

void reaper_sweep(struct reaper *reaper)
{
    if (reaper->call)
        return;
    timer_stop(reaper->timers, &reaper->timer);
    reaper->call = docker_list(reaper->docker, on_listed, reaper);
    if (!reaper->call)
        end_sweep(reaper);
}

void reaper_finish(struct reaper *reaper, void (*on_finished)(void *arg), void *arg)
{
    reaper->on_finished = on_finished;
    reaper->finished_arg = arg;
    docker_cancel(reaper->call);
    reaper->call = NULL;
    timer_start(reaper->timers, &reaper->timer, 0);
}

uint64_t reaper_removed_count(const struct reaper *reaper)
{
    return reaper->removed_count;
}
