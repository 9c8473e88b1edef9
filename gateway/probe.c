#include "probe.h"

#include "common/endpoint.h"
#include "common/status.h"
#include "common/wire_reader.h"

#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_S 5
#define ANSWER_MAX_BYTES 4096
/* A STATUS frame has a reason and many samples. */
#define STATUS_MAX_BYTES ((size_t)64 << 10)
#define COMMAND_MAX_BYTES 4096

static int connect_to(const struct sockaddr *address, socklen_t len)
{
    const struct timeval wait = {.tv_sec = WAIT_S};
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)); /* also applies to connect(2) */
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    if (connect(fd, address, len) == 0)
        return fd;
    close(fd);
    return -1;
}

/* ---- the front ---- */

static int connect_to_front(const char *where)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    struct endpoint endpoint;
    if (!endpoint_parse(&endpoint, where) ||
        getaddrinfo(endpoint_near_host(&endpoint), endpoint.port, &hints, &found) != 0)
        return -1;
    int fd = connect_to(found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return fd;
}

/* Send the request and read the response, until the server closes. Returns false when nothing
 * arrived. */
static bool ask(int fd, char *answer, size_t size)
{
    static const char request[] =
        "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    size_t len = 0;
    if (write(fd, request, sizeof(request) - 1) != (ssize_t)(sizeof(request) - 1))
        return false;
    ssize_t got;
    while (len < size - 1 && (got = read(fd, answer + len, size - 1 - len)) > 0)
        len += (size_t)got;
    answer[len] = '\0';
    return len > 0;
}

static int probe_front(const struct config *config)
{
    char answer[ANSWER_MAX_BYTES];
    int fd = connect_to_front(config->listen);
    if (fd < 0 || !ask(fd, answer, sizeof(answer))) {
        fprintf(stderr, "mayfly: nothing answers at %s\n", config->listen);
        return 1;
    }
    close(fd);
    const char *body = strstr(answer, "\r\n\r\n");
    printf("%s\n", body ? body + 4 : "");
    return strncmp(answer, "HTTP/1.1 200", 12) == 0 ? 0 : 1;
}

/* ---- the broker ---- */

/* Wait for the first frame, which is the broker's STATUS. */
static bool hear(int fd, struct wire_reader *in, struct status *status)
{
    struct frame frame;
    enum wire_result result;
    while ((result = wire_reader_next(in, &frame)) == WIRE_MORE &&
           wire_reader_fill(in, fd, STATUS_MAX_BYTES) > 0)
        ;
    struct error err;
    return result == WIRE_FRAME && frame.type == WIRE_STATUS &&
           status_decode(frame.payload, status, &err);
}

/* Check that the broker is alive or, with wants_ready, that a run would work. */
static int probe_broker(const struct config *config, bool wants_ready)
{
    static struct status status;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct wire_reader in;
    memcpy(address.sun_path, config->wire_socket, sizeof(config->wire_socket));
    wire_reader_init(&in, STATUS_MAX_BYTES, 0);
    int fd = connect_to((const struct sockaddr *)&address, sizeof(address));
    bool heard = fd >= 0 && hear(fd, &in, &status);
    if (heard)
        printf("%s\n", status.ready ? "ready" : status.reason);
    else
        fprintf(stderr, "mayfly: no broker answers at %s\n", config->wire_socket);
    if (fd >= 0)
        close(fd);
    wire_reader_release(&in);
    return heard && (status.ready || !wants_ready) ? 0 : 1;
}

/* ---- a container ---- */

/* Returns true if process 1 is a broker: one of its words is "broker". That is not always the
 * second word, because an engine's init may come first. */
static bool is_broker_container(void)
{
    char words[COMMAND_MAX_BYTES + 1];
    int fd = open("/proc/1/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, words, COMMAND_MAX_BYTES);
    if (fd >= 0)
        close(fd);
    words[len > 0 ? len : 0] = '\0';
    for (const char *word = words; word < words + len; word += strlen(word) + 1)
        if (strcmp(word, "broker") == 0)
            return true;
    return false;
}

int probe_main(const struct config *config, char **options)
{
    const char *option = options[0] ? options[0] : "";
    bool is_container = strcmp(option, "--container") == 0;
    bool is_broker = strcmp(option, "--broker") == 0, is_ready = strcmp(option, "--ready") == 0;
    if (is_broker || is_ready || (is_container && is_broker_container()))
        return probe_broker(config, is_ready);
    return probe_front(config);
}
