#include "client/submission.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "client/cases.h"
#include "common/json.h"
#include "common/utf8.h"

#define KEY_MAX_BYTES 4096

/* ---- reading ---- */

size_t submission_inputs_most(const struct options *options)
{
    return options->files_count + 3; /* program, stdin, key */
}

/* Says how to record an input that is read. */
struct destination {
    struct inputs *inputs;
    const char *path; /* NULL: not in the program's folder */
};

/* Read a file whole; "-" is standard input. Fails also when it exceeds content's cap. */
static bool read_file(const char *path, struct destination to, struct buf *content,
                      struct error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    bool is_read = fd >= 0 && buf_read_all(content, fd);
    int why = errno;
    if (is_read)
        inputs_add(to.inputs, fd, to.path, buf_bytes(content));
    if (fd >= 0 && !is_stdin)
        close(fd);
    if (is_read)
        return true;
    const char *name = is_stdin ? "standard input" : path;
    if (why == ENOBUFS)
        return error_set(err, ERR_INVALID, "%s is larger than %zu bytes", name, content->max_bytes);
    errno = why;
    return error_errno(err, "%s cannot be read", name);
}

bool submission_read_key(struct buf *out, const char *path, struct inputs *inputs,
                         struct error *err)
{
    struct buf content;
    buf_init(&content, KEY_MAX_BYTES);
    bool is_good = read_file(path, (struct destination){.inputs = inputs}, &content, err);
    struct bytes key = buf_bytes(&content);
    while (is_good && key.len > 0 && isspace(key.data[key.len - 1]))
        key.len--;
    for (size_t i = 0; is_good && i < key.len; i++)
        if (!isgraph(key.data[i]))
            is_good = error_set(err, ERR_INVALID,
                                "%s must contain one key on one line, and nothing else", path);
    if (is_good && key.len == 0)
        is_good = error_set(err, ERR_INVALID, "%s contains no key", path);
    if (is_good && !buf_append(out, key.data, key.len))
        is_good = error_set(err, ERR_SYSTEM, "out of memory");
    buf_release(&content);
    return is_good;
}

/* ---- writing ---- */

static bool put_checked(struct json_out *json, const char *what, struct bytes text,
                        struct error *err)
{
    if (!utf8_is_valid(text.data, text.len))
        return error_set(err, ERR_INVALID, "%s is not UTF-8 text", what);
    json_put_string(json, text.data, text.len);
    return true;
}

static bool put_text(struct json_out *json, const char *what, const char *text, struct error *err)
{
    return put_checked(json, what, bytes_of_string(text), err);
}

/* Write a member whose value is a file's content. */
static bool put_content(struct json_out *json, const char *name, const char *path,
                        struct destination to, struct error *err)
{
    struct buf content;
    buf_init(&content, SUBMISSION_MAX_BYTES);
    json_key(json, name);
    bool is_put =
        read_file(path, to, &content, err) && put_checked(json, path, buf_bytes(&content), err);
    buf_release(&content);
    return is_put;
}

static bool put_texts(struct json_out *json, const char *name, const char *const *texts,
                      size_t count, struct error *err)
{
    json_key(json, name);
    json_open(json, '[');
    for (size_t i = 0; i < count; i++)
        if (!put_text(json, texts[i], texts[i], err))
            return false;
    json_close(json, ']');
    return true;
}

static bool put_file(struct json_out *json, const struct options_file *file, struct inputs *inputs,
                     struct error *err)
{
    struct buf content;
    buf_init(&content, SUBMISSION_MAX_BYTES);
    json_open(json, '{');
    json_key(json, "path");
    struct destination to = {.inputs = inputs, .path = file->remote};
    bool is_put = put_text(json, file->remote, file->remote, err) &&
                  read_file(file->local, to, &content, err);
    if (is_put) {
        struct bytes bytes = buf_bytes(&content);
        bool is_text = utf8_is_valid(bytes.data, bytes.len);
        json_key(json, "content");
        if (is_text)
            json_put_string(json, bytes.data, bytes.len);
        else
            json_put_base64(json, bytes.data, bytes.len);
        json_member_text(json, "encoding", is_text ? "utf-8" : "base64");
        json_close(json, '}');
    }
    buf_release(&content);
    return is_put;
}

static bool put_files(struct json_out *json, const struct options *options, struct inputs *inputs,
                      struct error *err)
{
    json_key(json, "files");
    json_open(json, '[');
    for (size_t i = 0; i < options->files_count; i++)
        if (!put_file(json, &options->files[i], inputs, err))
            return false;
    json_close(json, ']');
    return true;
}

static bool put_env(struct json_out *json, const struct options *options, struct error *err)
{
    json_key(json, "env");
    json_open(json, '{');
    for (size_t i = 0; i < options->env_count; i++) {
        const struct options_variable *variable = &options->env[i];
        if (!utf8_is_valid((const uint8_t *)variable->name, strlen(variable->name)))
            return error_set(err, ERR_INVALID, "--env %s is not UTF-8 text", variable->name);
        json_key(json, variable->name);
        if (!utf8_is_valid((const uint8_t *)variable->value, strlen(variable->value)))
            return error_set(err, ERR_INVALID, "the value of --env %s is not UTF-8 text",
                             variable->name);
        json_put_text(json, variable->value);
    }
    json_close(json, '}');
    return true;
}

static bool put_test(struct json_out *json, const struct options *options,
                     const struct test_files *files, struct inputs *inputs, struct error *err)
{
    struct destination to = {.inputs = inputs};
    json_open(json, '{');
    json_key(json, "name");
    bool is_put = put_text(json, files->input, files->name, err) &&
                  put_content(json, "stdin", files->input, to, err) &&
                  put_content(json, "expected_stdout", files->expected, to, err);
    if (options->compare && strcmp(options->compare, "numbers") == 0) {
        json_key(json, "compare");
        json_open(json, '{');
        json_key(json, "numbers");
        json_put_real(json, options->tolerance);
        json_close(json, '}');
    } else if (options->compare) {
        json_member_text(json, "compare", options->compare);
    }
    json_close(json, '}');
    return is_put;
}

static bool put_tests(struct json_out *json, const struct options *options, struct inputs *inputs,
                      struct error *err)
{
    struct cases cases = {.all = NULL};
    bool is_put = cases_find(&cases, options->tests, err);
    json_key(json, "tests");
    json_open(json, '[');
    for (size_t i = 0; is_put && i < cases.count; i++)
        is_put = put_test(json, options, &cases.all[i], inputs, err);
    json_close(json, ']');
    cases_release(&cases);
    if (options->stop_on)
        json_member_text(json, "stop_on", options->stop_on);
    if (options->total_timeout_ms > 0)
        json_member_seconds(json, "total_timeout", (uint64_t)options->total_timeout_ms * 1000000);
    return is_put;
}

/* A run has both kinds of limits. In a session, the box has one kind, and each cell has the
 * other. */
struct parts {
    bool box, code;
};

static void put_limits(struct json_out *json, const struct options *options, struct parts parts)
{
    bool of_box = options->memory_bytes > 0 || options->cpu_millis > 0 || options->pids > 0;
    bool of_code = options->cpu_time_ms > 0 || options->output_bytes > 0;
    if (!(parts.box && of_box) && !(parts.code && of_code))
        return;
    json_key(json, "limits");
    json_open(json, '{');
    if (parts.box && options->memory_bytes > 0)
        json_member_uint(json, "memory_bytes", options->memory_bytes);
    if (parts.box && options->cpu_millis > 0)
        json_member_seconds(json, "cpus", (uint64_t)options->cpu_millis * 1000000);
    if (parts.code && options->cpu_time_ms > 0)
        json_member_seconds(json, "cpu_time", (uint64_t)options->cpu_time_ms * 1000000);
    if (parts.box && options->pids > 0)
        json_member_uint(json, "pids", options->pids);
    if (parts.code && options->output_bytes > 0)
        json_member_uint(json, "output_bytes", options->output_bytes);
    json_close(json, '}');
}

static bool put_runtime(struct json_out *json, const struct options *options, struct error *err)
{
    if (!options->runtime)
        return true;
    json_key(json, "runtime");
    return put_text(json, "--runtime", options->runtime, err);
}

/* Write the fields that only a run outside of a session has. */
static bool put_run_options(struct json_out *json, const struct options *options, struct error *err)
{
    size_t args_count = 0;
    while (options->args[args_count])
        args_count++;
    if (!put_runtime(json, options, err) ||
        (args_count > 0 &&
         !put_texts(json, "args", (const char *const *)options->args, args_count, err)) ||
        (options->env_count > 0 && !put_env(json, options, err)))
        return false;
    if (options->buffering)
        json_member_text(json, "buffering", options->buffering);
    if (options->cell)
        json_member_text(json, "mode", "cell");
    if (options->isolation)
        json_member_text(json, "isolation", options->isolation);
    return true;
}

/* Write only options that were given: the gateway has defaults for the others. */
static bool put_options(struct json_out *json, const struct options *options, struct error *err)
{
    bool is_run = options->command == OPTIONS_RUN;
    if (is_run && !put_run_options(json, options, err))
        return false;
    if (options->timeout_ms > 0)
        json_member_seconds(json, "timeout", (uint64_t)options->timeout_ms * 1000000);
    put_limits(json, options, (struct parts){.box = is_run, .code = true});
    if (options->merged)
        json_member_text(json, "output", "merged");
    if (options->outputs_count > 0 &&
        !put_texts(json, "outputs", options->outputs, options->outputs_count, err))
        return false;
    /* With --json or tests, people read the output in the result. Otherwise its exact bytes must
     * arrive. */
    bool is_text = options->json || options->tests;
    json_member_text(json, "output_encoding", is_text ? "utf-8" : "base64");
    return true;
}

/* The files of a repl are sent when its session is made. */
static bool put_body(struct json_out *json, const struct options *options, struct inputs *inputs,
                     struct error *err)
{
    struct destination to_stdin = {.inputs = inputs};
    bool has_files = options->command != OPTIONS_REPL && options->files_count > 0;
    return (!options->stdin_file ||
            put_content(json, "stdin", options->stdin_file, to_stdin, err)) &&
           put_options(json, options, err) &&
           (!has_files || put_files(json, options, inputs, err)) &&
           (!options->tests || put_tests(json, options, inputs, err));
}

/* Close the body. Leaves `out` as it was before when the body is not whole. */
static bool finish(struct json_out *json, size_t before, bool is_put, struct error *err)
{
    json_close(json, '}');
    if (is_put && !json->ok)
        is_put = error_set(err, ERR_INVALID,
                           "the program and its files are larger than %zu bytes in all",
                           json->out->max_bytes);
    if (!is_put)
        buf_truncate(json->out, before);
    return is_put;
}

bool submission_write(struct buf *out, const struct options *options, struct inputs *inputs,
                      struct error *err)
{
    size_t before = out->len;
    struct json_out json;
    struct destination program = {.inputs = inputs, .path = SUBMISSION_PROGRAM_PATH};
    json_begin(&json, out);
    json_open(&json, '{');
    bool is_put = put_content(&json, "code", options->program, program, err) &&
                  put_body(&json, options, inputs, err);
    return finish(&json, before, is_put, err);
}

bool submission_write_cell(struct buf *out, const struct options *options, struct bytes code,
                           struct inputs *inputs, struct error *err)
{
    size_t before = out->len;
    struct json_out json;
    json_begin(&json, out);
    json_open(&json, '{');
    json_key(&json, "code");
    bool is_put =
        put_checked(&json, "the input", code, err) && put_body(&json, options, inputs, err);
    return finish(&json, before, is_put, err);
}

bool submission_write_session(struct buf *out, const struct options *options, const char *id,
                              struct inputs *inputs, struct error *err)
{
    size_t before = out->len;
    struct json_out json;
    json_begin(&json, out);
    json_open(&json, '{');
    if (id)
        json_member_text(&json, "id", id);
    bool is_put = put_runtime(&json, options, err) &&
                  (options->env_count == 0 || put_env(&json, options, err)) &&
                  (options->files_count == 0 || put_files(&json, options, inputs, err));
    put_limits(&json, options, (struct parts){.box = true});
    if (options->idle_timeout_ms > 0)
        json_member_seconds(&json, "idle_timeout", (uint64_t)options->idle_timeout_ms * 1000000);
    if (options->max_lifetime_ms > 0)
        json_member_seconds(&json, "max_lifetime", (uint64_t)options->max_lifetime_ms * 1000000);
    return finish(&json, before, is_put, err);
}
