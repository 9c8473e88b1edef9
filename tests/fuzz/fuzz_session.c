/* The requests about sessions: the first byte chooses the request whose body, path or query
 * follows. An accepted body is within every range, and a cell's body sets no field of its session.
 * After any report of a broker, the table of sessions can be searched.
 */
#include "configured.h"

#include "common/glob.h"
#include "common/percent.h"
#include "front/api/request_files.h"
#include "front/api/request_reader.h"
#include "front/api/session_query.h"
#include "front/api/session_request.h"
#include "front/runs/sessions.h"

#define TEXT_MAX_BYTES ((size_t)1 << 20)

/* ---- bodies ---- */

typedef void read_document(struct reading *reading, const struct json *document);

struct body {
    read_document *read;
    struct session_request asked;
};

static bool decode(void *arg, struct reading *reading, const struct json *document)
{
    struct body *body = arg;
    body->asked = (struct session_request){.id = ""};
    reading->session = &body->asked;
    body->read(reading, document);
    return true;
}

static bool is_time(const struct config *config, uint32_t ms)
{
    return ms == 0 || (ms >= CONFIG_MIN_SESSION_MS && ms <= config->max_session_ms);
}

static void check_accepted(const struct config *config, const struct body *body,
                           const struct request *request)
{
    const struct session_request *asked = &body->asked;
    const struct job *job = &request->job;
    must(asked->id[0] == '\0' || job_is_session_name(bytes_of_string(asked->id)));
    must(is_time(config, asked->idle_ms) && is_time(config, asked->life_ms));
    must(config_runtime_index(config, bytes_of_string(job->runtime)) >= 0);
    must(job->queue_timeout_ms >= 1 && job->queue_timeout_ms <= config->queue_timeout_ms);
    must(request->tests.count == 0 && !request->args);
    if (body->read != session_request_read_cell)
        return;
    must(job->source.len >= 1 && job->source.len <= CONFIG_SOURCE_MAX_BYTES);
    must(!request->env && limits_equal(&job->limits, &config->default_limits));
}

static void check_body(read_document *read, struct bytes text)
{
    static struct field_errors errors;
    const struct config *config = configured();
    struct body body = {.read = read};
    struct request request;
    struct error err = {0};
    enum request_result result = REQUEST_MORE;
    errors = (struct field_errors){.count = 0};
    struct request_reader *reader = request_reader_new(text, decode, &body);
    must(reader != NULL);
    while (result == REQUEST_MORE)
        result = request_read(reader, config, 64, &request, &errors, &err);
    request_reader_free(reader);
    must(result == REQUEST_OK || result == REQUEST_NO_JSON || result == REQUEST_BAD_FIELDS);
    must((result == REQUEST_BAD_FIELDS) == (errors.count > 0));
    if (result != REQUEST_OK)
        return;
    check_accepted(config, &body, &request);
    request_release(&request);
}

/* ---- paths and queries ---- */

static void check_path(struct bytes text)
{
    struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    if (percent_decode(text, &path))
        must(path.len <= text.len);
    buf_release(&path);
}

static void check_query(struct bytes text)
{
    struct field_errors errors = {.count = 0};
    struct buf glob;
    uint32_t queue_timeout_ms;
    buf_init(&glob, PATH_BYTES_MAX);
    session_query_read(text, 30000, &glob, &queue_timeout_ms, &errors);
    must(queue_timeout_ms <= 30000);
    must(errors.count > 0 || glob.len == 0 || !glob_fault(request_path(buf_bytes(&glob))));
    buf_release(&glob);
}

/* ---- the broker's reports ---- */

static void check_reports(struct bytes text)
{
    static struct sessions sessions;
    struct frame frame;
    struct session_turn turn = {.session = NULL};
    struct session_note note = {.name = ""};
    size_t used;
    while (wire_parse(text.data, text.len, WIRE_PAYLOAD_MAX_BYTES, &frame, &used) == WIRE_FRAME) {
        text = bytes_of(text.data + used, text.len - used);
        if (!sessions_on_frame(&sessions, &frame))
            break;
    }
    struct session *session = sessions_next(&sessions, "", NULL);
    if (session) {
        struct bytes env = session_env(session), value;
        while (job_next(&env, WIRE_TAG_ENV, &value))
            continue;
        must(env.len == 0 && !session_is_gone(session));
        session_turn_enter(&turn, session, 7, true);
        session_turn_end(&turn, &(struct outcome){.generation = 1}, &note);
    }
    sessions_lose(&sessions);
    must(sessions_on_frame(&sessions, &(struct frame){.type = WIRE_SESSION}));
    must(!sessions_next(&sessions, "", NULL));
    while ((session = list_first(&sessions.gone))) {
        session->notice.forgotten_ms = 0;
        sessions_find(&sessions, "", (struct bytes){0});
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0 || len > TEXT_MAX_BYTES)
        return 0;
    struct bytes text = bytes_of(data + 1, len - 1);
    switch (data[0]) {
    case 'o':
        check_body(session_request_read_opening, text);
        break;
    case 'c':
        check_body(session_request_read_cell, text);
        break;
    case 'k':
        check_body(session_request_read_keepalive, text);
        break;
    case 'p':
        check_path(text);
        break;
    case 'q':
        check_query(text);
        break;
    case 'w':
        check_reports(text);
        break;
    }
    return 0;
}
