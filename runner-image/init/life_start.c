#include "life_start.h"

#include <stdio.h>
#include <unistd.h>

#include "../protocol.h"
#include "common/clock.h"
#include "life_ending.h"
#include "life_reuse.h"
#include "life_session.h"

/* A program that ends sooner than this has its output sent in one piece with STARTED and END.
 * Sending each piece separately would make the shim and the engine busy on the cores that the
 * program needs. */
#define YOUTH_NS NS_PER_MS

static const char TOO_LITTLE_MEMORY[] = "its files and stdin do not fit into its memory limit";

_Noreturn void start_lose_template(const struct life *life)
{
    char said[2048];
    ssize_t len = read(life->template.stderr_fd, said, sizeof said - 1);
    said[len > 0 ? len : 0] = '\0';
    dprintf(STDERR_FILENO, "%s", said);
    life_abort(EXIT_TEMPLATE, "the template ended before it had a job (wait status 0x%x)",
               (unsigned)life->program.status);
}

/* Files and stdin use memory of the box. If they do not fit, the kernel has killed the template. */
static bool fill_box(struct life *life, const struct job *job, struct error *err)
{
    struct bytes cursor = job->fields, path;
    if (!box_fill(&life->box, job, err) || !input_fill(&life->input, job->stdin_data, err))
        return false;
    if (job->stdin_data.len == 0 && !job_next(&cursor, WIRE_TAG_FILE_PATH, &path))
        return true;
    return !program_is_doomed(&life->program, &life->cgroup) ||
           error_set(err, ERR_INVALID, TOO_LITTLE_MEMORY);
}

/* The kernel may have killed a template that was called early, too, because the job's files do not
 * fit. */
bool start_fetch_template(struct life *life, struct error *err)
{
    if (life->program.pid != 0)
        return true;
    if (template_await_warm(&life->template, STDIN_FILENO)) {
        program_adopt(&life->program, life->template.pid, &life->cgroup);
        return true;
    }
    if (program_is_doomed(&life->program, &life->cgroup))
        return error_set(err, ERR_INVALID, TOO_LITTLE_MEMORY);
    program_reap(&life->program);
    start_lose_template(life);
}

/* If the job keeps the box, the template must become the zygote before the files are written. */
static bool settle_in(struct life *life, const struct job *job, struct error *err)
{
    life->keeps = false;
    if (!life->is_asked)
        return true;
    if (!start_fetch_template(life, err))
        return false;
    life->keeps = reuse_settle(life, job);
    return true;
}

void start_take_pipes(struct life *life, const struct job *job)
{
    struct template *from = &life->template;
    output_init(&life->out, from->stdout_fd, WIRE_STDOUT, job->output_bytes);
    output_init(&life->err, from->stderr_fd, WIRE_STDERR, job->output_bytes);
    displays_init(&life->displays, from->displays_fd, job);
    from->stdout_fd = from->stderr_fd = from->displays_fd = -1;
}

void start_take_job(struct life *life, const struct frame *frame)
{
    struct job job;
    struct error err;
    if (life->phase != PHASE_READY)
        life_abort(EXIT_PROTOCOL, "a job came while the box was not ready");
    if (!job_decode(frame->payload, &job, &err))
        life_abort(EXIT_PROTOCOL, "%s", err.text);
    life->run_id = frame->run_id;
    life->is_asked = job.keeps_box;
    if (job.session_ms > 0) {
        life->keeps = life->is_asked;
        session_run(life, &job);
        return;
    }
    if (life->session.is_open)
        life_abort(EXIT_PROTOCOL, "a job came that is not of this box's session");
    /* Call the template now: it needs about as long for its answer as init for the files. */
    if (life->program.pid == 0)
        template_call(&life->template);
    if (!settle_in(life, &job, &err) || !fill_box(life, &job, &err) ||
        !start_fetch_template(life, &err)) {
        ending_refuse(life, &err);
        return;
    }
    start_take_pipes(life, &job);
    if (!harvest_init(&life->harvest, &job))
        life_abort(EXIT_RESOURCES, "no memory");
    program_begin(&life->program, &life->cgroup, job.timeout_ms);
    life_arm_timer(life, job.timeout_ms);
    life->phase = PHASE_RUNNING;
    life->grown_up_ns = life->next_pump_ns = clock_now_ns() + YOUTH_NS;
    /* On failure the template has died: SIGCHLD ends the run. */
    if (!template_hand_over(&life->template, &job, life->program.secret, &err))
        dprintf(STDERR_FILENO, "mayfly-init: %s\n", err.text);
    /* Do this while the program starts, since the kernel is slow at it. */
    meter_begin(&life->meter, &job);
}
