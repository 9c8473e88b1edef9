/* mcp_answer.h - the answers of a server of MCP as JSON: errors, and results.
 *
 * Pure: JSON out.
 */
#ifndef MAYFLY_MCP_ANSWER_H
#define MAYFLY_MCP_ANSWER_H

#include "front/dialects/mcp_message.h"
#include "front/http/problem.h"

/* Put the error that the message is at fault with. */
void mcp_answer_put_error(struct json_out *json, const struct mcp_message *message);

/* Put who we are, as a member of this name. */
void mcp_answer_put_server(struct json_out *json, const char *name);

/* Put the answer to a request: its members, up to the inside of the result; and its end. */
void mcp_answer_open(struct json_out *json, const struct mcp_message *message);
void mcp_answer_close(struct json_out *json);

/* Put the members of the result of a call that is refused with this problem. */
void mcp_answer_put_refusal(struct json_out *json, const struct problem *problem);

/* Put a block of text, an element of a result's content. */
void mcp_answer_put_text(struct json_out *json, struct bytes text);

#endif
