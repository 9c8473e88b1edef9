#include "front/dialects/mcp_session_tools.h"

#include "front/dialects/mcp_schema.h"

#define ID                                                                                         \
    "{'type':'string','minLength':1,'maxLength':64,"                                               \
    "'description':'The session, as session_open has named it.'}"
/* Every call on a session may find it busy. */
#define QUEUE_TIMEOUT                                                                              \
    "How long to wait, in seconds, if the session is busy. Without it a busy session is an error."

static void put_queue_timeout(struct json_out *json, const struct config *config)
{
    mcp_schema_put_seconds(json, "queue_timeout", 1, config->queue_timeout_ms, 0, QUEUE_TIMEOUT);
}

/* ---- session_open ---- */

static void put_open_input(struct json_out *json, const struct config *config)
{
    mcp_schema_open(json);
    mcp_schema_put_member(
        json, "session_id",
        "{'type':'string','minLength':1,'maxLength':64,'pattern':'^[A-Za-z0-9][A-Za-z0-9._-]*$',"
        "'description':'A name for it. The live session of this name is returned if there is one; "
        "a name whose session has ended cannot be used again. Default: a new random name.'}");
    mcp_schema_put_runtime(json, config);
    mcp_schema_put_files(json, "Files in its working directory, /box, from the beginning.");
    mcp_schema_put_seconds(json, "idle_timeout", CONFIG_MIN_SESSION_MS, config->max_session_ms,
                           config->session_idle_ms,
                           "It ends after this time without a call, in seconds.");
    mcp_schema_put_seconds(json, "max_lifetime", CONFIG_MIN_SESSION_MS, config->max_session_ms,
                           config->session_ms, "It ends at this age, in seconds.");
    mcp_schema_close(json, "[]");
}

static const char open_output[] =
    "{'type':'object','properties':{"
    "'session':{'type':'object','required':['id'],'properties':{"
    "'id':{'type':'string','description':'The session_id of later calls.'},"
    "'state':" SCHEMA_TEXT ",'runtime':" SCHEMA_TEXT ",'created_at':" SCHEMA_TEXT ","
    "'expires_at':" SCHEMA_TEXT ",'idle_expires_at':" SCHEMA_TEXT_OR_NULL ","
    "'idle_timeout':{'type':'number'},'max_lifetime':{'type':'number'},"
    "'executions':" SCHEMA_INTEGER ",'generation':" SCHEMA_INTEGER ","
    "'running':" SCHEMA_TEXT_OR_NULL ",'limits':{'type':'object'},"
    "'memory_bytes':" SCHEMA_INTEGER_OR_NULL "}},"
    "'status':" SCHEMA_TEXT "," SCHEMA_OF_REFUSAL "}}";

/* ---- session_run ---- */

static void put_run_input(struct json_out *json, const struct config *config)
{
    mcp_schema_open(json);
    mcp_schema_put_member(json, "session_id", ID);
    mcp_schema_put_member(
        json, "code",
        "{'type':'string','minLength':1,'description':'Python, as in a cell of a notebook: it "
        "finds what earlier code has left, and the value of its last expression is shown.'}");
    mcp_schema_put_member(json, "stdin",
                          "{'type':'string','description':'What it reads from standard input. "
                          "Default: nothing.'}");
    mcp_schema_put_files(json, "Files to write to /box before it runs.");
    mcp_schema_put_outputs(json);
    mcp_schema_put_timeout(json, config);
    put_queue_timeout(json, config);
    mcp_schema_close(json, "['session_id','code']");
}

static const char run_output[] =
    "{'type':'object','required':['status'],'properties':{" SCHEMA_OF_ANSWER ","
    "'error':{'anyOf':[{'type':'object','properties':{'name':" SCHEMA_TEXT ",'value':" SCHEMA_TEXT
    ",'traceback':{'type':'array','items':" SCHEMA_TEXT "}}},{'type':'null'}],"
    "'description':'The exception that has ended it.'},"
    "'session':{'type':'object','required':['id'],'properties':{'id':" SCHEMA_TEXT
    ",'state':{'type':'string','enum':['idle','busy','gone']},'reason':" SCHEMA_TEXT ","
    "'expires_at':" SCHEMA_TEXT_OR_NULL ",'idle_expires_at':" SCHEMA_TEXT_OR_NULL ","
    "'generation':{'type':'integer','description':'It rises when the variables are lost.'},"
    "'state_lost':{'type':'boolean','description':'Variables and imports must be made again.'},"
    "'interrupted':" SCHEMA_BOOL ",'dropped_bytes':" SCHEMA_INTEGER "}},"
    "'running':{'type':'string','description':'The run that it is busy with.'}}}";

/* ---- session_files ---- */

static void put_files_input(struct json_out *json, const struct config *config)
{
    mcp_schema_open(json);
    mcp_schema_put_member(json, "session_id", ID);
    mcp_schema_put_member(json, "action",
                          "{'type':'string','enum':['list','read','write','delete']}");
    mcp_schema_put_member(json, "path",
                          "{'type':'string','description':'The file to read or to delete, such as "
                          "data/out.csv.'}");
    mcp_schema_put_member(json, "pattern",
                          "{'type':'string','description':'A glob for the files to list, such as "
                          "*.csv. Default: all files.'}");
    mcp_schema_put_files(json, "The files to write.");
    put_queue_timeout(json, config);
    mcp_schema_close(json, "['session_id','action']");
}

static const char files_output[] =
    "{'type':'object','properties':{'files':" SCHEMA_OF_FILES ","
    "'truncated':{'type':'boolean','description':'There are more files than the list has.'},"
    "'status':" SCHEMA_TEXT ",'running':" SCHEMA_TEXT "," SCHEMA_OF_REFUSAL "}}";

/* ---- session_close ---- */

static void put_close_input(struct json_out *json, const struct config *config)
{
    (void)config;
    mcp_schema_open(json);
    mcp_schema_put_member(json, "session_id", ID);
    mcp_schema_close(json, "['session_id']");
}

static const char close_output[] =
    "{'type':'object','properties':{'closed':" SCHEMA_BOOL ",'status':" SCHEMA_TEXT
    ",'running':" SCHEMA_TEXT "," SCHEMA_OF_REFUSAL "}}";

/* ---- the rows ---- */

const struct mcp_tool mcp_session_tools[MCP_SESSION_TOOLS_COUNT] = {
    {
        .name = "session_open",
        .title = "Open a session",
        .description =
            "Opens a session: a sandbox of its own that keeps its Python interpreter, so "
            "variables, "
            "imports and files are there in the next call. There is no network. The result has the "
            "session's id; give it to session_run, session_files and session_close. A session "
            "ends when it has not been used for its idle_timeout.",
        .put_input = put_open_input,
        .output = open_output,
        .annotations = "{'readOnlyHint':false,'destructiveHint':false,'idempotentHint':false,"
                       "'openWorldHint':false}",
        .session = MCP_SESSION_OPEN,
        .refused = "The session was not opened.",
    },
    {
        .name = "session_run",
        .title = "Run code in a session",
        .description =
            "Runs Python code in a session, and returns what it printed, the value of its last "
            "expression, and the figures that it showed as images. Code that takes longer than "
            "its timeout is interrupted. If the result says that the session's state was lost, "
            "imports and variables must be made again.",
        .put_input = put_run_input,
        .output = run_output,
        .annotations = "{'readOnlyHint':false,'destructiveHint':true,'idempotentHint':false,"
                       "'openWorldHint':false}",
        .session = MCP_SESSION_RUN,
        .refused = "The code did not run.",
    },
    {
        .name = "session_files",
        .title = "Files of a session",
        .description = "Lists, reads, writes or deletes files in a session's working directory, "
                       "/box. Content that is no text is in base64.",
        .put_input = put_files_input,
        .output = files_output,
        .annotations = "{'readOnlyHint':false,'destructiveHint':true,'idempotentHint':true,"
                       "'openWorldHint':false}",
        .session = MCP_SESSION_FILES,
        .refused = "session_files did nothing.",
    },
    {
        .name = "session_close",
        .title = "Close a session",
        .description = "Ends a session. Its variables and files are lost, and code that runs in it "
                       "is ended. Close a session that is not needed any more.",
        .put_input = put_close_input,
        .output = close_output,
        .annotations = "{'readOnlyHint':false,'destructiveHint':true,'idempotentHint':true,"
                       "'openWorldHint':false}",
        .session = MCP_SESSION_CLOSE,
        .refused = "The session was not closed.",
    },
};
