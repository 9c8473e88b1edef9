#include "client/interruption.h"

#define URL_MAX_BYTES ((size_t)16 << 10)

static bool on_body(void *arg, struct bytes bytes)
{
    (void)arg;
    (void)bytes;
    return true;
}

/* 404 and 409 are no failures: the cell has ended by itself. */
static void on_ended(void *arg, const struct error *why)
{
    struct interruption *interruption = arg;
    long status = call_status(interruption->call);
    bool is_done = status / 100 == 2 || status == 404 || status == 409;
    interruption->has_failed = why || !is_done;
    if (why)
        interruption->why = *why;
    else if (!is_done)
        error_set(&interruption->why, ERR_PROTOCOL, "the gateway answered %ld", status);
}

static const struct call_events call_events = {.body = on_body, .ended = on_ended};

void interruption_ask(struct interruption *interruption, const char *run)
{
    struct buf url;
    buf_init(&url, URL_MAX_BYTES);
    interruption->is_asked = true;
    if (buf_printf(&url, "%s/%s", interruption->url, run) && buf_append(&url, "", 1)) {
        const struct call_request request = {.method = "DELETE",
                                             .url = (const char *)buf_bytes(&url).data,
                                             .key = interruption->key,
                                             .accept = "application/json"};
        interruption->call =
            call_new(interruption->calls, &request, &call_events, interruption, &interruption->why);
    } else {
        error_no_memory(&interruption->why);
    }
    interruption->has_failed =
        !interruption->call || !call_start(interruption->call, &interruption->why);
    buf_release(&url);
}

void interruption_release(struct interruption *interruption)
{
    call_free(interruption->call);
    interruption->call = NULL;
}
