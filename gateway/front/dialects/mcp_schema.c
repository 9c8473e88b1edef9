#include "front/dialects/mcp_schema.h"

#include <string.h>

#include "common/clock.h"
#include "common/number.h"

void mcp_schema_put(struct json_out *json, const char *text)
{
    if (json->comma)
        json->ok = json->ok && buf_append(json->out, ",", 1);
    while (json->ok && *text) {
        size_t len = strcspn(text, "'");
        json->ok =
            buf_append(json->out, text, len) && (!text[len] || buf_append(json->out, "\"", 1));
        text += len + (text[len] == '\'');
    }
    json->comma = true;
}

void mcp_schema_put_member(struct json_out *json, const char *name, const char *text)
{
    json_key(json, name);
    mcp_schema_put(json, text);
}

void mcp_schema_open(struct json_out *json)
{
    json_open(json, '{');
    json_member_text(json, "type", "object");
    json_key(json, "properties");
    json_open(json, '{');
}

void mcp_schema_close(struct json_out *json, const char *required)
{
    json_close(json, '}');
    mcp_schema_put_member(json, "required", required);
    json_member_bool(json, "additionalProperties", false);
    json_close(json, '}');
}

/* ---- properties ---- */

static void member_millis(struct json_out *json, const char *name, uint32_t ms)
{
    json_member_seconds(json, name, (uint64_t)ms * NS_PER_MS);
}

void mcp_schema_put_seconds(struct json_out *json, const char *name, uint32_t least_ms,
                            uint32_t most_ms, uint32_t usual_ms, const char *description)
{
    json_key(json, name);
    json_open(json, '{');
    json_member_text(json, "type", "number");
    member_millis(json, "minimum", least_ms);
    member_millis(json, "maximum", most_ms);
    if (usual_ms > 0)
        member_millis(json, "default", usual_ms);
    json_member_text(json, "description", description);
    json_close(json, '}');
}

void mcp_schema_put_timeout(struct json_out *json, const struct config *config)
{
    char usual[NUMBER_MILLIS_BYTES], most[NUMBER_MILLIS_BYTES];
    struct buf text;
    buf_init(&text, 400);
    buf_printf(&text,
               "{'type':'number','exclusiveMinimum':0,'maximum':%s,'default':%s,"
               "'description':'The longest time that the program may run, in seconds. Default: "
               "%s; at most %s.'}",
               number_format_millis(most, config->max_timeout_ms),
               number_format_millis(usual, config->default_timeout_ms), usual, most);
    json->ok = json->ok && buf_append(&text, "", 1); /* the end of the string */
    if (json->ok)
        mcp_schema_put_member(json, "timeout", (const char *)buf_bytes(&text).data);
    buf_release(&text);
}

void mcp_schema_put_runtime(struct json_out *json, const struct config *config)
{
    json_key(json, "runtime");
    json_open(json, '{');
    json_member_text(json, "type", "string");
    json_key(json, "enum");
    json_open(json, '[');
    for (size_t i = 0; i < config->runtimes_count; i++)
        json_put_text(json, config->runtimes[i].name);
    json_close(json, ']');
    json_member_text(json, "default", config->runtimes[0].name);
    json_member_text(json, "description",
                     "The interpreter and its packages; list_runtimes says what each has.");
    json_close(json, '}');
}

void mcp_schema_put_files(struct json_out *json, const char *description)
{
    json_key(json, "files");
    json_open(json, '{');
    json_member_text(json, "type", "array");
    json_member_uint(json, "maxItems", 256);
    mcp_schema_put_member(
        json, "items",
        "{'type':'object','properties':{"
        "'path':{'type':'string','description':'Relative, such as data/in.csv.'},"
        "'content':{'type':'string'},"
        "'encoding':{'type':'string','enum':['utf-8','base64'],'default':'utf-8'}},"
        "'required':['path','content'],'additionalProperties':false}");
    json_member_text(json, "description", description);
    json_close(json, '}');
}

void mcp_schema_put_outputs(struct json_out *json)
{
    mcp_schema_put_member(
        json, "outputs",
        "{'type':'array','maxItems':64,'items':{'type':'string'},"
        "'description':'The files to return that it has written: paths or globs, such as "
        "out.csv or plots/*.png. Default: none.'}");
}
