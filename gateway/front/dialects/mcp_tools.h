/* mcp_tools.h - the table of tools that an MCP client can call.
 *
 * A tool runs a program, does something with a session (mcp_session.h), or answers at once.
 * Descriptions and schemas depend only on the caller's settings, so the list is the same each time.
 * If the settings allow no sessions, the tools for sessions are not in the list.
 */
#ifndef MAYFLY_MCP_TOOLS_H
#define MAYFLY_MCP_TOOLS_H

#include "common/json.h"
#include "front/api/call.h"
#include "front/dialects/mcp_session.h"

struct mcp_tool {
    const char *name, *title, *description;
    /* writes its inputSchema */
    void (*put_input)(struct json_out *json, const struct config *config);
    /* JSON with ' instead of " */
    const char *output, *annotations;
    /* For a tool that runs a program: the members of an API request that it accepts as arguments.
     * Else NULL. */
    const char *const *fields;
    enum mcp_session_deed session; /* MCP_NO_SESSION: it is not a tool of sessions */
    const char *refused;           /* a sentence which says that a refused call did nothing */
    /* For a tool that answers at once: writes the members of its result. */
    void (*put_result)(struct json_out *json, const struct call *call);
};

/* Returns NULL when there is no tool with this name. */
const struct mcp_tool *mcp_tools_find(struct bytes name);

/* Write the array of all tools. */
void mcp_tools_put(struct json_out *json, const struct config *config);

/* A client may cache the list for this long. */
#define MCP_LIST_TTL_MS 300000

/* Instructions for models, sent in the handshake. */
#define MCP_TOOLS_INSTRUCTIONS                                                                     \
    "Mayfly runs Python programs in locked-down containers without a network. Each call of "       \
    "run_python has a fresh one: nothing is kept between calls, so a program must contain or be "  \
    "given all that it needs, and must print what it is asked for. To keep variables and files "   \
    "from call to call, open a session with session_open, run code in it with session_run, and "   \
    "close it with session_close."

#endif
