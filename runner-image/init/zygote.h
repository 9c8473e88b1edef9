/* zygote.h - the template that stays in a box of several runs, and forks each program.
 *
 * protocol.h has the orders. The zygote is trusted, but programs are its neighbours: it may have
 * been stopped or killed. So no answer is awaited for long.
 */
#ifndef MAYFLY_INIT_ZYGOTE_H
#define MAYFLY_INIT_ZYGOTE_H

#include "common/buf.h"
#include "template.h"

#define ZYGOTE_ANSWER_BYTES_MAX 16384

struct zygote {
    pid_t pid; /* 0: there is none */
    int fd;    /* its control socket */
    /* Our ends of its own streams, which no program has. They stay open: otherwise the zygote would
     * die when it writes to stderr. */
    int stdout_fd, stderr_fd, displays_fd;
};

/* Make a warm template the zygote, and take its descriptors. Returns false, with everything
 * untouched, when it says that it cannot stay. It can still be given a job. Returns false, too,
 * when it says nothing. Its control socket is then shut, and no job can be handed over. May wait
 * for seconds. */
bool zygote_settle(struct zygote *zygote, struct template *template);

/* Append the zygote's report on its own state. Returns false when no whole answer comes in
 * time. */
bool zygote_look(const struct zygote *zygote, struct buf *out);

/* Order the zygote to fork. *template is then as after template_spawn, and is about to say that it
 * is warm. stdin_fd is borrowed. Fails with ERR_SYSTEM; *template is then untouched. */
bool zygote_fork(const struct zygote *zygote, int stdin_fd, struct template *template,
                 struct error *err);

#endif
