/* One subject: request, repetitions, events, deadlines and signals share the phases of one errand.
 */
#include "client/errand.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "client/ending.h"
#include "client/events.h"
#include "client/interruption.h"
#include "common/notice.h"
#include "client/narration.h"
#include "client/spinner.h"
#include "common/clock.h"

/* a result is never larger, whatever the gateway's settings */
#define EVENT_MAX_BYTES ((size_t)256 << 20)
#define RELAY_MAX_BYTES ((size_t)256 << 20)
#define REFUSAL_MAX_BYTES ((size_t)1 << 20)
#define NOTICES_MAX_BYTES ((size_t)64 << 10)
/* with less time left, a busy session is not asked again before its Retry-After */
#define BUSY_LEAST_MS 100

enum phase {
    PHASE_ASKING,  /* a request is pending; the program has not started */
    PHASE_PAUSED,  /* the gateway was busy; the request is repeated at retry_ms */
    PHASE_RUNNING, /* the program has started */
    PHASE_OVER,    /* the exit code is known */
};

struct errand {
    const struct errand_request *request;
    const struct options *options;
    struct errand_end *result;
    enum phase phase;
    int exit_code;
    struct call *call;
    struct interruption interruption;
    bool is_interrupting; /* the cell is to be interrupted, once it has started */
    struct events events;
    struct buf refusal; /* the body of a response that is not an event stream */
    struct narration narration;
    struct relay relay;
    struct spinner spinner;
    bool was_busy;
    /* stdout is open, and only its reader is interested in this run: stop when it closes */
    bool watches_reader;
    uint64_t start_by_ms, retry_ms, end_by_ms;
    uint64_t leave_by_ms; /* UINT64_MAX while stdout's reader is there */
};

/* ---- ends ---- */

static void end(struct errand *errand, int exit_code)
{
    errand->phase = PHASE_OVER;
    errand->exit_code = exit_code;
}

/* No-op if the session has ended already. */
static void end_in_trouble(struct errand *errand, const char *text)
{
    struct buf notices;
    if (errand->phase == PHASE_OVER)
        return;
    buf_init(&notices, NOTICES_MAX_BYTES);
    notice_add(&notices, "%s", text);
    relay_put(&errand->relay, STDERR_FILENO, buf_bytes(&notices));
    buf_release(&notices);
    end(errand, EXIT_TROUBLE);
}

/* Stop: stdout or stderr can no longer be written. */
static void abandon_output(struct errand *errand, int why)
{
    relay_release(&errand->relay);
    if (why != EPIPE)
        notice_print("the output cannot be written: %s", strerror(why));
    end(errand, why == EPIPE ? EXIT_BY_SIGNAL + SIGPIPE : EXIT_TROUBLE);
}

/* ---- refusals ---- */

static void pause_until(struct errand *errand, uint64_t retry_ms, const struct refusal *refusal)
{
    errand->phase = PHASE_PAUSED;
    errand->retry_ms = retry_ms;
    if (!errand->was_busy && !errand->spinner.is_enabled)
        notice_print("the gateway is busy%s%s; retrying for up to %u seconds",
                     refusal->detail[0] ? ": " : "", refusal->detail,
                     (unsigned)(errand->options->wait_ms / 1000));
    errand->was_busy = true;
}

static void take_refusal(struct errand *errand, const struct refusal *refusal)
{
    uint64_t now_ms = clock_now_ms(), pause = call_pause_ms(errand->call);
    uint64_t left = now_ms < errand->start_by_ms ? errand->start_by_ms - now_ms : 0;
    /* A session can become free at any moment, so wait for at most half of the remaining time. */
    if (refusal_is_of_busy_session(refusal) && pause > left / 2 && left > BUSY_LEAST_MS)
        pause = left / 2;
    bool may_start = errand->phase == PHASE_ASKING && pause < left;
    if (refusal_is_passing(refusal) && may_start) {
        pause_until(errand, now_ms + pause, refusal);
        return;
    }
    struct buf notices;
    buf_init(&notices, NOTICES_MAX_BYTES);
    refusal_describe(refusal, &notices);
    relay_put(&errand->relay, STDERR_FILENO, buf_bytes(&notices));
    buf_release(&notices);
    errand->result->is_session_gone = refusal_is_of_session(refusal);
    end(errand, EXIT_TROUBLE);
}

/* ---- responses and events ---- */

static bool is_asking(const struct errand *errand)
{
    return errand->phase == PHASE_ASKING || errand->phase == PHASE_RUNNING;
}

static bool is_stream(const struct errand *errand)
{
    return call_status(errand->call) == 200 && call_has_type(errand->call, "text/event-stream");
}

static void follow(struct errand *errand)
{
    struct narration *narration = &errand->narration;
    switch (narration->state) {
    case NARRATION_QUEUED:
        break;
    case NARRATION_STARTED:
        if (errand->phase == PHASE_ASKING) {
            const struct options *options = errand->options;
            uint32_t timeout_ms = options->tests ? 0 : options->timeout_ms;
            errand->phase = PHASE_RUNNING;
            errand->end_by_ms = clock_now_ms() + ERRAND_MARGIN_MS +
                                (timeout_ms > 0 ? timeout_ms : OPTIONS_TIMEOUT_MOST_MS);
        }
        break;
    case NARRATION_ENDED:
        end(errand, narration->exit_code);
        break;
    case NARRATION_REFUSED:
        take_refusal(errand, &narration->refusal);
        refusal_release(&narration->refusal);
        narration->state = NARRATION_QUEUED; /* ready for the next request */
        break;
    }
}

static void take_stream(struct errand *errand, struct bytes bytes)
{
    struct event event;
    struct error why;
    while (is_asking(errand)) {
        enum events_result result = events_next(&errand->events, &bytes, &event);
        if (result == EVENTS_MORE)
            return;
        if (result == EVENTS_BAD)
            end_in_trouble(errand, "the gateway sent an event that is too long");
        else if (narration_take(&errand->narration, &event, &why))
            follow(errand);
        else
            end_in_trouble(errand, why.text);
    }
}

static bool on_body(void *arg, struct bytes bytes)
{
    struct errand *errand = arg;
    if (is_stream(errand))
        take_stream(errand, bytes);
    else if (!buf_append(&errand->refusal, bytes.data, bytes.len))
        end_in_trouble(errand, "the gateway sent an answer that is too long");
    return is_asking(errand);
}

/* End because no gateway responded. If its address was only our default, say how to set another
 * one. */
static void end_without_answer(struct errand *errand, const struct error *why)
{
    bool is_default = !errand->options->url;
    struct error text = *why;
    if (is_default && why->kind == ERR_GONE && call_status(errand->call) == 0)
        error_set(&text, ERR_GONE, "%s; --url or MAYFLY_URL names a gateway elsewhere", why->text);
    end_in_trouble(errand, text.text);
}

static void on_ended(void *arg, const struct error *why)
{
    struct errand *errand = arg;
    if (!is_asking(errand))
        return;
    if (why) {
        end_without_answer(errand, why);
    } else if (is_stream(errand)) {
        end_in_trouble(errand, "the gateway's stream ended before the result arrived");
    } else if (call_status(errand->call) == 200) {
        end_in_trouble(errand,
                       "the server at this URL is not a Mayfly gateway: it sent no event stream");
    } else {
        struct refusal refusal;
        refusal_read(&refusal, call_status(errand->call), buf_bytes(&errand->refusal));
        take_refusal(errand, &refusal);
        refusal_release(&refusal);
    }
}

static const struct call_events call_events = {.body = on_body, .ended = on_ended};

/* ---- time ---- */

static void ask(struct errand *errand)
{
    struct error why;
    errand->phase = PHASE_ASKING;
    buf_consume(&errand->refusal, errand->refusal.len);
    events_release(&errand->events);
    events_init(&errand->events, EVENT_MAX_BYTES);
    if (!call_start(errand->call, &why))
        end_in_trouble(errand, why.text);
}

static uint64_t next_deadline_ms(const struct errand *errand)
{
    uint64_t deadline_ms = errand->phase == PHASE_RUNNING ? errand->end_by_ms : errand->start_by_ms;
    uint64_t stall_ms = call_heard_ms(errand->call) + ERRAND_STALL_MS;
    if (errand->phase == PHASE_PAUSED)
        deadline_ms = errand->retry_ms; /* retry_ms is before start_by_ms */
    else if (stall_ms < deadline_ms)
        deadline_ms = stall_ms;
    return deadline_ms < errand->leave_by_ms ? deadline_ms : errand->leave_by_ms;
}

static void check_deadlines(struct errand *errand)
{
    uint64_t now_ms = clock_now_ms();
    if (errand->phase == PHASE_OVER || now_ms < next_deadline_ms(errand))
        return;
    if (now_ms >= errand->leave_by_ms)
        abandon_output(errand, EPIPE);
    else if (errand->phase == PHASE_PAUSED)
        ask(errand);
    else if (now_ms >= call_heard_ms(errand->call) + ERRAND_STALL_MS)
        end_in_trouble(errand, "the gateway sent nothing for 30 seconds");
    else if (errand->phase == PHASE_ASKING)
        end_in_trouble(errand, "the program did not start in time (--wait)");
    else
        end_in_trouble(errand, "the gateway did not end the run in time");
}

static const char *doing(const struct errand *errand)
{
    switch (errand->phase) {
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

static int wait_ms(const struct errand *errand)
{
    uint64_t now_ms = clock_now_ms();
    if (errand->phase == PHASE_OVER)
        return SPINNER_TICK_MS; /* the reader of our output may close meanwhile */
    int until_ms = clock_until_ms(next_deadline_ms(errand), now_ms);
    bool is_ticking = errand->spinner.is_enabled && until_ms > SPINNER_TICK_MS;
    return is_ticking ? SPINNER_TICK_MS : until_ms;
}

/* ---- turns ---- */

static void take_signal(struct errand *errand)
{
    struct signalfd_siginfo info;
    if (read(errand->request->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return;
    bool may_interrupt =
        errand->request->interrupt_url && is_asking(errand) && !errand->is_interrupting;
    if (info.ssi_signo == SIGINT && may_interrupt) {
        errand->is_interrupting = true;
        return;
    }
    relay_release(&errand->relay);
    errand->result->signal = (int)info.ssi_signo;
    end(errand, EXIT_BY_SIGNAL + (int)info.ssi_signo);
}

/* Interrupt the cell once it has started. Its id is known then, unless the gateway gave none that
 * can be part of a URL. */
static void interrupt(struct errand *errand)
{
    if (!errand->is_interrupting || errand->interruption.is_asked || errand->phase != PHASE_RUNNING)
        return;
    if (!errand->narration.run[0]) {
        end_in_trouble(errand, "the gateway gave no id by which the cell can be interrupted");
        return;
    }
    errand->end_by_ms = clock_now_ms() + ERRAND_INTERRUPT_MS;
    interruption_ask(&errand->interruption, errand->narration.run);
}

/* Report an interrupt that did not succeed: the cell continues, and the next one hangs up. */
static void look_at_interrupt(struct errand *errand)
{
    if (!errand->interruption.has_failed)
        return;
    errand->interruption.has_failed = false;
    spinner_end(&errand->spinner);
    notice_print("the cell could not be interrupted: %s; press Ctrl-C again to stop waiting for it",
                 errand->interruption.why.text);
}

/* While nothing is written, only poll(2) can report that stdout's reader has closed it. It would
 * report that every time, so stop polling after the first. */
static void look_for_reader(struct errand *errand)
{
    struct pollfd reader = {.fd = STDOUT_FILENO};
    if (!errand->watches_reader || poll(&reader, 1, 0) != 1 ||
        !(reader.revents & (POLLERR | POLLHUP)))
        return;
    errand->watches_reader = false;
    errand->leave_by_ms = clock_now_ms() + ERRAND_READER_MS;
}

static void turn(struct errand *errand)
{
    struct curl_waitfd descriptors[3] = {
        {.fd = errand->request->signals, .events = CURL_WAIT_POLLIN}};
    unsigned count = 1;
    struct error why;
    if (relay_fd(&errand->relay) >= 0)
        descriptors[count++] =
            (struct curl_waitfd){.fd = relay_fd(&errand->relay), .events = CURL_WAIT_POLLOUT};
    if (errand->watches_reader) /* poll(2) reports errors even without events */
        descriptors[count++] = (struct curl_waitfd){.fd = STDOUT_FILENO};
    if (!calls_turn(errand->request->calls, descriptors, count, wait_ms(errand), &why))
        end_in_trouble(errand, why.text);
    look_for_reader(errand);
    look_at_interrupt(errand);
    check_deadlines(errand);
    if (errand->phase == PHASE_OVER)
        call_stop(errand->call);
    if (errand->phase == PHASE_OVER || relay_fd(&errand->relay) >= 0)
        spinner_end(&errand->spinner);
    spinner_turn(&errand->spinner, clock_now_ms(), doing(errand));
    if (!relay_flush(&errand->relay))
        abandon_output(errand, errno);
    take_signal(errand);
    interrupt(errand);
}

/* ---- life ---- */

static bool set_up(struct errand *errand, const struct errand_request *request,
                   struct errand_end *result, struct error *err)
{
    uint64_t now_ms = clock_now_ms();
    *result = (struct errand_end){.displays_count = request->displays_count};
    *errand = (struct errand){.request = request, .options = request->options, .result = result};
    errand->narration.options = request->options;
    errand->narration.relay = &errand->relay;
    errand->narration.harvest.options = request->options;
    errand->narration.harvest.inputs = request->inputs;
    errand->narration.harvest.folder = request->folder;
    errand->narration.harvest.displays_count = request->displays_count;
    errand->interruption = (struct interruption){
        .calls = request->calls, .url = request->interrupt_url, .key = request->key};
    errand->start_by_ms = now_ms + request->options->wait_ms;
    errand->watches_reader = request->folder < 0;
    errand->leave_by_ms = UINT64_MAX;
    buf_init(&errand->refusal, REFUSAL_MAX_BYTES);
    relay_init(&errand->relay, RELAY_MAX_BYTES);
    spinner_init(&errand->spinner, !request->options->json, now_ms);
    const struct call_request call = {.url = request->url,
                                      .key = request->key,
                                      .accept = "text/event-stream",
                                      .body = request->body};
    errand->call = call_new(request->calls, &call, &call_events, errand, err);
    return errand->call != NULL;
}

static void tear_down(struct errand *errand)
{
    interruption_release(&errand->interruption);
    call_free(errand->call);
    events_release(&errand->events);
    buf_release(&errand->refusal);
    relay_release(&errand->relay);
}

void errand_run(const struct errand_request *request, struct errand_end *result)
{
    struct errand errand;
    struct error why;
    if (set_up(&errand, request, result, &why))
        ask(&errand);
    else
        end_in_trouble(&errand, why.text);
    while (errand.call && (errand.phase != PHASE_OVER || relay_fd(&errand.relay) >= 0))
        turn(&errand);
    spinner_end(&errand.spinner);
    result->exit_code = errand.exit_code;
    result->was_interrupted = errand.interruption.is_asked;
    result->generation = errand.narration.generation;
    result->has_lost_state = errand.narration.has_lost_state;
    result->is_mid_line = errand.narration.is_mid_line;
    result->displays_count = errand.narration.harvest.displays_count;
    tear_down(&errand);
}
