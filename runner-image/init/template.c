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

/* Every fd of a spawn. [0] is the reading end of a pipe, or our end of the socket. */
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
    /* The pipes keep their default size. The program can see it, and their pages count as the box's
     * memory. */
    return pipe2(plumbing->output, O_CLOEXEC) == 0 && pipe2(plumbing->errors, O_CLOEXEC) == 0 &&
           socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, plumbing->control) == 0;
}

/* When memory runs out, the kernel should kill the program, not init. Until its exec, a child of
 * init is not dumpable either, and root owns the files of such a process in /proc. */
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

/* Runs in the child. The control socket was made last, so its number is above TEMPLATE_CONTROL_FD.
 * No dup2 overwrites a source that is still needed. */
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

/* Each message carries the pid of its sender, from the kernel. */
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

/* Keep our ends, and close the others: the child has them by now. */
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

static bool send_order(int fd, char byte, const int passed[FORK_FDS_COUNT])
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(FORK_FDS_COUNT * sizeof(int))];
    } control = {.room = {0}};
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(FORK_FDS_COUNT * sizeof(int));
    memcpy(CMSG_DATA(part), passed, FORK_FDS_COUNT * sizeof(int));
    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

bool template_order_fork(struct template *template, int zygote_fd, int stdin_fd, struct error *err)
{
    struct plumbing plumbing;
    if (!prepare_plumbing(&plumbing, err))
        return false;
    const int passed[FORK_FDS_COUNT] = {stdin_fd, plumbing.output[1], plumbing.errors[1],
                                        plumbing.control[1]};
    if (!send_order(zygote_fd, ORDER_FORK, passed)) {
        error_errno(err, "ordering a fork");
        release_plumbing(&plumbing);
        return false;
    }
    take_our_ends(template, &plumbing);
    return true;
}

/* Take the descriptor and the pid from a message; -1 and 0 without one. */
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

/* Read one byte, and the descriptor and pid that come with it. Returns recvmsg's result. */
static ssize_t read_byte(struct template *template, char *byte, int *fd, pid_t *pid)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec data = {.iov_base = byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t len = recvmsg(template->control_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (len == 1)
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

/* Read the percentage, which the template writes together with TEMPLATE_WARMTH. */
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
        ssize_t len = read_byte(template, &byte, &fd, &pid);
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
    /* A template that has died is noticed when it does not answer. */
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
    bool whole = copy_fields(message, job, WIRE_TAG_ARG) &&
                 copy_fields(message, job, WIRE_TAG_ENV) &&
                 copy_fields(message, job, WIRE_TAG_FILE_PATH) &&
                 copy_fields(message, job, WIRE_TAG_DISPLAYS_BYTES) &&
                 copy_fields(message, job, WIRE_TAG_OUTPUT_MERGED) &&
                 copy_fields(message, job, WIRE_TAG_LINE_BUFFERED);
    if (whole)
        wire_end(message, mark);
    return whole;
}

/* May block: the template does nothing but read this. */
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

/* Read as much of the word as has come. Returns false while the template may send more. */
static bool read_word(struct template *template)
{
    for (;;) {
        char *end = template->word + template->word_len;
        size_t room = sizeof template->word - template->word_len;
        ssize_t len = room > 0 ? recv(template->control_fd, end, room, MSG_DONTWAIT) : 0;
        if (len > 0)
            template->word_len += (size_t)len;
        else if (len == 0 || errno != EINTR)
            return len == 0 || errno != EAGAIN;
    }
}

/* The word is complete at EOF: the template's end of the socket closes when it becomes the program,
 * even if it does so by exec. */
enum template_word template_hear(struct template *template, struct error *why)
{
    if (template->control_fd < 0 || !read_word(template))
        return TEMPLATE_SILENT;
    close(template->control_fd);
    template->control_fd = -1;
    struct bytes word = bytes_of(template->word, template->word_len);
    bool cold = word.len > 0 && template->word[0] == HANDOVER_COLD;
    if (cold)
        word = bytes_of(word.data + 1, word.len - 1);
    if (word.len > 0 && word.data[0] == HANDOVER_FAILED) {
        error_set(why, ERR_SYSTEM, "%.*s", (int)word.len - 1, (const char *)word.data + 1);
        return TEMPLATE_FAILED;
    }
    return cold ? TEMPLATE_COLD : TEMPLATE_STARTED;
}
