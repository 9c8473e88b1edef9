#include "broker/selftest/check_print.h"

#include <stddef.h>
#include <string.h>

#include "broker/engine/vendor.h"
#include "common/json.h"

#define JSON_MAX_BYTES ((size_t)1 << 20)

/* Columns are at most this wide. A longer text shifts the rest of its row to the right. */
#define EXPECTED_WIDTH_MAX 40

bool check_is_ok(const struct check_results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        if (!results->all[i].ok)
            return false;
    }
    return true;
}

/* Returns the engine that was found; NULL if none answered. */
static const struct docker_engine *engine_of(const struct check_results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        if (results->all[i].has_engine)
            return &results->all[i].engine;
    }
    return NULL;
}

static const char *oci_runtime_name(const struct check_results *results,
                                    const struct docker_engine *engine)
{
    return results->oci_runtime[0] ? results->oci_runtime : engine->oci_runtime;
}

static const char *cgroup_name(const struct docker_engine *engine)
{
    return engine->cgroup_v2 ? "v2" : "v1";
}

/* ---- for people ---- */

/* Returns the width of a column: the length of the longest text at `offset` in any check, ignoring
 * texts longer than `most`. */
static int width_of(const struct canary_report *report, size_t offset, size_t most)
{
    size_t widest = 0;
    for (size_t i = 0; i < report->count; i++) {
        size_t len = strlen((const char *)&report->checks[i] + offset);
        if (len > widest && len <= most)
            widest = len;
    }
    return (int)widest;
}

static void print_count(const struct canary_report *report, FILE *out)
{
    size_t failed = 0, different = 0;
    for (size_t i = 0; i < report->count; i++) {
        failed += !report->checks[i].ok;
        different += report->checks[i].differs;
    }
    fprintf(out, "\n%zu checks, ", report->count);
    if (failed)
        fprintf(out, "%zu failed", failed);
    else
        fputs("all ok", out);
    if (different)
        fprintf(out, ", %zu not as expected but no weaker", different);
    fputc('\n', out);
}

static const char *mark_of(const struct canary_check *check)
{
    return !check->ok ? "FAIL" : check->differs ? "diff" : "ok";
}

static void print_checks(const struct canary_report *report, FILE *out)
{
    int name_width = width_of(report, offsetof(struct canary_check, name), SIZE_MAX);
    int width = width_of(report, offsetof(struct canary_check, expected), EXPECTED_WIDTH_MAX);
    fprintf(out, "%-4s  %-*s  %-*s  %s\n", "", name_width, "check", width, "expected", "found");
    for (size_t i = 0; i < report->count; i++) {
        const struct canary_check *check = &report->checks[i];
        bool repeats = check->ok && !check->differs && strlen(check->expected) > (size_t)width;
        fprintf(out, "%-4s  %-*s  %-*s  %s\n", mark_of(check), name_width, check->name, width,
                check->expected, repeats ? "the same" : check->seen);
    }
    print_count(report, out);
}

static void print_result(const struct check_result *result, const char *engine_socket, FILE *out)
{
    fprintf(out, "\nruntime %s, image %s\n", result->runtime->name, result->runtime->image);
    if (result->error.kind != ERR_NONE)
        fprintf(out, "FAIL  %s\n", result->error.text);
    if (result->hint)
        fprintf(out, "      the engine's socket: %s\n      %s\n", engine_socket, result->hint);
    if (result->report.count)
        print_checks(&result->report, out);
}

static void print_tables(const struct check_results *results, FILE *out)
{
    const struct docker_engine *engine = engine_of(results);
    if (engine)
        fprintf(out, "engine %s %s, API %s, OCI runtime %s, cgroup %s, %s\n",
                vendor_of(engine)->name, engine->version, engine->api_version,
                oci_runtime_name(results, engine), cgroup_name(engine), engine->architecture);
    for (size_t i = 0; i < results->count; i++)
        print_result(&results->all[i], results->engine_socket, out);
}

/* ---- for programs ---- */

static void put_engine(struct json_out *json, const struct check_results *results)
{
    const struct docker_engine *engine = engine_of(results);
    json_key(json, "engine");
    if (!engine) {
        json_put_null(json);
        return;
    }
    json_open(json, '{');
    json_member_text(json, "vendor", vendor_of(engine)->name);
    json_member_text(json, "version", engine->version);
    json_member_text(json, "api", engine->api_version);
    json_member_text(json, "oci_runtime", oci_runtime_name(results, engine));
    json_member_text(json, "cgroup", cgroup_name(engine));
    json_member_text(json, "architecture", engine->architecture);
    json_member_bool(json, "apparmor", engine->apparmor);
    json_member_bool(json, "userns", engine->userns);
    json_close(json, '}');
}

static void put_checks(struct json_out *json, const struct canary_report *report)
{
    json_open(json, '[');
    for (size_t i = 0; i < report->count; i++) {
        const struct canary_check *check = &report->checks[i];
        json_open(json, '{');
        json_member_text(json, "name", check->name);
        json_member_text(json, "expected", check->expected);
        json_member_text(json, "seen", check->seen);
        json_member_bool(json, "ok", check->ok);
        json_member_bool(json, "differs", check->differs);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void put_result(struct json_out *json, const struct check_result *result)
{
    json_open(json, '{');
    json_member_text(json, "name", result->runtime->name);
    json_member_text(json, "image", result->runtime->image);
    json_member_bool(json, "ok", result->ok);
    json_member_text(json, "error", result->error.kind != ERR_NONE ? result->error.text : NULL);
    json_member_text(json, "hint", result->hint);
    json_key(json, "checks");
    put_checks(json, &result->report);
    json_close(json, '}');
}

static void print_json(const struct check_results *results, FILE *out)
{
    struct buf text;
    struct json_out json;
    buf_init(&text, JSON_MAX_BYTES);
    json_begin(&json, &text);
    json_open(&json, '{');
    json_member_bool(&json, "ok", check_is_ok(results));
    json_member_text(&json, "engine_socket", results->engine_socket);
    put_engine(&json, results);
    json_key(&json, "runtimes");
    json_open(&json, '[');
    for (size_t i = 0; i < results->count; i++)
        put_result(&json, &results->all[i]);
    json_close(&json, ']');
    json_close(&json, '}');
    fprintf(out, "%.*s\n", (int)text.len, (const char *)buf_bytes(&text).data);
    buf_release(&text);
}

bool check_print(const struct check_results *results, enum check_form form, FILE *out)
{
    if (form == CHECK_JSON)
        print_json(results, out);
    else if (form == CHECK_TABLE || !check_is_ok(results))
        print_tables(results, out);
    else
        fprintf(out, "%.*s\n", (int)results->all[0].create.len,
                (const char *)buf_bytes(&results->all[0].create).data);
    return fflush(out) == 0;
}
