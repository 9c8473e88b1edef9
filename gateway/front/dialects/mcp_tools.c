#include "front/dialects/mcp_tools.h"

#include "common/number.h"
#include "front/api/runtimes.h"
#include "front/dialects/mcp_schema.h"
#include "front/dialects/mcp_session_tools.h"

#define TEXT_MAX_BYTES ((size_t)64 << 10)

/* ---- run_python ---- */

static const char *const run_fields[] = {"code",    "stdin",   "files", "outputs",
                                         "timeout", "runtime", NULL};

static void put_run_input(struct json_out *json, const struct config *config)
{
    mcp_schema_open(json);
    mcp_schema_put_member(
        json, "code",
        "{'type':'string','minLength':1,'description':'The Python program, as in a file. "
        "It must print what it is asked for: the value of its last line is not shown.'}");
    mcp_schema_put_member(json, "stdin",
                          "{'type':'string','description':'What it reads from standard input. "
                          "Default: nothing.'}");
    mcp_schema_put_files(json, "Files in its working directory, /box, when it starts.");
    mcp_schema_put_outputs(json);
    mcp_schema_put_timeout(json, config);
    mcp_schema_put_runtime(json, config);
    mcp_schema_close(json, "['code']");
}

static const char run_output[] =
    "{'type':'object','required':['status'],'properties':{" SCHEMA_OF_ANSWER "}}";

/* ---- list_runtimes ---- */

static void put_no_input(struct json_out *json, const struct config *config)
{
    (void)config;
    mcp_schema_put(json, "{'type':'object','properties':{},'additionalProperties':false}");
}

static const char list_output[] =
    "{'type':'object','required':['runtimes'],'properties':{"
    "'runtimes':{'type':'array','items':{'type':'object','required':['name'],'properties':{"
    "'name':" SCHEMA_TEXT ",'language':" SCHEMA_TEXT_OR_NULL ",'version':" SCHEMA_TEXT_OR_NULL ","
    "'aliases':{'type':'array','items':" SCHEMA_TEXT "},"
    "'packages':{'type':'array','items':{'type':'object','properties':{"
    "'name':" SCHEMA_TEXT ",'version':" SCHEMA_TEXT_OR_NULL "}}},"
    "'limits':{'type':'object'},'warm':" SCHEMA_INTEGER "}}}}}";

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
            "sandbox: no network, no packages besides the runtime's, and nothing is kept for the "
            "next call. A result with isError says what went wrong; correct the program or the "
            "arguments and call again.",
        .refused = "The program did not run.",
        .put_input = put_run_input,
        .output = run_output,
        .annotations = "{'readOnlyHint':false,'destructiveHint':false,'idempotentHint':false,"
                       "'openWorldHint':false}",
        .fields = run_fields,
    },
    {
        .name = "list_runtimes",
        .title = "List runtimes",
        .description = "Lists the runtimes that run_python and session_open may use: interpreter, "
                       "version, packages and limits.",
        .put_input = put_no_input,
        .output = list_output,
        .annotations = "{'readOnlyHint':true,'destructiveHint':false,'idempotentHint':true,"
                       "'openWorldHint':false}",
        .put_result = put_runtimes,
    },
};

/* Returns the tool at this place, in the order of the list; NULL after the last. */
static const struct mcp_tool *tool_at(size_t index)
{
    size_t count = sizeof tools / sizeof tools[0];
    if (index < count)
        return &tools[index];
    index -= count;
    return index < MCP_SESSION_TOOLS_COUNT ? &mcp_session_tools[index] : NULL;
}

const struct mcp_tool *mcp_tools_find(struct bytes name)
{
    const struct mcp_tool *tool;
    for (size_t i = 0; (tool = tool_at(i)); i++) {
        if (bytes_equal_string(name, tool->name))
            break;
    }
    return tool;
}

void mcp_tools_put(struct json_out *json, const struct config *config)
{
    const struct mcp_tool *tool;
    json_open(json, '[');
    for (size_t i = 0; (tool = tool_at(i)); i++) {
        if (tool->session != MCP_NO_SESSION && config->sessions_max == 0)
            continue;
        json_open(json, '{');
        json_member_text(json, "name", tool->name);
        json_member_text(json, "title", tool->title);
        json_member_text(json, "description", tool->description);
        json_key(json, "inputSchema");
        tool->put_input(json, config);
        mcp_schema_put_member(json, "outputSchema", tool->output);
        mcp_schema_put_member(json, "annotations", tool->annotations);
        json_close(json, '}');
    }
    json_close(json, ']');
}
