#include "life_session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../protocol.h"
#include "common/clock.h"
#include "life_ending.h"
#include "life_start.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3; a host may require it */
#endif
/* How long an interrupted cell has to end. */
#define GRACE_MS 2000
/* Most messages of the interpreter that are read in one turn, or dropped before a cell. */
#define WORDS_MAX 64

/* ---- the interpreter ---- */

static bool is_alive(const struct life *life)
{
    return life->session.is_serving && !life->program.ended;
}

static void close_and_forget(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Start a new template in the place of an interpreter that has ended. It warms up like the
 * first. */
void session_restart(struct life *life)
{
    struct error err;
    program_kill_all(&life->program);
    close_and_forget(&life->out.fd);
    close_and_forget(&life->err.fd);
    close_and_forget(&life->displays.fd);
    close_and_forget(&life->template.control_fd);
    close_and_forget(&life->template.stdout_fd);
    close_and_forget(&life->template.stderr_fd);
    close_and_forget(&life->template.displays_fd);
    close_and_forget(&life->input.fd);
    if (!input_open(&life->input, &err) ||
        !template_spawn(&life->template, life->input.program_fd, life->argv, &err))
        life_abort(EXIT_RESOURCES, "template: %s", err.text);
    close(life->input.program_fd);
    program_init(&life->program, &life->cgroup, 0);
    life->program.follows = true;
    life->session.is_serving = false;
    life->session.generation++;
}

/* Turn the template into the session's interpreter. It gets arguments and environment, reports that
 * it is ready, and then waits for cells. */
static bool start_interpreter(struct life *life, const struct job *job, struct error *err)
{
    const struct bytes nothing = {0};
    if (life->program.pid == 0)
        template_call(&life->template);
    if (!input_fill(&life->input, nothing, err) || !start_fetch_template(life, err))
        return false;
    start_take_pipes(life, job);
    return template_hand_over(&life->template, job, life->program.secret, err);
}

/* ---- a cell ---- */

static int make_file(void)
{
    int fd = memfd_create("cell", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    return fd < 0 && errno == EINVAL ? memfd_create("cell", MFD_CLOEXEC) : fd;
}

/* Write the cell's source and stdin to a file in memory. Through a socket, an interpreter that does
 * not read could block us. */
static bool keep_cell(struct life *life, const struct job *job, struct error *err)
{
    struct buf frame;
    size_t mark;
    buf_init(&frame, WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES);
    int fd = make_file();
    bool is_kept = fd >= 0 && wire_begin(&frame, WIRE_RUN, life->run_id, &mark) &&
                   wire_put(&frame, WIRE_TAG_SOURCE, job->source.data, job->source.len) &&
                   wire_put(&frame, WIRE_TAG_STDIN, job->stdin_data.data, job->stdin_data.len) &&
                   wire_put_u64(&frame, WIRE_TAG_DISPLAYS_BYTES, job->displays_bytes) &&
                   wire_put_u64(&frame, WIRE_TAG_OUTPUT_MERGED, job->output_merged);
    if (is_kept)
        wire_end(&frame, mark);
    while (is_kept && frame.len > 0)
        is_kept = buf_write_fd(&frame, fd) > 0 || errno == EINTR;
    buf_release(&frame);
    close_and_forget(&life->session.cell_fd);
    if (is_kept)
        life->session.cell_fd = fd;
    else if (fd >= 0)
        close(fd);
    return is_kept || error_set(err, ERR_INVALID, "the cell does not fit into the box's memory");
}

/* Drop messages that the interpreter sent while no cell ran. */
static void forget_words(struct life *life)
{
    unsigned code;
    struct error why;
    for (int i = 0; i < WORDS_MAX; i++) {
        if (template_hear_session(&life->template, &code, &why) == SESSION_SILENT)
            return;
    }
}

static void send_started(struct life *life)
{
    life->started = true;
    if (!upstream_send_started(&life->up, life->run_id, false, life->template.warmth))
        life_abort(EXIT_RESOURCES, "no memory");
}

void session_ensure_started(struct life *life)
{
    bool is_ending = life->program.ended || life->program.cut != CUT_NONE;
    if (!life->started && life->program.ended)
        session_hear(life);
    if (!life->started && is_ending && life->phase == PHASE_RUNNING)
        send_started(life);
}

/* Give the cell to the interpreter. If it does not take the cell, kill it: its death ends the
 * run. */
static void pass_cell(struct life *life)
{
    bool is_passed = template_pass_cell(&life->template, life->session.cell_fd);
    close_and_forget(&life->session.cell_fd);
    send_started(life);
    life->session.is_in_cell = true;
    if (!is_passed)
        kill(life->program.pid, SIGKILL);
}

/* End the run, because the cell has ended. The interpreter keeps running. */
static void end_cell(struct life *life, unsigned code)
{
    life->session.is_in_cell = false;
    program_pause(&life->program, code);
    life->phase = PHASE_DRAINING;
    life_arm_timer(life, LEAVE_MS);
    ending_drain(life);
}

/* End a run that needs no interpreter, or failed before it got one. */
static void end_at_once(struct life *life, unsigned code, const struct error *why)
{
    if (why)
        bytes_copy_cut(life->session.text, sizeof life->session.text, bytes_of_string(why->text));
    send_started(life);
    end_cell(life, code);
}

/* Start counting anew for this run. The pipes stay those of the interpreter. */
static void begin_counts(struct life *life, const struct job *job)
{
    session_discard(life);
    output_init(&life->out, life->out.fd, WIRE_STDOUT, job->output_bytes);
    output_init(&life->err, life->err.fd, WIRE_STDERR, job->output_bytes);
    buf_release(&life->displays.content);
    displays_init(&life->displays, life->displays.fd, job);
}

static void open_session(struct life *life)
{
    if (life->session.is_open)
        return;
    life->session.is_open = true;
    life->session.generation = 1;
    box_unprepare(&life->box);
}

static void begin_clocks(struct life *life, const struct job *job)
{
    life->program.cut = CUT_NONE;
    if (is_alive(life))
        program_adopt(&life->program, life->program.pid, &life->cgroup);
    program_begin(&life->program, &life->cgroup, job->timeout_ms);
    meter_begin(&life->meter, job);
    life_arm_timer(life, job->timeout_ms);
    life->grown_up_ns = life->next_pump_ns = clock_now_ns();
}

void session_run(struct life *life, const struct job *job)
{
    struct error err;
    open_session(life);
    life->session.text[0] = '\0';
    life->session.is_interrupted = life->session.is_in_cell = false;
    life->session.life_ms = job->session_ms;
    begin_counts(life, job);
    if (!harvest_init(&life->harvest, job))
        life_abort(EXIT_RESOURCES, "no memory");
    begin_clocks(life, job);
    life->phase = PHASE_RUNNING;
    if (!box_put_files(&life->box, job, &err) || (job->is_cell && !keep_cell(life, job, &err))) {
        end_at_once(life, 1, &err);
        return;
    }
    if (!job->is_cell) {
        end_at_once(life, 0, NULL);
    } else if (is_alive(life)) {
        forget_words(life);
        pass_cell(life);
    } else if (!start_interpreter(life, job, &err)) {
        ending_refuse(life, &err);
    } else {
        begin_clocks(life, job);
    }
}

/* ---- messages of the interpreter ---- */

void session_hear(struct life *life)
{
    struct error why;
    unsigned code;
    for (int i = 0; i < WORDS_MAX && life->phase == PHASE_RUNNING; i++) {
        enum session_word word = template_hear_session(&life->template, &code, &why);
        if (life->template.displays_fd >= 0)
            displays_attach(&life->displays, life->template.displays_fd);
        life->template.displays_fd = -1;
        if (word == SESSION_SILENT)
            return;
        if (word == SESSION_FAILED && !life->started) {
            ending_refuse(life, &why);
        } else if (word == SESSION_SERVES && !life->started) {
            life->session.is_serving = true;
            pass_cell(life);
        } else if (word == SESSION_ENDED && life->session.is_in_cell) {
            end_cell(life, code);
        } else if (word == SESSION_LOST) {
            close_and_forget(&life->template.control_fd);
            if (!life->program.ended)
                kill(life->program.pid, SIGKILL);
            return;
        }
    }
}

/* ---- interrupts ---- */

/* Send SIGINT to the cell. The second time, or if no cell runs yet, end the run and kill
 * everything. */
static void interrupt(struct life *life)
{
    if (life->session.is_interrupted || !life->session.is_in_cell) {
        if (!life->started)
            send_started(life);
        if (life->program.cut == CUT_NONE)
            snprintf(life->session.text, sizeof life->session.text,
                     "The cell did not obey the interrupt");
        ending_begin(life);
        return;
    }
    life->session.is_interrupted = true;
    kill(life->program.pid, SIGINT);
    life_arm_timer(life, GRACE_MS);
}

void session_interrupt(struct life *life, uint64_t run_id)
{
    if (life->phase == PHASE_RUNNING && run_id == life->run_id && !life->session.is_interrupted)
        interrupt(life);
}

void session_on_timer(struct life *life)
{
    if (!life->session.is_interrupted)
        life->program.cut = CUT_TIMEOUT;
    interrupt(life);
}

/* ---- between cells ---- */

void session_discard(struct life *life)
{
    uint64_t *dropped_bytes = &life->session.dropped_bytes;
    *dropped_bytes +=
        output_discard(&life->out) + output_discard(&life->err) + displays_discard(&life->displays);
}

/* A pipe holds at most as much as one pump reads. So if there is still space in `up`, the pump has
 * read everything that was in the pipes. */
bool session_is_drained(const struct life *life)
{
    return life->session.is_open && !life->program.ended && upstream_has_room(&life->up);
}

void session_note(struct life *life)
{
    struct outcome *outcome = &life->outcome;
    outcome->generation = life->session.generation + life->program.ended;
    outcome->dropped_bytes = life->session.dropped_bytes;
    life->session.dropped_bytes = 0;
    if (life->session.text[0])
        snprintf(outcome->text, sizeof outcome->text, "%s", life->session.text);
}

void session_rest(struct life *life)
{
    harvest_release(&life->harvest);
    close_and_forget(&life->session.cell_fd);
    life->started = false;
    life->keeps = false;
    life->run_id = 0;
    program_reap(&life->program);
    if (life->program.ended)
        session_restart(life);
    life->phase = PHASE_READY;
    life_arm_timer(life, life->session.life_ms);
    if (!upstream_send(&life->up, WIRE_READY, 0))
        life_abort(EXIT_RESOURCES, "no memory");
}
