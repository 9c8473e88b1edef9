#include "front/dialects/mcp_tools.h"

#include <stdio.h>
#include <string.h>

#include "common/number.h"
#include "front/api/request.h"
#include "front/api/runtimes.h"

#define TEXT_MAX_BYTES ((size_t)64 << 10)
#define SCHEMA_MAX_BYTES 400

/* Write JSON that is given with apostrophes instead of quotes. */
static void put_json(struct json_out *json, const char *text)
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

static void member_json(struct json_out *json, const char *name, const char *text)
{
    json_key(json, name);
    put_json(json, text);
}

#define TEXT "{'type':'string'}"
#define INTEGER "{'type':'integer'}"
#define BOOL "{'type':'boolean'}"
/* Some MCP hosts reject a list of types. */
#define TEXT_OR_NULL "{'anyOf':[{'type':'string'},{'type':'null'}]}"
#define INTEGER_OR_NULL "{'anyOf':[{'type':'integer'},{'type':'null'}]}"
#define NUMBER_OR_NULL "{'anyOf':[{'type':'number'},{'type':'null'}]}"

/* ---- run_python ---- */

static const char *const run_fields[] = {"code",    "stdin",   "files", "outputs",
                                         "timeout", "runtime", NULL};

static void put_timeout(struct json_out *json, const struct config *config)
{
    char usual[NUMBER_MILLIS_BYTES], most[NUMBER_MILLIS_BYTES], text[SCHEMA_MAX_BYTES];
    number_format_millis(usual, config->default_timeout_ms);
    number_format_millis(most, config->max_timeout_ms);
    snprintf(text, sizeof text,
             "{'type':'number','exclusiveMinimum':0,'maximum':%s,'default':%s,"
             "'description':'The longest time that the program may run, in seconds. Default: %s; "
             "at most %s.'}",
             most, usual, usual, most);
    member_json(json, "timeout", text);
}

static void put_runtime(struct json_out *json, const struct config *config)
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

static void put_run_input(struct json_out *json, const struct config *config)
{
    json_open(json, '{');
    json_member_text(json, "type", "object");
    json_key(json, "properties");
    json_open(json, '{');
    member_json(json, "code",
                "{'type':'string','minLength':1,'description':'The Python program, as in a file. "
                "It must print what it is asked for: the value of its last line is not shown.'}");
    member_json(json, "stdin",
                "{'type':'string',"
                "'description':'What it reads from standard input. Default: nothing.'}");
    member_json(json, "files",
                "{'type':'array','maxItems':256,'items':{'type':'object','properties':{"
                "'path':{'type':'string','description':'Relative, such as data/in.csv.'},"
                "'content':{'type':'string'},"
                "'encoding':{'type':'string','enum':['utf-8','base64'],'default':'utf-8'}},"
                "'required':['path','content'],'additionalProperties':false},"
                "'description':'Files in its working directory, /box, when it starts.'}");
    member_json(json, "outputs",
                "{'type':'array','maxItems':64,'items':{'type':'string'},"
                "'description':'The files to return that it has written: paths or globs, such as "
                "out.csv or plots/*.png. Default: none.'}");
    put_timeout(json, config);
    put_runtime(json, config);
    json_close(json, '}');
    member_json(json, "required", "['code']");
    json_member_bool(json, "additionalProperties", false);
    json_close(json, '}');
}

/* That of the API's answer. A run that did not start has fewer members. */
static const char run_output[] =
    "{'type':'object','required':['status'],'properties':{"
    "'status':{'type':'string','enum':['success','error','timeout','failed']},"
    "'id':" TEXT ",'stdout':" TEXT ",'stderr':" TEXT ","
    "'execution_time':{'type':'number','description':'Seconds.'},"
    "'return_code':" INTEGER_OR_NULL ",'signal':" TEXT_OR_NULL ","
    "'reason':" TEXT_OR_NULL ",'message':" TEXT_OR_NULL ","
    "'stdout_bytes':" INTEGER ",'stderr_bytes':" INTEGER ","
    "'stdout_truncated':" BOOL ",'stderr_truncated':" BOOL ","
    "'cpu_time':" NUMBER_OR_NULL ",'peak_memory':" INTEGER_OR_NULL ","
    "'queue_time':{'type':'number'},'start':" TEXT_OR_NULL ","
    "'files':{'type':'array','items':{'type':'object','required':['path','content','encoding'],"
    "'properties':{'path':" TEXT ",'size_bytes':" INTEGER ",'media_type':" TEXT ",'content':" TEXT
    ",'encoding':{'type':'string','enum':['utf-8','base64']},'truncated':" BOOL "}}},"
    "'displays':{'type':'array','description':'Plots and the like, which the content shows.',"
    "'items':{'type':'object','properties':{'media_type':" TEXT ",'size_bytes':" INTEGER "}}},"
    "'code':{'type':'string','description':'Why it did not run.'},"
    "'errors':{'type':'array','items':{'type':'object','properties':{"
    "'field':" TEXT ",'message':" TEXT "}}},"
    "'retry_after':{'type':'integer','description':'Seconds after which it may run.'}}}";

/* ---- list_runtimes ---- */

static void put_no_input(struct json_out *json, const struct config *config)
{
    (void)config;
    put_json(json, "{'type':'object','additionalProperties':false}");
}

static const char list_output[] =
    "{'type':'object','required':['runtimes'],'properties':{"
    "'runtimes':{'type':'array','items':{'type':'object','required':['name'],'properties':{"
    "'name':" TEXT ",'language':" TEXT_OR_NULL ",'version':" TEXT_OR_NULL ","
    "'aliases':{'type':'array','items':" TEXT "},"
    "'packages':{'type':'array','items':{'type':'object','properties':{"
    "'name':" TEXT ",'version':" TEXT_OR_NULL "}}},"
    "'limits':{'type':'object'},'warm':" INTEGER "}}}}}";

static void describe(struct buf *text, const struct config *config, const struct runtimes *told)
{
    char usual[NUMBER_MILLIS_BYTES], most[NUMBER_MILLIS_BYTES];
    for (size_t i = 0; i < config->runtimes_count; i++) {
        const char *name = config->runtimes[i].name;
        const struct runtime *runtime = runtimes_find(told, name);
        buf_printf(text, "%s%s: %s %s. Packages: %s.\n", name, i == 0 ? " (the default)" : "",
                   runtime && runtime->language[0] ? runtime->language : "not known yet",
                   runtime ? runtime->version : "",
                   runtime && runtime->packages[0] ? runtime->packages
                                                   : "the standard library alone");
    }
    buf_printf(text, "A program may run for %s seconds, or up to %s with \"timeout\".",
               number_format_millis(usual, config->default_timeout_ms),
               number_format_millis(most, config->max_timeout_ms));
}

static void put_runtimes(struct json_out *json, const struct call *call)
{
    struct buf text;
    struct config narrowed;
    const struct config *config = call_config(call, &narrowed);
    const struct runtimes *told = runtimes_told(call);
    buf_init(&text, TEXT_MAX_BYTES);
    describe(&text, config, told);
    json_key(json, "content");
    json_open(json, '[');
    json_open(json, '{');
    json_member_text(json, "type", "text");
    json_key(json, "text");
    json_put_string(json, buf_bytes(&text).data, text.len);
    json_close(json, '}');
    json_close(json, ']');
    json_key(json, "structuredContent");
    runtimes_put(json, config, told);
    json_member_bool(json, "isError", false);
    buf_release(&text);
}

/* ---- the table ---- */

static const struct mcp_tool tools[] = {
    {
        .name = "run_python",
        .title = "Run Python",
        .description =
            "Runs a Python program and returns what it printed, its exit code, and the figures "
            "that it showed (matplotlib's plt.show()) as images. The program runs in a fresh "
            "sandbox: no network, no packages beside the runtime's, and nothing is kept for the "
            "next call. A result with isError says what went wrong; correct the program or the "
            "arguments and call again.",
        .put_input = put_run_input,
        .output = run_output,
        .annotations = "{'readOnlyHint':false,'destructiveHint':false,'idempotentHint':false,"
                       "'openWorldHint':false}",
        .fields = run_fields,
    },
    {
        .name = "list_runtimes",
        .title = "List runtimes",
        .description = "Lists the runtimes that run_python may use: interpreter, version, packages "
                       "and limits.",
        .put_input = put_no_input,
        .output = list_output,
        .annotations = "{'readOnlyHint':true,'destructiveHint':false,'idempotentHint':true,"
                       "'openWorldHint':false}",
        .put_result = put_runtimes,
    },
};

const struct mcp_tool *mcp_tools_find(struct bytes name)
{
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
        if (bytes_equal_string(name, tools[i].name))
            return &tools[i];
    }
    return NULL;
}

void mcp_tools_put(struct json_out *json, const struct config *config)
{
    json_open(json, '[');
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
        json_open(json, '{');
        json_member_text(json, "name", tools[i].name);
        json_member_text(json, "title", tools[i].title);
        json_member_text(json, "description", tools[i].description);
        json_key(json, "inputSchema");
        tools[i].put_input(json, config);
        member_json(json, "outputSchema", tools[i].output);
        member_json(json, "annotations", tools[i].annotations);
        json_close(json, '}');
    }
    json_close(json, ']');
}
