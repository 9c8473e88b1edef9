#include "front/api/runtimes.h"

#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/quota.h"
#include "front/api/alias.h"
#include "front/api/request_files.h"

#define BODY_MAX_BYTES ((size_t)64 << 10)
#define NS_PER_MILLI UINT64_C(1000000)

/* Write a package given as "name=version", or as "name" without a version. */
static void put_package(struct json_out *json, const char *text, size_t len)
{
    const char *sign = memchr(text, '=', len);
    size_t name_len = sign ? (size_t)(sign - text) : len;
    json_open(json, '{');
    json_key(json, "name");
    json_put_string(json, (const uint8_t *)text, name_len);
    json_key(json, "version");
    if (sign)
        json_put_string(json, (const uint8_t *)sign + 1, len - name_len - 1);
    else
        json_put_null(json);
    json_close(json, '}');
}

static void put_packages(struct json_out *json, const char *packages)
{
    json_key(json, "packages");
    json_open(json, '[');
    for (const char *at = packages; *at;) {
        size_t len = strcspn(at, " ");
        if (len > 0)
            put_package(json, at, len);
        at += len + (at[len] == ' ');
    }
    json_close(json, ']');
}

static void put_aliases(struct json_out *json, const char *name)
{
    json_key(json, "aliases");
    json_open(json, '[');
    for (const char *const *other = alias_list(name); *other; other++)
        json_put_text(json, *other);
    json_close(json, ']');
}

static void put_limit(struct json_out *json, const char *name, uint64_t usual, uint64_t most)
{
    json_key(json, name);
    json_open(json, '{');
    json_member_uint(json, "default", usual);
    json_member_uint(json, "maximum", most);
    json_close(json, '}');
}

/* Write a limit that is stored in thousandths but shown in whole units. */
static void put_limit_of_millis(struct json_out *json, const char *name, uint64_t usual,
                                uint64_t most)
{
    json_key(json, name);
    json_open(json, '{');
    json_member_seconds(json, "default", usual * NS_PER_MILLI);
    json_member_seconds(json, "maximum", most * NS_PER_MILLI);
    json_close(json, '}');
}

/* Write a limit that does not apply unless a request sets it. */
static void put_optional_limit_of_millis(struct json_out *json, const char *name, uint64_t most)
{
    json_key(json, name);
    json_open(json, '{');
    json_member_text(json, "default", NULL);
    json_member_seconds(json, "maximum", most * NS_PER_MILLI);
    json_close(json, '}');
}

/* Write a limit that no request can change. */
static void put_cap(struct json_out *json, const char *name, uint64_t most)
{
    json_key(json, name);
    json_open(json, '{');
    json_member_uint(json, "maximum", most);
    json_close(json, '}');
}

/* Write the limits for files, output files and displays: their number and size. */
static void put_caps(struct json_out *json, const struct config *config)
{
    uint64_t files_bytes = config->max_limits.memory_bytes / REQUEST_FILES_MEMORY_SHARE;
    if (files_bytes > config->max_files_bytes)
        files_bytes = config->max_files_bytes;
    put_cap(json, "body_bytes", config->max_body_bytes);
    put_cap(json, "files", REQUEST_FILES_MAX);
    put_cap(json, "files_bytes", files_bytes);
    put_cap(json, "outputs", REQUEST_OUTPUTS_MAX);
    put_cap(json, "output_files", QUOTA_ARTIFACTS_MAX);
    put_cap(json, "output_file_bytes", config->output_file_bytes);
    put_cap(json, "output_files_bytes", config->output_files_bytes);
    put_cap(json, "displays", config->displays_bytes > 0 ? QUOTA_ARTIFACTS_MAX : 0);
    put_cap(json, "displays_bytes", config->displays_bytes);
    put_cap(json, "tests", REPORTS_MAX);
    put_limit_of_millis(json, "total_timeout", config->max_total_timeout_ms,
                        config->max_total_timeout_ms);
}

static void put_limits(struct json_out *json, const struct config *config)
{
    const struct limits *usual = &config->default_limits, *most = &config->max_limits;
    json_key(json, "limits");
    json_open(json, '{');
    put_limit_of_millis(json, "timeout", config->default_timeout_ms, config->max_timeout_ms);
    put_limit_of_millis(json, "queue_timeout", config->queue_timeout_ms, config->queue_timeout_ms);
    put_limit(json, "memory_bytes", usual->memory_bytes, most->memory_bytes);
    put_limit_of_millis(json, "cpus", usual->cpu_millis, most->cpu_millis);
    put_optional_limit_of_millis(json, "cpu_time", config_max_cpu_time_ms(config));
    put_limit(json, "pids", usual->pids, most->pids);
    put_limit(json, "output_bytes", config->default_output_bytes, config->max_output_bytes);
    put_caps(json, config);
    json_close(json, '}');
}

static void put_runtime(struct json_out *json, const struct config *config, const char *name,
                        const struct runtime *told)
{
    static const struct runtime unknown;
    const struct runtime *runtime = told ? told : &unknown;
    json_open(json, '{');
    json_member_text(json, "name", name);
    json_member_text(json, "language", runtime->language[0] ? runtime->language : NULL);
    json_member_text(json, "version", runtime->version[0] ? runtime->version : NULL);
    put_aliases(json, name);
    put_packages(json, runtime->packages);
    put_limits(json, config);
    json_member_uint(json, "warm", runtime->ready);
    json_close(json, '}');
}

void runtimes_put(struct json_out *json, const struct config *config, const struct runtimes *told)
{
    json_open(json, '{');
    json_key(json, "runtimes");
    json_open(json, '[');
    for (size_t i = 0; i < config->runtimes_count; i++) {
        const char *name = config->runtimes[i].name;
        put_runtime(json, config, name, runtimes_find(told, name));
    }
    json_close(json, ']');
    json_close(json, '}');
}

const struct runtimes *runtimes_told(const struct call *call)
{
    return link_runtimes(call->service->executions.link);
}

void runtimes_handle(const struct call *call)
{
    struct buf body;
    struct json_out json;
    struct config narrowed;
    const struct config *config = call_config(call, &narrowed);
    buf_init(&body, BODY_MAX_BYTES);
    json_begin(&json, &body);
    runtimes_put(&json, config, runtimes_told(call));
    exchange_answer(call->exchange, 200, "application/json", &body);
}
