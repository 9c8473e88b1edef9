#include "front/runs/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

#define BUCKETS_COUNT 1024 /* a power of two */
/* Freeing memory takes time. At most this many executions, and this many bytes, are freed at once;
 * the rest in later turns.
 */
#define DROP_COUNT 256
#define DROP_BYTES ((uint64_t)32 << 20)

/* An owner of kept executions, freed together with the last of them. */
struct archive_owner {
    char name[JOB_OWNER_NAME_MAX + 1]; /* the key's name; "" if no keys are configured */
    size_t count;                      /* kept executions */
    uint64_t bytes;                    /* memory of the finished executions */
    struct list finished;              /* the finished executions, oldest first */
    struct node node;                  /* on archive->owners */
};

/* A kept execution. It listens to the execution. */
struct kept {
    struct listener listener;
    struct archive *archive;
    uint64_t id;
    struct archive_owner *owner;
    struct node by_id, by_idempotency; /* by_idempotency: on a list only with an Idempotency-Key */
    /* on archive->finished and owner->finished once the execution has finished */
    struct node finished, own_finished;
    struct idempotency idempotency;
    uint64_t expires_ms;
    size_t bytes; /* its share of archive->bytes; 0 until it has finished */
};

struct archive {
    const struct config *config;
    struct reactor *reactor;
    struct list by_id[BUCKETS_COUNT], by_idempotency[BUCKETS_COUNT];
    struct list finished; /* oldest first */
    struct list owners;
    size_t count;
    uint64_t bytes;
    struct timer expiry;
    uint64_t gone[ARCHIVE_GONE_COUNT]; /* a ring of marks; 0: none */
    size_t gone_next;
};

/* ---- owners ---- */

/* Count one more execution of the owner with this name. Returns the owner, created if necessary;
 * NULL when memory is out. */
static struct archive_owner *owner_join(struct list *owners, const char *name)
{
    struct archive_owner *owner = list_first(owners);
    while (owner && strcmp(owner->name, name) != 0)
        owner = node_next(&owner->node);
    if (!owner) {
        owner = calloc(1, sizeof *owner);
        if (!owner)
            return NULL;
        snprintf(owner->name, sizeof owner->name, "%s", name);
        node_init(&owner->node, owner);
        node_append(&owner->node, owners);
    }
    owner->count++;
    return owner;
}

static void owner_leave(struct archive_owner *owner)
{
    if (--owner->count > 0)
        return;
    node_remove(&owner->node);
    free(owner);
}

enum holding { HOLDING_COUNT, HOLDING_BYTES };

static uint64_t holding_of(const struct archive_owner *owner, enum holding what)
{
    return what == HOLDING_COUNT ? owner->count : owner->bytes;
}

/* Returns the owner who holds the most, among those with a finished execution; NULL when there is
 * none. */
static struct archive_owner *largest_owner(const struct list *owners, enum holding what)
{
    struct archive_owner *largest = NULL;
    for (struct archive_owner *each = list_first(owners); each; each = node_next(&each->node)) {
        if (each->finished.count > 0 &&
            (!largest || holding_of(each, what) > holding_of(largest, what)))
            largest = each;
    }
    return largest;
}

/* ---- dropping ---- */

/* Returns a mark that is kept in place of a dropped id. It contains the owner's name, so that only
 * the owner gets a 410. The hash is FNV-1a. */
static uint64_t mark_of(const char *owner, uint64_t id)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *owner; owner++)
        hash = (hash ^ (uint8_t)*owner) * 0x100000001b3;
    return hash ^ id;
}

static void drop(struct kept *kept)
{
    struct archive *archive = kept->archive;
    archive->gone[archive->gone_next] = mark_of(kept->owner->name, kept->id);
    archive->gone_next = (archive->gone_next + 1) % ARCHIVE_GONE_COUNT;
    archive->count--;
    archive->bytes -= kept->bytes;
    kept->owner->bytes -= kept->bytes;
    node_remove(&kept->by_id);
    node_remove(&kept->by_idempotency);
    node_remove(&kept->finished);
    node_remove(&kept->own_finished);
    owner_leave(kept->owner);
    execution_unshelve(kept->listener.execution);
    execution_detach(&kept->listener);
    free(kept);
}

/* Drop the oldest finished execution of the owner who holds the most. There must be one. */
static void make_room(struct archive *archive, enum holding what)
{
    drop(list_first(&largest_owner(&archive->owners, what)->finished));
}

static bool is_too_large(const struct archive *archive)
{
    return archive->bytes > archive->config->executions_bytes;
}

/* Returns true if the oldest finished execution has expired. It expires first, because all are kept
 * equally long. */
static bool has_expired(const struct archive *archive, uint64_t now_ms)
{
    const struct kept *oldest = list_first(&archive->finished);
    return oldest && oldest->expires_ms <= now_ms;
}

/* Drop executions until the limits hold, and those that have expired at now_ms (0: none). If there
 * are many, the rest is dropped in later turns. */
static void tidy(struct archive *archive, uint64_t now_ms)
{
    struct timers *timers = &archive->reactor->timers;
    uint64_t before_bytes = archive->bytes;
    size_t count = 0;
    while ((is_too_large(archive) || has_expired(archive, now_ms)) && count++ < DROP_COUNT &&
           before_bytes - archive->bytes < DROP_BYTES) {
        if (is_too_large(archive))
            make_room(archive, HOLDING_BYTES);
        else
            drop(list_take(&archive->finished));
    }
    const struct kept *oldest = list_first(&archive->finished);
    if (is_too_large(archive) || has_expired(archive, now_ms))
        timer_start(timers, &archive->expiry, 1);
    else if (oldest)
        timer_start(timers, &archive->expiry,
                    (uint64_t)clock_until_ms(oldest->expires_ms, clock_now_ms()));
    else
        timer_stop(timers, &archive->expiry);
}

static void on_expired(void *arg)
{
    tidy(arg, clock_now_ms());
}

/* ---- an execution ends ---- */

static void on_said(struct listener *listener)
{
    struct kept *kept = (struct kept *)listener; /* the listener is its first member */
    struct archive *archive = kept->archive;
    const struct transcript *transcript = execution_transcript(listener->execution);
    if (transcript->state == TRANSCRIPT_UNFINISHED || kept->finished.list)
        return;
    if (transcript->state == TRANSCRIPT_REFUSED)
        node_remove(&kept->by_idempotency);
    kept->expires_ms = clock_now_ms() + archive->config->executions_keep_ms;
    kept->bytes = transcript_bytes(transcript);
    archive->bytes += kept->bytes;
    kept->owner->bytes += kept->bytes;
    node_append(&kept->finished, &archive->finished);
    node_append(&kept->own_finished, &kept->owner->finished);
    execution_shelve(listener->execution);
    tidy(archive, 0);
}

/* ---- the interface ---- */

struct archive *archive_new(const struct config *config, struct reactor *reactor)
{
    struct archive *archive = calloc(1, sizeof *archive);
    if (!archive)
        return NULL;
    archive->config = config;
    archive->reactor = reactor;
    archive->expiry = (struct timer){.on_due = on_expired, .arg = archive};
    return archive;
}

bool archive_has_room(const struct archive *archive)
{
    return archive->count < archive->config->executions_max || archive->finished.count > 0;
}

static struct list *bucket_of_id(struct archive *archive, uint64_t id)
{
    return &archive->by_id[id & (BUCKETS_COUNT - 1)]; /* ids are random */
}

static struct list *bucket_of_idempotency(struct archive *archive, const struct fingerprint *id)
{
    uint16_t hash;
    memcpy(&hash, id->bytes, sizeof hash);
    return &archive->by_idempotency[hash & (BUCKETS_COUNT - 1)];
}

bool archive_keep(struct archive *archive, struct execution *execution, const char *owner,
                  const struct idempotency *idempotency)
{
    struct kept *kept = calloc(1, sizeof *kept);
    struct archive_owner *its_owner = kept ? owner_join(&archive->owners, owner) : NULL;
    if (!its_owner) {
        free(kept);
        return false;
    }
    if (archive->count >= archive->config->executions_max)
        make_room(archive, HOLDING_COUNT);
    *kept = (struct kept){
        .listener = {.on_said = on_said},
        .archive = archive,
        .id = execution_transcript(execution)->run_id,
        .owner = its_owner,
    };
    node_init(&kept->by_id, kept);
    node_init(&kept->by_idempotency, kept);
    node_init(&kept->finished, kept);
    node_init(&kept->own_finished, kept);
    node_append(&kept->by_id, bucket_of_id(archive, kept->id));
    if (idempotency) {
        kept->idempotency = *idempotency;
        node_append(&kept->by_idempotency, bucket_of_idempotency(archive, &idempotency->id));
    }
    archive->count++;
    execution_attach(execution, &kept->listener);
    return true;
}

static bool was_dropped(const struct archive *archive, uint64_t mark)
{
    for (size_t i = 0; mark != 0 && i < ARCHIVE_GONE_COUNT; i++) {
        if (archive->gone[i] == mark)
            return true;
    }
    return false;
}

struct execution *archive_find(struct archive *archive, const char *owner, uint64_t id,
                               bool *was_there)
{
    struct kept *kept = list_first(bucket_of_id(archive, id));
    while (kept && (kept->id != id || strcmp(kept->owner->name, owner) != 0))
        kept = node_next(&kept->by_id);
    *was_there = kept || was_dropped(archive, mark_of(owner, id));
    return kept ? kept->listener.execution : NULL;
}

struct execution *archive_find_same(struct archive *archive, const struct idempotency *idempotency,
                                    bool *is_same)
{
    struct kept *kept = list_first(bucket_of_idempotency(archive, &idempotency->id));
    while (kept && !fingerprint_equal(&kept->idempotency.id, &idempotency->id))
        kept = node_next(&kept->by_idempotency);
    if (!kept)
        return NULL;
    *is_same = fingerprint_equal(&kept->idempotency.body, &idempotency->body);
    return kept->listener.execution;
}

void archive_report(const struct archive *archive, struct samples *samples)
{
    samples_put(samples, METRIC_EXECUTIONS_KEPT, LABELS(NULL), archive->count);
    samples_put(samples, METRIC_EXECUTIONS_KEPT_BYTES, LABELS(NULL), archive->bytes);
}
