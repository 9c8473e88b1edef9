/* mcp_tools.h - the tools that a client of MCP may call: a row for each.
 *
 * A tool runs a program, does something with a session (mcp_session.h), or answers at once.
 * Descriptions and schemas depend on the caller's settings alone, so the list is the same in each
 * answer. Where the settings allow no sessions, their tools are not in the list.
 */
#ifndef MAYFLY_MCP_TOOLS_H
#define MAYFLY_MCP_TOOLS_H

#include "common/json.h"
#include "front/api/call.h"
#include "front/dialects/mcp_session.h"

struct mcp_tool {
    const char *name, *title, *description;
    void (*put_input)(struct json_out *json, const struct config *config); /* its inputSchema */
    const char *output, *annotations;                                      /* JSON, with ' for " */
    /* It runs a program: its arguments are these members of the API's own request; NULL: it does
     * not. */
    const char *const *fields;
    enum mcp_session_deed session; /* MCP_NO_SESSION: it is no tool of sessions */
    const char *refused;           /* a sentence: its call did nothing */
    /* It answers at once: put the members of its result. */
    void (*put_result)(struct json_out *json, const struct call *call);
};

/* NULL: there is no tool of this name. */
const struct mcp_tool *mcp_tools_find(struct bytes name);

/* Put the array of all tools. */
void mcp_tools_put(struct json_out *json, const struct config *config);

/* For how long a client may keep the list. */
#define MCP_LIST_TTL_MS 300000

/* Instructions for models. */
#define MCP_TOOLS_INSTRUCTIONS                                                                     \
    "Mayfly runs Python programs in locked-down containers without a network. Each call of "       \
    "run_python has a fresh one: nothing is kept between calls, so a program must contain or be "  \
    "given all that it needs, and must print what it is asked for. To keep variables and files "   \
    "from call to call, open a session with session_open, run code in it with session_run, and "   \
    "close it with session_close."

#endif
