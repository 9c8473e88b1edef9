/* Checks the engine client's HTTP, with libcurl and a real socket. Whatever bytes the engine sends,
 * a call must be answered exactly once and a stream closed exactly once, before the timeout, with a
 * status or an error text. A stream must report nothing after it is closed, and no answer's body
 * may exceed the limit.
 *
 * The input: a byte that selects call (even) or stream (odd), a byte with the length of the
 * engine's first write, then the bytes that the engine sends.
 */
#include "fuzz.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/engine/attach.h"
#include "broker/engine/enginehttp.h"
#include "common/log.h"

#define TIMEOUT_MS 2000

struct engine {
    int listener, connection;
    struct bytes first, second; /* the two writes */
    struct watch watch;
};

static struct loop *loop;
static struct transfers *transfers;
static struct engine engine = {.connection = -1};
static char path[64];
static unsigned ends, opens;

/* ---- the engine: answers the first bytes that it reads, then closes ---- */

static void say(int fd, struct bytes bytes)
{
    ssize_t sent = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
    (void)sent; /* the other side may have closed */
}

static void on_engine_ready(void *arg, short events)
{
    char request[4096];
    (void)arg;
    (void)events;
    if (engine.connection < 0) {
        engine.connection = accept(engine.listener, NULL, NULL);
        must(engine.connection >= 0);
        engine.watch.fd = engine.connection;
        return;
    }
    watch_stop(loop_watches(loop), &engine.watch);
    must(recv(engine.connection, request, sizeof(request), 0) >= 0);
    say(engine.connection, engine.first);
    say(engine.connection, engine.second);
    close(engine.connection);
}

static void engine_start(struct bytes first, struct bytes second)
{
    engine.first = first;
    engine.second = second;
    engine.connection = -1;
    engine.watch = (struct watch){.fd = engine.listener, .on_ready = on_engine_ready};
    must(watch_start(loop_watches(loop), &engine.watch, POLLIN));
}

/* ---- the client ---- */

static void on_answered(void *arg, const struct http_answer *answer)
{
    must(arg == &engine);
    ends++;
    must((answer->status == 0) == (answer->error.kind != ERR_NONE));
    must(answer->status != 0 || answer->error.text[0]);
    must(answer->error.kind != ERR_TIMEOUT);
    must(answer->body.len <= HTTP_ANSWER_MAX_BYTES);
    loop_stop(loop);
}

static void on_opened(void *arg)
{
    must(arg == &engine && ends == 0);
    opens++;
}

static void on_received(void *arg, const uint8_t *data, size_t len)
{
    must(arg == &engine && ends == 0 && data && len > 0);
}

static void on_sent(void *arg)
{
    must(arg != &engine); /* this fuzzer sends nothing on the stream */
}

static void on_closed(void *arg, const struct error *why)
{
    must(arg == &engine);
    ends++;
    must(why->kind != ERR_NONE && why->kind != ERR_TIMEOUT && why->text[0]);
    loop_stop(loop);
}

static const struct attach_events events = {
    .on_opened = on_opened, .on_received = on_received, .on_sent = on_sent, .on_closed = on_closed};

static void on_turn(void *arg)
{
    (void)arg;
    transfers_sweep(transfers);
}

static void remove_socket(void)
{
    unlink(path);
}

static void set_up(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    log_init("fuzz", LOG_FORMAT_JSON, LOG_ERROR);
    signal(SIGPIPE, SIG_IGN);
    snprintf(path, sizeof(path), "/tmp/mayfly-fuzz-%d.sock", (int)getpid());
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    unlink(path);
    atexit(remove_socket);
    engine.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(bind(engine.listener, (const struct sockaddr *)&address, sizeof(address)) == 0);
    must(listen(engine.listener, 16) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2 || len > 32768) /* fits a socket's buffer, so that no write blocks */
        return 0;
    if (!path[0])
        set_up();
    struct bytes all = bytes_of(data + 2, len - 2);
    size_t cut = data[1] < all.len ? data[1] : all.len;
    struct error err = {0};
    loop = loop_new(&err);
    transfers = transfers_new(loop, path, &err);
    must(loop && transfers);
    loop_set_turn(loop, on_turn, NULL);
    engine_start(bytes_of(all.data, cut), bytes_of(all.data + cut, all.len - cut));
    ends = opens = 0;
    bool started = data[0] % 2
                       ? attach_open(transfers, "/x", TIMEOUT_MS, &events, &engine, &err) != NULL
                       : http_call_start(transfers, "GET", "/x", NULL, TIMEOUT_MS, on_answered,
                                         &engine, &err) != NULL;
    must(started && ends == 0);
    on_turn(NULL);
    loop_run(loop);
    must(ends == 1 && opens <= 1);
    watch_stop(loop_watches(loop), &engine.watch);
    transfers_free(transfers);
    loop_free(loop);
    return 0;
}
