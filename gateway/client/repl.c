#include "client/repl.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "client/draft.h"
#include "client/ending.h"
#include "client/errand.h"
#include "client/folder.h"
#include "client/prompt.h"
#include "client/session.h"
#include "client/signals.h"
#include "client/submission.h"
#include "client/visit.h"
#include "common/notice.h"

#define URL_MAX_BYTES ((size_t)16 << 10)
#define END_WAIT_MS 5000 /* the longest wait for the end of the session when the repl ends */
#define MADE 201         /* status of the answer when the session is new */
#define UNKNOWN 404      /* status of the answer when the gateway does not know the session */

struct repl {
    struct visit visit;
    struct prompt prompt;
    struct draft draft;
    struct buf line, ahead; /* ahead: a line that begins the next cell */
    bool has_ahead;
    struct session session; /* as it was when the repl began to use it */
    bool has_session;
    bool is_ours; /* the session was made here */
    struct buf url, body;
    int folder; /* receives displays */
    unsigned displays_count;
    bool is_over;
    int exit_code;
};

static void end(struct repl *repl, int exit_code)
{
    repl->is_over = true;
    repl->exit_code = exit_code;
}

static void end_by_signal(struct repl *repl, int number)
{
    end(repl, EXIT_BY_SIGNAL + number);
}

/* ---- the session ---- */

/* Read the session of the answer, and make the URL of its cells. */
static bool take_session(struct repl *repl, struct error *err)
{
    struct bytes text = buf_bytes(&repl->visit.answer);
    struct json *answer = json_parse(text.data, text.len, err);
    bool is_read = answer && session_read(&repl->session, answer, err);
    json_free(answer);
    if (!is_read)
        return false;
    buf_consume(&repl->visit.path, repl->visit.path.len);
    buf_consume(&repl->url, repl->url.len);
    if (!session_put_path(&repl->visit.path, repl->session.id, "/executions"))
        return error_set(err, ERR_SYSTEM, "out of memory");
    return setup_put_url(&repl->visit.setup, &repl->url, setup_text(&repl->visit.path), err);
}

static void greet(const struct repl *repl)
{
    const struct session *session = &repl->session;
    if (!repl->prompt.is_interactive)
        return;
    if (repl->is_ours)
        notice_print("session %s (%s); it ends after %.0f s without use; :help lists commands",
                     session->id, session->runtime, session->idle_timeout_s);
    else
        notice_print("session %s (%s) has run %lld cells; generation %lld; :help lists commands",
                     session->id, session->runtime, (long long)session->executions,
                     (long long)session->generation);
}

/* Make a session, or use the live one with this id. If `id` is NULL, the gateway chooses one. */
static bool open_session(struct repl *repl, const char *id)
{
    struct error why;
    struct visit *visit = &repl->visit;
    buf_consume(&visit->body, visit->body.len);
    repl->has_session = false;
    bool is_asked = submission_write_session(&visit->body, &visit->setup.options, id,
                                             &visit->setup.inputs, &why);
    if (!is_asked)
        notice_print("%s", why.text);
    if (!is_asked || !visit_ask(visit, "POST", SESSIONS_PATH))
        return false;
    repl->is_ours = visit->status == MADE;
    repl->has_session = take_session(repl, &why);
    if (!repl->has_session)
        notice_print("%s", why.text);
    else
        greet(repl);
    return repl->has_session;
}

static bool end_session(struct repl *repl)
{
    struct visit *visit = &repl->visit;
    buf_consume(&visit->path, visit->path.len);
    repl->has_session = false;
    if (!session_put_path(&visit->path, repl->session.id, ""))
        return false;
    return visit_ask(visit, "DELETE", setup_text(&visit->path)) || visit->status == UNKNOWN;
}

/* Replace the session by a new one. The files of the command line are sent to that one, too. */
static void restart(struct repl *repl)
{
    if (repl->has_session && !end_session(repl))
        repl->has_session = true;
    else if (!open_session(repl, NULL) && !repl->prompt.is_interactive)
        end(repl, EXIT_TROUBLE);
    if (repl->visit.signal != 0 && repl->visit.signal != SIGINT)
        end_by_signal(repl, repl->visit.signal);
}

/* ---- cells ---- */

/* The answer that says that state was lost may be one that nobody has read, after a second Ctrl-C.
 * Then only the number of the interpreter shows it. */
static void notice_loss(struct repl *repl, const struct errand_end *done)
{
    if (done->generation <= repl->session.generation)
        return;
    repl->session.generation = done->generation;
    if (!done->has_lost_state)
        notice_print("the session lost its state before this cell: a new interpreter was started "
                     "(generation %lld); files remain",
                     (long long)done->generation);
}

static void take_end(struct repl *repl, const struct errand_end *done)
{
    bool is_interactive = repl->prompt.is_interactive;
    repl->displays_count = done->displays_count;
    if (is_interactive && done->is_mid_line)
        (void)!write(STDOUT_FILENO, "\n", 1);
    notice_loss(repl, done);
    if (is_interactive && done->is_session_gone)
        notice_print(":restart begins a new session, without what this one had");
    if (done->signal != 0 && !(is_interactive && done->signal == SIGINT))
        end_by_signal(repl, done->signal);
    else if (!is_interactive && done->exit_code != 0)
        end(repl, done->was_interrupted ? EXIT_BY_SIGNAL + SIGINT : done->exit_code);
}

static void run_cell(struct repl *repl)
{
    struct error why;
    struct errand_end done;
    struct setup *setup = &repl->visit.setup;
    buf_consume(&repl->body, repl->body.len);
    if (!repl->has_session) {
        notice_print("there is no session; :restart begins one");
        return;
    }
    if (!submission_write_cell(&repl->body, &setup->options, buf_bytes(&repl->draft.text),
                               &setup->inputs, &why)) {
        notice_print("%s", why.text);
        if (!repl->prompt.is_interactive)
            end(repl, EXIT_TROUBLE);
        return;
    }
    const struct errand_request request = {
        .options = &setup->options,
        .calls = setup->calls,
        .signals = repl->visit.signals,
        .url = setup_text(&repl->url),
        .interrupt_url = setup_text(&repl->url),
        .key = setup->key,
        .body = buf_bytes(&repl->body),
        .inputs = &setup->inputs,
        .folder = repl->folder,
        .displays_count = repl->displays_count,
    };
    errand_run(&request, &done);
    take_end(repl, &done);
}

/* ---- commands ---- */

static void print_help(void)
{
    notice_print("an input runs as a cell: the value of its last expression is shown");
    notice_print("an empty line ends a block; Ctrl-C interrupts a cell, or drops the input");
    notice_print(":restart  end this session, and begin a new one");
    notice_print(":quit     leave, as Ctrl-D does");
}

/* Execute a command. It begins with a colon, which no Python does. */
static void obey(struct repl *repl, struct bytes line)
{
    while (line.len > 0 && (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\t'))
        line.len--;
    if (bytes_equal_string(line, ":quit"))
        end(repl, 0);
    else if (bytes_equal_string(line, ":restart"))
        restart(repl);
    else if (bytes_equal_string(line, ":help"))
        print_help();
    else
        notice_print("there is no command \"%.*s\"; :help lists them",
                     (int)(line.len < 40 ? line.len : 40), (const char *)line.data);
}

/* ---- input ---- */

static void swap_lines(struct repl *repl)
{
    struct buf line = repl->line;
    repl->line = repl->ahead;
    repl->ahead = line;
    repl->has_ahead = !repl->has_ahead;
}

static enum prompt_end next_line(struct repl *repl)
{
    if (!repl->has_ahead)
        return prompt_read(&repl->prompt, repl->draft.text.len > 0 ? "... " : ">>> ", &repl->line);
    swap_lines(repl);
    return PROMPT_LINE;
}

/* At a terminal, Ctrl-C only drops the draft. Any other signal ends the repl, and so does Ctrl-C
 * for a pipe. */
static void take_signal(struct repl *repl)
{
    if (repl->prompt.signal == SIGINT && repl->prompt.is_interactive)
        draft_clear(&repl->draft);
    else
        end_by_signal(repl, repl->prompt.signal);
}

/* Take a line. Returns true when the draft is to be run. A person ends a block with an empty line.
 * In a file, a block may have empty lines. It ends before the first line that cannot belong to it.
 */
static bool take_line(struct repl *repl)
{
    struct bytes line = buf_bytes(&repl->line);
    bool is_block = draft_state(&repl->draft) == DRAFT_BLOCK;
    bool is_interactive = repl->prompt.is_interactive;
    if (is_block && is_interactive && draft_is_blank(line))
        return true;
    if (is_block && !is_interactive && !draft_continues(line)) {
        swap_lines(repl);
        return true;
    }
    if (repl->draft.text.len == 0 && line.len > 0 && line.data[0] == ':') {
        obey(repl, line);
        return false;
    }
    if (!draft_add(&repl->draft, line)) {
        notice_print("the cell is longer than %zu bytes", DRAFT_MAX_BYTES);
        draft_clear(&repl->draft);
        if (!is_interactive)
            end(repl, EXIT_TROUBLE);
        return false;
    }
    if (draft_state(&repl->draft) == DRAFT_EMPTY)
        draft_clear(&repl->draft);
    return draft_state(&repl->draft) == DRAFT_WHOLE;
}

/* Read lines until there is a cell to run. Returns false when the repl ends. */
static bool read_cell(struct repl *repl)
{
    draft_clear(&repl->draft);
    while (!repl->is_over) {
        switch (next_line(repl)) {
        case PROMPT_LINE:
            if (take_line(repl))
                return true;
            break;
        case PROMPT_FINISHED:
            if (draft_state(&repl->draft) != DRAFT_EMPTY)
                return true;
            end(repl, repl->exit_code);
            break;
        case PROMPT_SIGNALED:
            take_signal(repl);
            break;
        case PROMPT_FAILED:
            notice_print("%s", repl->prompt.why.text);
            end(repl, EXIT_TROUBLE);
            break;
        }
    }
    return false;
}

/* ---- life ---- */

static bool begin(struct repl *repl)
{
    struct error why;
    const struct options *options = &repl->visit.setup.options;
    repl->folder = folder_open(options->directory ? options->directory : ".", &why);
    if (repl->folder >= 0)
        repl->visit.signals = signals_open();
    if (repl->folder >= 0 && repl->visit.signals < 0)
        error_errno(&why, "signalfd");
    if (repl->visit.signals < 0 || !prompt_init(&repl->prompt, repl->visit.signals, &why)) {
        notice_print("%s", why.text);
        return false;
    }
    return open_session(repl, options->session);
}

static void leave_session(struct repl *repl)
{
    if (!repl->has_session)
        return;
    struct options *options = &repl->visit.setup.options;
    bool is_kept = !repl->is_ours || options->keep;
    if (options->wait_ms > END_WAIT_MS)
        options->wait_ms = END_WAIT_MS;
    if (!is_kept)
        end_session(repl);
    else if (repl->prompt.is_interactive)
        notice_print("session %s remains until its time is up; mayfly repl %s continues it",
                     repl->session.id, repl->session.id);
}

static void run(struct repl *repl)
{
    if (!begin(repl)) {
        int number = repl->visit.signal;
        end(repl, number != 0 ? EXIT_BY_SIGNAL + number : EXIT_TROUBLE);
    }
    while (read_cell(repl))
        run_cell(repl);
    leave_session(repl);
}

int repl_main(char **words)
{
    struct repl repl = {.folder = -1};
    int exit_code;
    draft_init(&repl.draft);
    buf_init(&repl.line, PROMPT_LINE_MAX_BYTES);
    buf_init(&repl.ahead, PROMPT_LINE_MAX_BYTES);
    buf_init(&repl.url, URL_MAX_BYTES);
    buf_init(&repl.body, SUBMISSION_MAX_BYTES);
    if (visit_init(&repl.visit, OPTIONS_REPL, words, &exit_code)) {
        run(&repl);
        exit_code = repl.exit_code;
        prompt_release(&repl.prompt);
    }
    if (repl.folder >= 0)
        close(repl.folder);
    if (repl.visit.signals >= 0)
        close(repl.visit.signals);
    visit_release(&repl.visit);
    draft_release(&repl.draft);
    buf_release(&repl.line);
    buf_release(&repl.ahead);
    buf_release(&repl.url);
    buf_release(&repl.body);
    return exit_code;
}
