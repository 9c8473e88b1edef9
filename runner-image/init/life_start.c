#include "life_start.h"

#include <stdio.h>
#include <unistd.h>

#include "../protocol.h"
#include "common/clock.h"
#include "life_ending.h"
#include "life_reuse.h"
#include "life_session.h"

/* If a program ends within this time, STARTED, its output and END are sent together. Separate
 * writes would keep shim and engine busy on the cores that the program needs. */
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

/* Write the job's files and stdin, which use the box's memory. If they do not fit, the kernel has
 * killed the template. */
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

/* Wait until the template is warm. The kernel may have killed it because the job's files do not fit
 * into the memory limit. */
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

/* If the job wants to keep the box, turn the template into the zygote. This must happen before
 * files are written. */
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
    /* Call the template first: its answer takes about as long as writing the files. */
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
    /* If this fails, the template has died, and SIGCHLD will end the run. */
    if (!template_hand_over(&life->template, &job, life->program.secret, &err))
        dprintf(STDERR_FILENO, "mayfly-init: %s\n", err.text);
    /* Do this only now, because it is slow and the program is already starting. */
    meter_begin(&life->meter, &job);
}
