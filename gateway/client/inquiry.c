#include "client/inquiry.h"

#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "client/refusal.h"
#include "common/clock.h"
#include "common/notice.h"

enum phase { PHASE_ASKING, PHASE_PAUSED, PHASE_OVER };

struct asking {
    const struct inquiry *inquiry;
    struct call *call;
    enum phase phase;
    enum inquiry_end end;
    struct buf body;
    struct buf *notices;
    long status;
    uint64_t until_ms, retry_ms;
};

static void end(struct asking *asking, enum inquiry_end how, long status)
{
    asking->phase = PHASE_OVER;
    asking->end = how;
    asking->status = status;
}

static void end_in_trouble(struct asking *asking, const char *text)
{
    if (asking->phase == PHASE_OVER)
        return;
    notice_add(asking->notices, "%s", text);
    end(asking, INQUIRY_REFUSED, 0);
}

static bool on_body(void *arg, struct bytes bytes)
{
    struct asking *asking = arg;
    if (!buf_append(&asking->body, bytes.data, bytes.len))
        end_in_trouble(asking, "the gateway sent an answer that is too long");
    return asking->phase == PHASE_ASKING;
}

/* Pause before a retry if the refusal is temporary and time is left. Otherwise end. */
static void take_refusal(struct asking *asking, long status)
{
    struct refusal refusal;
    uint64_t now_ms = clock_now_ms(), pause_ms = call_pause_ms(asking->call);
    refusal_read(&refusal, status, buf_bytes(&asking->body));
    bool is_in_time = now_ms < asking->until_ms && pause_ms < asking->until_ms - now_ms;
    if (refusal_is_passing(&refusal) && is_in_time) {
        asking->phase = PHASE_PAUSED;
        asking->retry_ms = now_ms + pause_ms;
    } else {
        refusal_describe(&refusal, asking->notices);
        end(asking, INQUIRY_REFUSED, status);
    }
    refusal_release(&refusal);
}

static void on_ended(void *arg, const struct error *why)
{
    struct asking *asking = arg;
    if (asking->phase != PHASE_ASKING)
        return;
    long status = call_status(asking->call);
    if (why)
        end_in_trouble(asking, why->text);
    else if (status / 100 == 2)
        end(asking, INQUIRY_ANSWERED, status);
    else
        take_refusal(asking, status);
}

static const struct call_events call_events = {.body = on_body, .ended = on_ended};

static void ask(struct asking *asking)
{
    struct error why;
    asking->phase = PHASE_ASKING;
    buf_consume(&asking->body, asking->body.len);
    if (!call_start(asking->call, &why))
        end_in_trouble(asking, why.text);
}

static uint64_t next_deadline_ms(const struct asking *asking)
{
    uint64_t stall_ms = call_heard_ms(asking->call) + INQUIRY_STALL_MS;
    if (asking->phase == PHASE_PAUSED)
        return asking->retry_ms;
    return stall_ms < asking->until_ms ? stall_ms : asking->until_ms;
}

static void check_deadlines(struct asking *asking)
{
    if (asking->phase == PHASE_OVER || clock_now_ms() < next_deadline_ms(asking))
        return;
    if (asking->phase == PHASE_PAUSED)
        ask(asking);
    else
        end_in_trouble(asking, "the gateway did not answer in time");
}

static void take_signal(struct asking *asking)
{
    struct signalfd_siginfo info;
    if (asking->inquiry->signals >= 0 &&
        read(asking->inquiry->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
        end(asking, INQUIRY_SIGNALED, (long)info.ssi_signo);
}

static void turn(struct asking *asking)
{
    struct error why;
    struct curl_waitfd signals = {.fd = asking->inquiry->signals, .events = CURL_WAIT_POLLIN};
    unsigned count = signals.fd >= 0;
    int wait_ms = clock_until_ms(next_deadline_ms(asking), clock_now_ms());
    if (!calls_turn(asking->inquiry->calls, &signals, count, wait_ms, &why))
        end_in_trouble(asking, why.text);
    check_deadlines(asking);
    take_signal(asking);
}

enum inquiry_end inquiry_run(const struct inquiry *inquiry, struct buf *answer, struct buf *notices,
                             long *status)
{
    struct error why;
    struct asking asking = {.inquiry = inquiry, .notices = notices};
    const struct call_request request = {.method = inquiry->method,
                                         .url = inquiry->url,
                                         .key = inquiry->key,
                                         .accept = "application/json, */*;q=0.5",
                                         .body = inquiry->body,
                                         .body_type = inquiry->body_type};
    asking.until_ms = clock_now_ms() + inquiry->wait_ms;
    buf_init(&asking.body, INQUIRY_ANSWER_MAX_BYTES);
    asking.call = call_new(inquiry->calls, &request, &call_events, &asking, &why);
    if (asking.call)
        ask(&asking);
    else
        end_in_trouble(&asking, why.text);
    while (asking.phase != PHASE_OVER)
        turn(&asking);
    call_free(asking.call);
    struct bytes body = buf_bytes(&asking.body);
    if (asking.end == INQUIRY_ANSWERED && !buf_append(answer, body.data, body.len)) {
        notice_add(notices, "the gateway sent an answer that is too long");
        asking.end = INQUIRY_REFUSED;
    }
    buf_release(&asking.body);
    *status = asking.status;
    return asking.end;
}
