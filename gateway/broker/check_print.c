#include "broker/check_print.h"

#include "common/json.h"

#include <string.h>

#define JSON_MAX_BYTES ((size_t)1 << 20)

static const char *runtime_name(const struct check_result *result)
{
    return result->oci_runtime[0] ? result->oci_runtime : result->engine->oci_runtime;
}

static const char *cgroup_name(const struct docker_engine *engine)
{
    return engine->cgroup_v2 ? "v2" : "v1";
}

/* ---- for people ---- */

static int widest_name(const struct canary_report *report)
{
    size_t widest = 0;
    for (size_t i = 0; i < report->count; i++)
        if (strlen(report->checks[i].name) > widest)
            widest = strlen(report->checks[i].name);
    return (int)widest;
}

static size_t count_failures(const struct canary_report *report)
{
    size_t failed = 0;
    for (size_t i = 0; i < report->count; i++)
        failed += !report->checks[i].ok;
    return failed;
}

static void print_checks(const struct canary_report *report, FILE *out)
{
    int width = widest_name(report);
    for (size_t i = 0; i < report->count; i++) {
        const struct canary_check *check = &report->checks[i];
        fprintf(out, "%-4s  %-*s  %s", check->ok ? "ok" : "FAIL", width, check->name, check->seen);
        if (!check->ok)
            fprintf(out, " (must be: %s)", check->expected);
        fputc('\n', out);
    }
    size_t failed = count_failures(report);
    fprintf(out, "\n%zu checks, ", report->count);
    if (failed)
        fprintf(out, "%zu failed\n", failed);
    else
        fputs("all ok\n", out);
}

static void print_table(const struct check_result *result, FILE *out)
{
    const struct docker_engine *engine = result->engine;
    if (engine)
        fprintf(out, "engine %s, API %s, OCI runtime %s, cgroup %s, %s\n", engine->version,
                engine->api_version, runtime_name(result), cgroup_name(engine),
                engine->architecture);
    if (result->error.kind != ERR_NONE)
        fprintf(out, "FAIL  %s\n", result->error.text);
    if (result->report.count) {
        fputc('\n', out);
        print_checks(&result->report, out);
    }
}

/* ---- for programs ---- */

static void put_engine(struct json_out *json, const struct check_result *result)
{
    const struct docker_engine *engine = result->engine;
    json_open(json, '{');
    json_member_text(json, "version", engine->version);
    json_member_text(json, "api", engine->api_version);
    json_member_text(json, "oci_runtime", runtime_name(result));
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
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void print_json(const struct check_result *result, FILE *out)
{
    struct buf text;
    struct json_out json;
    buf_init(&text, JSON_MAX_BYTES);
    json_begin(&json, &text);
    json_open(&json, '{');
    json_member_bool(&json, "ok", result->ok);
    json_member_text(&json, "error", result->error.kind != ERR_NONE ? result->error.text : NULL);
    json_key(&json, "engine");
    if (result->engine)
        put_engine(&json, result);
    else
        json_put_null(&json);
    json_key(&json, "checks");
    put_checks(&json, &result->report);
    json_close(&json, '}');
    fprintf(out, "%.*s\n", (int)text.len, (const char *)buf_bytes(&text).data);
    buf_release(&text);
}

bool check_print(const struct check_result *result, enum check_form form, FILE *out)
{
    if (form == CHECK_JSON)
        print_json(result, out);
    else if (form == CHECK_TABLE || !result->ok)
        print_table(result, out);
    else
        fprintf(out, "%.*s\n", (int)result->create.len,
                (const char *)buf_bytes(&result->create).data);
    return fflush(out) == 0;
}
