/* scripted_docker.h - an engine that the test controls. Its functions are defined here, so the
 * archive's docker.c and attach.c are not linked. It includes scripted_clock.h.
 *
 * Engine calls wait, oldest first, until the test answers them.
 */
#ifndef MAYFLY_SCRIPTED_DOCKER_H
#define MAYFLY_SCRIPTED_DOCKER_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/pool/box.h"
#include "common/log.h"
#include "scripted_clock.h"

/* ---- engine calls ---- */

enum script_kind { SCRIPT_CREATE, SCRIPT_START, SCRIPT_REMOVE, SCRIPT_INSPECT };

struct docker_call {
    enum script_kind kind;
    char name[DOCKER_ID_MAX + 1];
    union {
        docker_created *created;
        docker_done *done;
        docker_inspected *inspected;
    } tell;
    void *arg;
    struct docker_call *next;
};

struct attach {
    const struct attach_events *events;
    void *arg;
    struct buf sent;
    bool is_held;
    struct attach *next;
};

static struct docker_call *script_calls; /* waiting for an answer, the oldest first */
static struct attach *script_streams;    /* open, the newest first */
static unsigned script_ids;

static struct docker_call *script_add(enum script_kind kind, const char *name, void *arg)
{
    struct docker_call *call = calloc(1, sizeof *call);
    struct docker_call **end = &script_calls;
    assert_non_null(call);
    call->kind = kind;
    call->arg = arg;
    snprintf(call->name, sizeof call->name, "%s", name);
    while (*end)
        end = &(*end)->next;
    *end = call;
    return call;
}

static void script_take(struct docker_call *call)
{
    struct docker_call **place = &script_calls;
    while (*place != call) {
        assert_non_null(*place);
        place = &(*place)->next;
    }
    *place = call->next;
}

void docker_cancel(struct docker_call *call)
{
    if (!call)
        return;
    script_take(call);
    free(call);
}

struct docker_call *docker_create(struct docker *docker, const char *name, struct bytes json,
                                  docker_created *done, void *arg)
{
    (void)docker;
    (void)json;
    struct docker_call *call = script_add(SCRIPT_CREATE, name, arg);
    call->tell.created = done;
    return call;
}

struct docker_call *docker_start(struct docker *docker, const char *id, docker_done *done,
                                 void *arg)
{
    (void)docker;
    struct docker_call *call = script_add(SCRIPT_START, id, arg);
    call->tell.done = done;
    return call;
}

struct docker_call *docker_remove(struct docker *docker, const char *name, docker_done *done,
                                  void *arg)
{
    (void)docker;
    struct docker_call *call = script_add(SCRIPT_REMOVE, name, arg);
    call->tell.done = done;
    return call;
}

struct docker_call *docker_inspect(struct docker *docker, const char *id, docker_inspected *done,
                                   void *arg)
{
    (void)docker;
    struct docker_call *call = script_add(SCRIPT_INSPECT, id, arg);
    call->tell.inspected = done;
    return call;
}

struct docker_call *docker_measure(struct docker *docker, const char *id, docker_measured *done,
                                   void *arg)
{
    (void)docker;
    (void)id;
    (void)done;
    (void)arg;
    return NULL;
}

/* Returns the oldest waiting call, of any kind or of this kind; NULL if there is none. */
static struct docker_call *script_find(enum script_kind kind)
{
    struct docker_call *call = script_calls;
    while (call && call->kind != kind)
        call = call->next;
    return call;
}

/* Answer a call with an HTTP status; 0: the call failed without an answer. */
static void script_answer(struct docker_call *call, long status)
{
    assert_non_null(call);
    struct docker_result result = {.status = status, .missing = status == 404};
    if (status == 0)
        error_set(&result.error, ERR_TIMEOUT, "no answer");
    else if (status >= 400)
        error_set(&result.error, ERR_ENGINE, "the engine answered %ld", status);
    char id[DOCKER_ID_MAX + 1] = "";
    bool ok = result.error.kind == ERR_NONE;
    if (ok)
        snprintf(id, sizeof id, "%064x", ++script_ids);
    script_take(call);
    if (call->kind == SCRIPT_CREATE)
        call->tell.created(call->arg, &result, id);
    else if (call->kind == SCRIPT_INSPECT)
        call->tell.inspected(call->arg, &result, false);
    else
        call->tell.done(call->arg, &result);
    free(call);
}

/* ---- streams ---- */

struct attach *docker_attach(struct docker *docker, const char *id,
                             const struct attach_events *events, void *arg, struct error *err)
{
    (void)docker;
    (void)id;
    (void)err;
    struct attach *stream = calloc(1, sizeof *stream);
    assert_non_null(stream);
    *stream = (struct attach){.events = events, .arg = arg, .next = script_streams};
    buf_init(&stream->sent, (size_t)1 << 20);
    script_streams = stream;
    return stream;
}

static void script_forget(struct attach *stream)
{
    struct attach **place = &script_streams;
    while (*place != stream)
        place = &(*place)->next;
    *place = stream->next;
    buf_release(&stream->sent);
    free(stream);
}

void attach_close(struct attach *attach)
{
    script_forget(attach);
}

bool attach_send(struct attach *attach, struct buf *data)
{
    struct bytes bytes = buf_bytes(data);
    assert_true(buf_append(&attach->sent, bytes.data, bytes.len));
    buf_release(data);
    return true;
}

void attach_hold(struct attach *attach, bool hold)
{
    attach->is_held = hold;
}

/* Report to the stream's owner that all of its data was sent, that data arrived, or that the stream
 * has ended. */
static void script_sent(struct attach *stream)
{
    stream->events->on_sent(stream->arg);
}

static void script_say(struct attach *stream, enum demux_stream to, const void *data, size_t len)
{
    uint8_t piece[4096] = {(uint8_t)to, 0, 0, 0, 0, 0, (uint8_t)(len >> 8), (uint8_t)len};
    assert_true(len < sizeof piece - 8);
    memcpy(piece + 8, data, len);
    stream->events->on_received(stream->arg, piece, len + 8);
}

static void script_frame(struct attach *stream, enum wire_type type, uint64_t run_id,
                         const void *payload, size_t len)
{
    struct buf frame;
    buf_init(&frame, 4096);
    assert_true(wire_append(&frame, type, run_id, payload, len));
    script_say(stream, DEMUX_STDOUT, buf_bytes(&frame).data, frame.len);
    buf_release(&frame);
}

static void script_end_stream(struct attach *stream)
{
    struct error why;
    const struct attach_events *events = stream->events;
    void *arg = stream->arg;
    error_set(&why, ERR_GONE, "the attach stream ended");
    script_forget(stream);
    events->on_closed(arg, &why);
}

#endif
