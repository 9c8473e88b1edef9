/* zygote.h - the zygote: a template that stays in a box of several runs, and forks each program.
 *
 * protocol.h has the orders that it obeys. The zygote is trusted, but programs run beside it as the
 * same user and may have stopped or killed it. So init waits only a limited time for each answer.
 */
#ifndef MAYFLY_INIT_ZYGOTE_H
#define MAYFLY_INIT_ZYGOTE_H

#include "common/buf.h"
#include "template.h"

#define ZYGOTE_ANSWER_BYTES_MAX 16384

struct zygote {
    pid_t pid;      /* 0: there is none */
    int fd;         /* its control socket */
    bool is_silent; /* it has failed to answer: its later answers are never read */
    /* Our ends of its own streams, which programs do not have. They stay open, because a write to
     * its stderr would kill the zygote if nobody could read it. */
    int stdout_fd, stderr_fd, displays_fd;
};

/* Turn a warm template into the zygote, and take its descriptors. Returns false if the template
 * answers that it cannot stay: everything is then untouched, and it can still get a job. Returns
 * false, too, if the template does not answer: its socket is then shut down, and it cannot get a
 * job any more. May wait for seconds. */
bool zygote_settle(struct zygote *zygote, struct template *template);

/* Append the zygote's report about its own state. Returns false if the answer is not complete in
 * time, and always from then on: a late answer would be taken for the answer to the next order. */
bool zygote_look(struct zygote *zygote, struct buf *out);

/* Let the zygote fork. *template is then as after template_spawn, and will soon report that it is
 * warm. stdin_fd is borrowed. Fails with ERR_SYSTEM; *template is then untouched. */
bool zygote_fork(const struct zygote *zygote, int stdin_fd, struct template *template,
                 struct error *err);

#endif
