#include "client/bridge.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "client/bridge_message.h"
#include "client/call.h"
#include "client/ending.h"
#include "client/events.h"
#include "client/relay.h"
#include "client/signals.h"
#include "client/submission.h"
#include "common/list.h"
#include "common/notice.h"

#define READ_BYTES ((size_t)64 << 10)
#define ANSWER_MAX_BYTES ((size_t)256 << 20)
#define RELAY_MAX_BYTES ((size_t)512 << 20)
#define ERROR_MAX_BYTES ((size_t)8 << 10)
#define PENDING_MAX 64
#define WAIT_MS 10000
#define PARSE_ERROR (-32700)
#define INTERNAL_ERROR (-32603)

struct bridge {
    const char *url, *key; /* key NULL: no key */
    struct calls *calls;
    struct list pending; /* passages */
    struct relay relay;
    struct buf input; /* the incomplete last line of standard input */
    bool is_at_end;   /* standard input has ended */
    char agreed[BRIDGE_HEADER_BYTES];
    int signals;
    bool is_over;
    int exit_code;
};

/* A message that was posted to the gateway and whose response is not complete. */
struct passage {
    struct bridge *bridge;
    struct node node; /* on bridge->pending */
    struct bridge_message message;
    struct buf line, answer;
    struct events events;
    struct call *call;
    bool is_over;
};

static void end(struct bridge *bridge, int exit_code)
{
    bridge->is_over = true;
    bridge->exit_code = exit_code;
}

/* ---- to the host ---- */

static void put(struct bridge *bridge, struct bytes line)
{
    if (relay_put(&bridge->relay, STDOUT_FILENO, line))
        return;
    notice_print("mcp: the host does not read its answers");
    end(bridge, EXIT_TROUBLE);
}

static void fail(struct bridge *bridge, const char *id, int code, const char *text)
{
    struct buf line;
    buf_init(&line, ERROR_MAX_BYTES);
    if (bridge_message_fail(&line, id, code, text))
        put(bridge, buf_bytes(&line));
    buf_release(&line);
}

/* Answer with an error. A notification has no id and gets no answer. */
static void fail_passage(struct passage *passage, const char *text)
{
    if (passage->message.id[0])
        fail(passage->bridge, passage->message.id, INTERNAL_ERROR, text);
    passage->is_over = true;
}

/* ---- from the gateway ---- */

static void passage_free(struct passage *passage)
{
    node_remove(&passage->node);
    call_free(passage->call);
    events_release(&passage->events);
    buf_release(&passage->line);
    buf_release(&passage->answer);
    free(passage);
}

static void translate(struct passage *passage, long status, struct bytes answer)
{
    struct buf line;
    buf_init(&line, ANSWER_MAX_BYTES + ERROR_MAX_BYTES);
    if (bridge_message_translate(&line, passage->message.id, status, answer))
        put(passage->bridge, buf_bytes(&line));
    buf_release(&line);
}

static void take_events(struct passage *passage, struct bytes bytes)
{
    struct event event;
    enum events_result result;
    while ((result = events_next(&passage->events, &bytes, &event)) == EVENTS_EVENT) {
        if (event.data.len > 0)
            translate(passage, 200, event.data);
    }
    if (result == EVENTS_BAD)
        fail_passage(passage, "The gateway sent an event that is too long");
}

static bool on_body(void *arg, struct bytes bytes)
{
    struct passage *passage = arg;
    bool is_stream =
        call_status(passage->call) == 200 && call_has_type(passage->call, "text/event-stream");
    if (is_stream)
        take_events(passage, bytes);
    else if (!buf_append(&passage->answer, bytes.data, bytes.len))
        fail_passage(passage, "The gateway sent an answer that is too long");
    return !passage->is_over;
}

static void on_ended(void *arg, const struct error *why)
{
    struct passage *passage = arg;
    struct bridge *bridge = passage->bridge;
    struct bytes answer = buf_bytes(&passage->answer);
    long status = call_status(passage->call);
    if (passage->is_over)
        return;
    if (why) {
        fail_passage(passage, why->text);
        return;
    }
    passage->is_over = true;
    if (passage->message.is_handshake && status == 200)
        bridge_message_agree(bridge->agreed, answer);
    bool has_answer = status == 200 ? answer.len > 0 : status != 202;
    if (has_answer && (status == 200 || passage->message.id[0]))
        translate(passage, status, answer);
}

static const struct call_events call_events = {.body = on_body, .ended = on_ended};

static void sweep(struct bridge *bridge)
{
    struct passage *next;
    for (struct passage *each = list_first(&bridge->pending); each; each = next) {
        next = node_next(&each->node);
        if (each->is_over)
            passage_free(each);
    }
}

/* ---- from the host ---- */

static bool begin_call(struct passage *passage, struct error *err)
{
    struct bridge *bridge = passage->bridge;
    struct call_header headers[BRIDGE_HEADERS_MAX];
    const struct call_request request = {
        .url = bridge->url,
        .key = bridge->key,
        .accept = "application/json, text/event-stream",
        .headers = bridge_message_headers(&passage->message, headers),
        .body = buf_bytes(&passage->line),
    };
    passage->call = call_new(bridge->calls, &request, &call_events, passage, err);
    return passage->call && call_start(passage->call, err);
}

static void pass_on(struct bridge *bridge, const struct bridge_message *message, struct bytes line)
{
    struct error why;
    struct passage *passage =
        bridge->pending.count < PENDING_MAX ? calloc(1, sizeof(*passage)) : NULL;
    if (!passage) {
        if (message->id[0])
            fail(bridge, message->id, INTERNAL_ERROR, "Too many requests are pending");
        return;
    }
    passage->bridge = bridge;
    passage->message = *message;
    buf_init(&passage->line, SUBMISSION_MAX_BYTES);
    buf_init(&passage->answer, ANSWER_MAX_BYTES);
    events_init(&passage->events, ANSWER_MAX_BYTES);
    node_init(&passage->node, passage);
    node_append(&passage->node, &bridge->pending);
    error_set(&why, ERR_SYSTEM, "out of memory");
    if (!buf_append(&passage->line, line.data, line.len) || !begin_call(passage, &why))
        fail_passage(passage, why.text);
}

static void cancel(struct bridge *bridge, const char *id)
{
    for (struct passage *each = list_first(&bridge->pending); each; each = node_next(&each->node)) {
        if (strcmp(each->message.id, id) != 0 || each->is_over)
            continue;
        if (each->call)
            call_stop(each->call);
        each->is_over = true;
    }
}

static void take_line(struct bridge *bridge, struct bytes line)
{
    struct bridge_message message;
    struct error why;
    while (line.len > 0 && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == ' '))
        line.len--;
    if (line.len == 0)
        return;
    if (!bridge_message_read(&message, line, bridge->agreed, &why))
        fail(bridge, "", PARSE_ERROR, why.text);
    else if (message.cancels[0])
        cancel(bridge, message.cancels);
    else
        pass_on(bridge, &message, line);
}

static void take_lines(struct bridge *bridge)
{
    struct bytes input = buf_bytes(&bridge->input);
    size_t taken = 0;
    const uint8_t *newline;
    while (input.len > taken && (newline = memchr(input.data + taken, '\n', input.len - taken))) {
        size_t len = (size_t)(newline - input.data) - taken;
        take_line(bridge, bytes_of(input.data + taken, len));
        taken += len + 1;
    }
    if (bridge->is_at_end && input.len > taken) {
        take_line(bridge, bytes_of(input.data + taken, input.len - taken));
        taken = input.len;
    }
    buf_consume(&bridge->input, taken);
}

static void read_input(struct bridge *bridge)
{
    long got = buf_read_fd(&bridge->input, STDIN_FILENO, READ_BYTES);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got < 0 && errno == ENOBUFS) {
        notice_print("mcp: the host sent a line that is too long");
        end(bridge, EXIT_TROUBLE);
        return;
    }
    bridge->is_at_end = got <= 0;
    take_lines(bridge);
}

/* ---- turns ---- */

static void take_signal(struct bridge *bridge)
{
    struct signalfd_siginfo info;
    if (read(bridge->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
        end(bridge, EXIT_BY_SIGNAL + (int)info.ssi_signo);
}

static bool is_ready(int fd, short events)
{
    struct pollfd descriptor = {.fd = fd, .events = events};
    return poll(&descriptor, 1, 0) == 1;
}

/* Returns false when the reader of stdout has closed it. poll(2) reports this even if no events are
 * requested. */
static bool has_reader(void)
{
    struct pollfd reader = {.fd = STDOUT_FILENO};
    return poll(&reader, 1, 0) != 1 || !(reader.revents & (POLLERR | POLLHUP | POLLNVAL));
}

static void turn(struct bridge *bridge)
{
    struct curl_waitfd descriptors[3] = {{.fd = bridge->signals, .events = CURL_WAIT_POLLIN}};
    unsigned count = 1;
    struct error why;
    bool is_writing = relay_fd(&bridge->relay) >= 0;
    descriptors[count++] =
        (struct curl_waitfd){.fd = STDOUT_FILENO, .events = is_writing ? CURL_WAIT_POLLOUT : 0};
    if (!bridge->is_at_end)
        descriptors[count++] = (struct curl_waitfd){.fd = STDIN_FILENO, .events = CURL_WAIT_POLLIN};
    if (!calls_turn(bridge->calls, descriptors, count, WAIT_MS, &why)) {
        notice_print("mcp: %s", why.text);
        end(bridge, EXIT_TROUBLE);
    }
    if (!bridge->is_at_end && is_ready(STDIN_FILENO, POLLIN))
        read_input(bridge);
    sweep(bridge);
    if (!relay_flush(&bridge->relay) || !has_reader())
        end(bridge, bridge->is_at_end ? 0 : EXIT_BY_SIGNAL + SIGPIPE);
    if (bridge->is_at_end && bridge->pending.count == 0 && relay_fd(&bridge->relay) < 0)
        end(bridge, bridge->exit_code);
    take_signal(bridge);
}

/* ---- the interface ---- */

int bridge_run(const char *url, const char *key)
{
    struct error why;
    struct bridge bridge = {.url = url, .key = key};
    relay_init(&bridge.relay, RELAY_MAX_BYTES);
    buf_init(&bridge.input, SUBMISSION_MAX_BYTES);
    bridge.signals = signals_open();
    bridge.calls = calls_new(&why);
    if (!bridge.calls || bridge.signals < 0)
        end(&bridge, EXIT_TROUBLE);
    while (!bridge.is_over)
        turn(&bridge);
    for (struct passage *left; (left = list_take(&bridge.pending));)
        passage_free(left);
    calls_free(bridge.calls);
    relay_release(&bridge.relay);
    buf_release(&bridge.input);
    if (bridge.signals >= 0)
        close(bridge.signals);
    return bridge.exit_code;
}
