#include "client/session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "client/call.h"
#include "client/ending.h"
#include "client/events.h"
#include "common/notice.h"
#include "client/narration.h"
#include "client/signals.h"
#include "client/spinner.h"
#include "common/clock.h"

/* a result is never larger, whatever the gateway's settings */
#define EVENT_MAX_BYTES ((size_t)256 << 20)
#define RELAY_MAX_BYTES ((size_t)256 << 20)
#define REFUSAL_MAX_BYTES ((size_t)1 << 20)
#define NOTICES_MAX_BYTES ((size_t)64 << 10)
#define RETRY_AFTER_S 1 /* when the gateway sends no Retry-After */

enum phase {
    PHASE_ASKING,  /* a request is pending; the program has not started */
    PHASE_PAUSED,  /* the gateway was busy; the request is repeated at retry_ms */
    PHASE_RUNNING, /* the program has started */
    PHASE_OVER,    /* the exit code is known */
};

struct session {
    const struct options *options;
    enum phase phase;
    int exit_code;
    struct calls *calls;
    struct call *call;
    struct events events;
    struct buf refusal; /* the body of a response that is not an event stream */
    struct narration narration;
    struct relay relay;
    struct spinner spinner;
    int signals;
    bool was_busy;
    /* stdout is open, and only its reader is interested in this run: stop when it closes */
    bool watches_reader;
    uint64_t start_by_ms, retry_ms, end_by_ms;
    uint64_t leave_by_ms; /* UINT64_MAX while stdout's reader is there */
};

/* ---- ends ---- */

static void end(struct session *session, int exit_code)
{
    session->phase = PHASE_OVER;
    session->exit_code = exit_code;
}

/* No-op if the session has ended already. */
static void end_in_trouble(struct session *session, const char *text)
{
    struct buf notices;
    if (session->phase == PHASE_OVER)
        return;
    buf_init(&notices, NOTICES_MAX_BYTES);
    notice_add(&notices, "%s", text);
    relay_put(&session->relay, STDERR_FILENO, buf_bytes(&notices));
    buf_release(&notices);
    end(session, EXIT_TROUBLE);
}

/* Stop: stdout or stderr can no longer be written. */
static void abandon_output(struct session *session, int why)
{
    relay_release(&session->relay);
    if (why != EPIPE)
        notice_print("the output cannot be written: %s", strerror(why));
    end(session, why == EPIPE ? EXIT_BY_SIGNAL + SIGPIPE : EXIT_TROUBLE);
}

/* ---- refusals ---- */

/* Returns how long to wait before a retry: the gateway's Retry-After, or RETRY_AFTER_S. */
static uint64_t pause_ms(const struct session *session)
{
    uint64_t seconds = RETRY_AFTER_S;
    call_retry_after(session->call, &seconds);
    return seconds < UINT64_MAX / 2000 ? seconds * 1000 : UINT64_MAX / 2;
}

static void pause_until(struct session *session, uint64_t retry_ms, const struct refusal *refusal)
{
    session->phase = PHASE_PAUSED;
    session->retry_ms = retry_ms;
    if (!session->was_busy && !session->spinner.is_enabled)
        notice_print("the gateway is busy%s%s; retrying for up to %u seconds",
                     refusal->detail[0] ? ": " : "", refusal->detail,
                     (unsigned)(session->options->wait_ms / 1000));
    session->was_busy = true;
}

static void take_refusal(struct session *session, const struct refusal *refusal)
{
    uint64_t now_ms = clock_now_ms(), pause = pause_ms(session);
    bool may_start = session->phase == PHASE_ASKING && now_ms < session->start_by_ms &&
                     pause < session->start_by_ms - now_ms;
    if (refusal_is_passing(refusal) && may_start) {
        pause_until(session, now_ms + pause, refusal);
        return;
    }
    struct buf notices;
    buf_init(&notices, NOTICES_MAX_BYTES);
    refusal_describe(refusal, &notices);
    relay_put(&session->relay, STDERR_FILENO, buf_bytes(&notices));
    buf_release(&notices);
    end(session, EXIT_TROUBLE);
}

/* ---- responses and events ---- */

static bool is_asking(const struct session *session)
{
    return session->phase == PHASE_ASKING || session->phase == PHASE_RUNNING;
}

static bool is_stream(const struct session *session)
{
    return call_status(session->call) == 200 && call_has_type(session->call, "text/event-stream");
}

static void follow(struct session *session)
{
    struct narration *narration = &session->narration;
    switch (narration->state) {
    case NARRATION_QUEUED:
        break;
    case NARRATION_STARTED:
        if (session->phase == PHASE_ASKING) {
            const struct options *options = session->options;
            uint32_t timeout_ms = options->tests ? 0 : options->timeout_ms;
            session->phase = PHASE_RUNNING;
            session->end_by_ms = clock_now_ms() + SESSION_MARGIN_MS +
                                 (timeout_ms > 0 ? timeout_ms : OPTIONS_TIMEOUT_MOST_MS);
        }
        break;
    case NARRATION_ENDED:
        end(session, narration->exit_code);
        break;
    case NARRATION_REFUSED:
        take_refusal(session, &narration->refusal);
        refusal_release(&narration->refusal);
        narration->state = NARRATION_QUEUED; /* ready for the next request */
        break;
    }
}

static void take_stream(struct session *session, struct bytes bytes)
{
    struct event event;
    struct error why;
    while (is_asking(session)) {
        enum events_result result = events_next(&session->events, &bytes, &event);
        if (result == EVENTS_MORE)
            return;
        if (result == EVENTS_BAD)
            end_in_trouble(session, "the gateway sent an event that is too long");
        else if (narration_take(&session->narration, &event, &why))
            follow(session);
        else
            end_in_trouble(session, why.text);
    }
}

static bool on_body(void *arg, struct bytes bytes)
{
    struct session *session = arg;
    if (is_stream(session))
        take_stream(session, bytes);
    else if (!buf_append(&session->refusal, bytes.data, bytes.len))
        end_in_trouble(session, "the gateway sent an answer that is too long");
    return is_asking(session);
}

/* End because no gateway responded. If its address was only our default, say how to set another
 * one. */
static void end_without_answer(struct session *session, const struct error *why)
{
    bool is_default = !session->options->url;
    struct error text = *why;
    if (is_default && why->kind == ERR_GONE && call_status(session->call) == 0)
        error_set(&text, ERR_GONE, "%s; --url or MAYFLY_URL names a gateway elsewhere", why->text);
    end_in_trouble(session, text.text);
}

static void on_ended(void *arg, const struct error *why)
{
    struct session *session = arg;
    if (!is_asking(session))
        return;
    if (why) {
        end_without_answer(session, why);
    } else if (is_stream(session)) {
        end_in_trouble(session, "the gateway's stream ended before the result arrived");
    } else if (call_status(session->call) == 200) {
        end_in_trouble(session,
                       "the server at this URL is not a Mayfly gateway: it sent no event stream");
    } else {
        struct refusal refusal;
        refusal_read(&refusal, call_status(session->call), buf_bytes(&session->refusal));
        take_refusal(session, &refusal);
        refusal_release(&refusal);
    }
}

static const struct call_events call_events = {.body = on_body, .ended = on_ended};

/* ---- time ---- */

static void ask(struct session *session)
{
    struct error why;
    session->phase = PHASE_ASKING;
    buf_consume(&session->refusal, session->refusal.len);
    events_release(&session->events);
    events_init(&session->events, EVENT_MAX_BYTES);
    if (!call_start(session->call, &why))
        end_in_trouble(session, why.text);
}

static uint64_t next_deadline_ms(const struct session *session)
{
    uint64_t deadline_ms =
        session->phase == PHASE_RUNNING ? session->end_by_ms : session->start_by_ms;
    uint64_t stall_ms = call_heard_ms(session->call) + SESSION_STALL_MS;
    if (session->phase == PHASE_PAUSED)
        deadline_ms = session->retry_ms; /* always before start_by_ms */
    else if (stall_ms < deadline_ms)
        deadline_ms = stall_ms;
    return deadline_ms < session->leave_by_ms ? deadline_ms : session->leave_by_ms;
}

static void check_deadlines(struct session *session)
{
    uint64_t now_ms = clock_now_ms();
    if (session->phase == PHASE_OVER || now_ms < next_deadline_ms(session))
        return;
    if (now_ms >= session->leave_by_ms)
        abandon_output(session, EPIPE);
    else if (session->phase == PHASE_PAUSED)
        ask(session);
    else if (now_ms >= call_heard_ms(session->call) + SESSION_STALL_MS)
        end_in_trouble(session, "the gateway sent nothing for 30 seconds");
    else if (session->phase == PHASE_ASKING)
        end_in_trouble(session, "the program did not start in time (--wait)");
    else
        end_in_trouble(session, "the gateway did not end the run in time");
}

static const char *doing(const struct session *session)
{
    switch (session->phase) {
    case PHASE_ASKING:
        return "waiting";
    case PHASE_PAUSED:
        return "waiting: the gateway is busy";
    case PHASE_RUNNING:
        return "running";
    case PHASE_OVER:
        break;
    }
    return "";
}

static int wait_ms(const struct session *session)
{
    uint64_t now_ms = clock_now_ms();
    if (session->phase == PHASE_OVER)
        return SPINNER_TICK_MS; /* the reader of our output may close meanwhile */
    int until_ms = clock_until_ms(next_deadline_ms(session), now_ms);
    bool is_ticking = session->spinner.is_enabled && until_ms > SPINNER_TICK_MS;
    return is_ticking ? SPINNER_TICK_MS : until_ms;
}

/* ---- turns ---- */

static void take_signal(struct session *session)
{
    struct signalfd_siginfo info;
    if (read(session->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return;
    relay_release(&session->relay);
    end(session, EXIT_BY_SIGNAL + (int)info.ssi_signo);
}

/* While nothing is written, only poll(2) can report that stdout's reader has closed it. It would
 * report that every time, so stop polling after the first. */
static void look_for_reader(struct session *session)
{
    struct pollfd reader = {.fd = STDOUT_FILENO};
    if (!session->watches_reader || poll(&reader, 1, 0) != 1 ||
        !(reader.revents & (POLLERR | POLLHUP)))
        return;
    session->watches_reader = false;
    session->leave_by_ms = clock_now_ms() + SESSION_READER_MS;
}

static void turn(struct session *session)
{
    struct curl_waitfd descriptors[3] = {{.fd = session->signals, .events = CURL_WAIT_POLLIN}};
    unsigned count = 1;
    struct error why;
    if (relay_fd(&session->relay) >= 0)
        descriptors[count++] =
            (struct curl_waitfd){.fd = relay_fd(&session->relay), .events = CURL_WAIT_POLLOUT};
    if (session->watches_reader) /* without events, poll(2) reports only errors */
        descriptors[count++] = (struct curl_waitfd){.fd = STDOUT_FILENO};
    if (!calls_turn(session->calls, descriptors, count, wait_ms(session), &why))
        end_in_trouble(session, why.text);
    look_for_reader(session);
    check_deadlines(session);
    if (session->phase == PHASE_OVER)
        call_stop(session->call);
    if (session->phase == PHASE_OVER || relay_fd(&session->relay) >= 0)
        spinner_end(&session->spinner);
    spinner_turn(&session->spinner, clock_now_ms(), doing(session));
    if (!relay_flush(&session->relay))
        abandon_output(session, errno);
    take_signal(session);
}

/* ---- life ---- */

static bool set_up(struct session *session, const struct session_request *request,
                   struct error *err)
{
    uint64_t now_ms = clock_now_ms();
    *session = (struct session){.options = request->options};
    session->narration.options = request->options;
    session->narration.relay = &session->relay;
    session->narration.harvest.options = request->options;
    session->narration.harvest.inputs = request->inputs;
    session->narration.harvest.folder = request->folder;
    session->start_by_ms = now_ms + request->options->wait_ms;
    session->watches_reader = request->folder < 0;
    session->leave_by_ms = UINT64_MAX;
    buf_init(&session->refusal, REFUSAL_MAX_BYTES);
    relay_init(&session->relay, RELAY_MAX_BYTES);
    spinner_init(&session->spinner, !request->options->json, now_ms);
    session->signals = signals_open();
    if (session->signals < 0)
        return error_errno(err, "signalfd");
    session->calls = calls_new(err);
    const struct call_request call = {.url = request->url,
                                      .key = request->key,
                                      .accept = "text/event-stream",
                                      .body = request->body};
    if (session->calls)
        session->call = call_new(session->calls, &call, &call_events, session, err);
    return session->call != NULL;
}

static void tear_down(struct session *session)
{
    call_free(session->call);
    calls_free(session->calls);
    events_release(&session->events);
    buf_release(&session->refusal);
    relay_release(&session->relay);
    if (session->signals >= 0)
        close(session->signals);
}

int session_run(const struct session_request *request)
{
    struct session session;
    struct error why;
    if (set_up(&session, request, &why))
        ask(&session);
    else
        end_in_trouble(&session, why.text);
    while (session.call && (session.phase != PHASE_OVER || relay_fd(&session.relay) >= 0))
        turn(&session);
    spinner_end(&session.spinner);
    tear_down(&session);
    return session.exit_code;
}
