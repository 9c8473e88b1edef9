/* One subject of more than 400 lines: everything that is exchanged on the control socket with the
 * template and, later, with a session's interpreter. */
#include "template.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../protocol.h"
#include "common/fd.h"

#define FULLY_WARM 100 /* percent */

/* All descriptors for a new template. [0] is the reading end of a pipe, or our end of the
 * socket. */
struct plumbing {
    int output[2], errors[2], control[2];
};

static void close_pair(const int pair[2])
{
    if (pair[0] >= 0)
        close(pair[0]);
    if (pair[1] >= 0)
        close(pair[1]);
}

static void release_plumbing(const struct plumbing *plumbing)
{
    close_pair(plumbing->output);
    close_pair(plumbing->errors);
    close_pair(plumbing->control);
}

static bool make_plumbing(struct plumbing *plumbing)
{
    *plumbing = (struct plumbing){{-1, -1}, {-1, -1}, {-1, -1}};
    /* The pipes keep their default size. The program can see the size, and their memory is charged
     * to the box. */
    return pipe2(plumbing->output, O_CLOEXEC) == 0 && pipe2(plumbing->errors, O_CLOEXEC) == 0 &&
           socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, plumbing->control) == 0;
}

/* When memory runs out, the kernel should kill the program, not init. The child must be dumpable to
 * set this: otherwise root owns its files in /proc. It inherits "not dumpable" from init until its
 * exec. */
static void volunteer_for_oom(void)
{
    static const char most[] = "1000";
    prctl(PR_SET_DUMPABLE, 1);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, most, sizeof most - 1) < 0)
        perror("mayfly-init: oom_score_adj");
    if (fd >= 0)
        close(fd);
}

static void restore_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Runs in the child: becomes the template. The control socket was created last, so its number is
 * above TEMPLATE_CONTROL_FD, and no dup2 overwrites a descriptor that is still needed. */
static _Noreturn void become(char *const argv[], int stdin_fd, const struct plumbing *plumbing)
{
    char name[] = PROGRAM_NAME, script[] = PROGRAM_SCRIPT;
    char *const program_argv[] = {name, script, NULL};
    setsid();
    volunteer_for_oom();
    restore_signals();
    if (dup2(stdin_fd, STDIN_FILENO) >= 0 && dup2(plumbing->output[1], STDOUT_FILENO) >= 0 &&
        dup2(plumbing->errors[1], STDERR_FILENO) >= 0 &&
        dup2(plumbing->control[1], TEMPLATE_CONTROL_FD) >= 0)
        execv(argv[0], argv[1] ? argv : program_argv);
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

/* Let the kernel add the sender's pid to each message. */
static bool ask_for_pids(int fd)
{
    const int on = 1;
    return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0;
}

static bool prepare_plumbing(struct plumbing *plumbing, struct error *err)
{
    if (make_plumbing(plumbing) && fd_set_nonblocking(plumbing->output[0]) &&
        fd_set_nonblocking(plumbing->errors[0]) && ask_for_pids(plumbing->control[0]))
        return true;
    error_errno(err, "pipes");
    release_plumbing(plumbing);
    return false;
}

/* Keep our ends of the pipes, and close the others, which only the child needs. */
static void take_our_ends(struct template *template, const struct plumbing *plumbing)
{
    close(plumbing->output[1]);
    close(plumbing->errors[1]);
    close(plumbing->control[1]);
    *template = (struct template){
        .control_fd = plumbing->control[0],
        .stdout_fd = plumbing->output[0],
        .stderr_fd = plumbing->errors[0],
        .displays_fd = -1,
        .warmth = FULLY_WARM,
    };
}

bool template_spawn(struct template *template, int stdin_fd, char *const argv[], struct error *err)
{
    struct plumbing plumbing;
    if (!prepare_plumbing(&plumbing, err))
        return false;
    pid_t pid = fork();
    if (pid == 0)
        become(argv, stdin_fd, &plumbing);
    if (pid < 0) {
        error_errno(err, "fork");
        release_plumbing(&plumbing);
        return false;
    }
    take_our_ends(template, &plumbing);
    return true;
}

static bool send_order(int fd, char byte, const int *passed, size_t count)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(FORK_FDS_COUNT * sizeof(int))];
    } control = {.room = {0}};
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(part), passed, count * sizeof(int));
    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

bool template_order_fork(struct template *template, int zygote_fd, int stdin_fd, struct error *err)
{
    struct plumbing plumbing;
    if (!prepare_plumbing(&plumbing, err))
        return false;
    const int passed[FORK_FDS_COUNT] = {stdin_fd, plumbing.output[1], plumbing.errors[1],
                                        plumbing.control[1]};
    if (!send_order(zygote_fd, ORDER_FORK, passed, FORK_FDS_COUNT)) {
        error_errno(err, "ordering a fork");
        release_plumbing(&plumbing);
        return false;
    }
    take_our_ends(template, &plumbing);
    return true;
}

/* Extract the descriptor and the sender's pid from a message; -1 and 0 if it has none. */
static void take_passed(struct msghdr *message, int *fd, pid_t *pid)
{
    struct ucred sender = {0};
    *fd = -1;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
            memcpy(fd, CMSG_DATA(part), sizeof *fd);
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_CREDENTIALS)
            memcpy(&sender, CMSG_DATA(part), sizeof sender);
    }
    *pid = sender.pid;
}

/* Read up to size bytes, with the descriptor and pid that came with them. Returns recvmsg's result.
 */
static ssize_t read_some(struct template *template, char *to, size_t size, int *fd, pid_t *pid)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec data = {.iov_base = to, .iov_len = size};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    *fd = -1;
    ssize_t len = recvmsg(template->control_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (len > 0)
        take_passed(&message, fd, pid);
    return len;
}

static enum template_news take_warm(struct template *template, int displays_fd, pid_t pid)
{
    template->displays_fd = displays_fd;
    template->pid = pid;
    if (pid <= 0 || (displays_fd >= 0 && !fd_set_nonblocking(displays_fd)))
        return TEMPLATE_LOST;
    return TEMPLATE_IS_WARM;
}

/* Read the byte after TEMPLATE_WARMTH, which the template writes together with it. */
static bool read_warmth(struct template *template)
{
    uint8_t percent;
    if (recv(template->control_fd, &percent, 1, MSG_DONTWAIT) != 1 || percent > FULLY_WARM)
        return false;
    template->warmth = percent;
    return true;
}

enum template_news template_poll(struct template *template)
{
    char byte;
    int fd;
    pid_t pid;
    for (;;) {
        ssize_t len = read_some(template, &byte, 1, &fd, &pid);
        if (len < 0 && (errno == EAGAIN || errno == EINTR))
            return TEMPLATE_NO_NEWS;
        if (len == 1 && byte == TEMPLATE_READY)
            return TEMPLATE_IS_READY;
        if (len == 1 && byte == TEMPLATE_WARM)
            return take_warm(template, fd, pid);
        if (len != 1 || byte != TEMPLATE_WARMTH || !read_warmth(template))
            return TEMPLATE_LOST;
    }
}

void template_call(const struct template *template)
{
    static const char call = HANDOVER_CALL;
    /* If the template has died, the missing answer shows it. */
    (void)!send(template->control_fd, &call, 1, MSG_NOSIGNAL);
}

bool template_await_warm(struct template *template, int hangup_fd)
{
    struct pollfd watched[] = {{.fd = template->control_fd, .events = POLLIN},
                               {.fd = hangup_fd, .events = 0}};
    for (;;) {
        enum template_news news = template_poll(template);
        if (news == TEMPLATE_IS_WARM || news == TEMPLATE_LOST)
            return news == TEMPLATE_IS_WARM;
        if ((poll(watched, 2, -1) < 0 && errno != EINTR) || watched[1].revents)
            return false;
    }
}

static bool copy_fields(struct buf *message, const struct job *job, enum wire_tag tag)
{
    struct bytes cursor = job->fields;
    struct bytes value;
    while (job_next(&cursor, tag, &value)) {
        if (!wire_put(message, tag, value.data, value.len))
            return false;
    }
    return true;
}

static bool compose(struct buf *message, const struct job *job, uint64_t secret)
{
    size_t mark;
    if (!wire_begin(message, WIRE_RUN, secret, &mark))
        return false;
    bool whole =
        copy_fields(message, job, WIRE_TAG_ARG) && copy_fields(message, job, WIRE_TAG_ENV) &&
        copy_fields(message, job, WIRE_TAG_FILE_PATH) &&
        copy_fields(message, job, WIRE_TAG_DISPLAYS_BYTES) &&
        copy_fields(message, job, WIRE_TAG_OUTPUT_MERGED) &&
        copy_fields(message, job, WIRE_TAG_LINE_BUFFERED) &&
        copy_fields(message, job, WIRE_TAG_CELL) && copy_fields(message, job, WIRE_TAG_SESSION_MS);
    if (whole)
        wire_end(message, mark);
    return whole;
}

/* May block, but not for long: the template does nothing but read. */
static bool send_all(int fd, struct buf *message)
{
    while (message->len > 0) {
        struct bytes rest = buf_bytes(message);
        ssize_t sent = send(fd, rest.data, rest.len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        if (sent > 0)
            buf_consume(message, (size_t)sent);
    }
    return true;
}

bool template_hand_over(struct template *template, const struct job *job, uint64_t secret,
                        struct error *err)
{
    struct buf message;
    buf_init(&message, WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES);
    bool sent = compose(&message, job, secret) && send_all(template->control_fd, &message);
    if (!sent)
        error_errno(err, "the job cannot be handed over");
    buf_release(&message);
    return sent;
}

/* Keep the pipe for displays. There is at most one. */
static void take_pipe(struct template *template, int fd)
{
    if (fd < 0)
        return;
    if (template->displays_fd < 0 && fd_set_nonblocking(fd))
        template->displays_fd = fd;
    else
        close(fd);
}

/* Read as much of the report as has arrived. Returns true when it is complete. */
static bool read_word(struct template *template)
{
    for (;;) {
        char *end = template->word + template->word_len;
        size_t room = sizeof template->word - template->word_len;
        int fd = -1;
        pid_t pid;
        ssize_t len = room > 0 ? read_some(template, end, room, &fd, &pid) : 0;
        take_pipe(template, fd);
        if (len > 0)
            template->word_len += (size_t)len;
        else if (len == 0 || errno != EINTR)
            return len == 0 || errno != EAGAIN;
    }
}

/* The report is complete at EOF: becoming the program closes the template's end of the socket, be
 * it explicitly or by exec. */
enum template_word template_hear(struct template *template, struct error *why)
{
    if (template->control_fd < 0 || !read_word(template))
        return TEMPLATE_SILENT;
    close(template->control_fd);
    template->control_fd = -1;
    struct bytes word = bytes_of(template->word, template->word_len);
    if (word.len > 0 && word.data[0] == HANDOVER_DISPLAYS)
        word = bytes_of(word.data + 1, word.len - 1);
    bool cold = word.len > 0 && word.data[0] == HANDOVER_COLD;
    if (cold)
        word = bytes_of(word.data + 1, word.len - 1);
    if (word.len > 0 && word.data[0] == HANDOVER_FAILED) {
        error_set(why, ERR_SYSTEM, "%.*s", (int)word.len - 1, (const char *)word.data + 1);
        return TEMPLATE_FAILED;
    }
    return cold ? TEMPLATE_COLD : TEMPLATE_STARTED;
}

/* ---- a session's interpreter ---- */

/* Read the reason of a failure, which ends with the socket's end. */
static enum session_word take_failure(struct template *template, struct error *why)
{
    template->is_failing = true;
    if (!read_word(template))
        return SESSION_SILENT;
    error_set(why, ERR_SYSTEM, "%.*s", (int)template->word_len, template->word);
    return SESSION_FAILED;
}

/* Each message is one byte; SESSION_WORD_ENDED is followed by the exit code. */
enum session_word template_hear_session(struct template *template, unsigned *code,
                                        struct error *why)
{
    char byte;
    int fd = -1;
    pid_t pid;
    if (template->control_fd < 0)
        return SESSION_SILENT;
    if (template->is_failing)
        return take_failure(template, why);
    ssize_t len = read_some(template, &byte, 1, &fd, &pid);
    take_pipe(template, fd);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return SESSION_SILENT;
    if (len == 1 && byte == HANDOVER_DISPLAYS)
        return template_hear_session(template, code, why);
    if (len == 1 && byte == SESSION_WORD_SERVES)
        return SESSION_SERVES;
    if (len == 1 && byte == HANDOVER_FAILED)
        return take_failure(template, why);
    uint8_t value;
    if (len != 1 || byte != SESSION_WORD_ENDED ||
        recv(template->control_fd, &value, 1, MSG_DONTWAIT) != 1)
        return SESSION_LOST;
    *code = value;
    return SESSION_ENDED;
}

bool template_pass_cell(const struct template *template, int cell_fd)
{
    return template->control_fd >= 0 && send_order(template->control_fd, SESSION_CELL, &cell_fd, 1);
}
