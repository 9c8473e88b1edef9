/* mcp_tools.h - the table of tools that an MCP client can call.
 *
 * A tool either runs a program or answers at once. Descriptions and schemas depend only on the
 * caller's settings, so the list is the same each time.
 */
#ifndef MAYFLY_MCP_TOOLS_H
#define MAYFLY_MCP_TOOLS_H

#include "common/json.h"
#include "front/api/call.h"

struct mcp_tool {
    const char *name, *title, *description;
    /* writes its inputSchema */
    void (*put_input)(struct json_out *json, const struct config *config);
    /* JSON with ' instead of " */
    const char *output, *annotations;
    /* For a tool that runs a program: the members of an API request that it accepts as arguments.
     * Else NULL. */
    const char *const *fields;
    /* For a tool that answers at once: writes the members of its result. */
    void (*put_result)(struct json_out *json, const struct call *call);
};

/* Returns NULL when there is no tool with this name. */
const struct mcp_tool *mcp_tools_find(struct bytes name);

/* Write the array of all tools. */
void mcp_tools_put(struct json_out *json, const struct config *config);

/* How long a client may cache the list. */
#define MCP_LIST_TTL_MS 300000

/* Instructions for models, sent in the handshake. */
#define MCP_TOOLS_INSTRUCTIONS                                                                     \
    "Mayfly runs Python programs in locked-down containers without a network. Each call of "       \
    "run_python has a fresh one: nothing is kept between calls, so a program must contain or be "  \
    "given all that it needs, and must print what it is asked for."

#endif
