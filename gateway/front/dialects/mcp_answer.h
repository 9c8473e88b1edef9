/* mcp_answer.h - the answers of a server of MCP as JSON: errors, and results.
 *
 * Pure: JSON out.
 */
#ifndef MAYFLY_MCP_ANSWER_H
#define MAYFLY_MCP_ANSWER_H

#include "front/dialects/mcp_message.h"
#include "front/http/problem.h"

/* Put the error that says what is wrong with the message. */
void mcp_answer_put_error(struct json_out *json, const struct mcp_message *message);

/* Put our name and version, as a member of this name. */
void mcp_answer_put_server(struct json_out *json, const char *name);

/* Open the answer to a request, up to the inside of its result; and close it. */
void mcp_answer_open(struct json_out *json, const struct mcp_message *message);
void mcp_answer_close(struct json_out *json);

/* Put the members of the result of a call that is refused with this problem. `refused` is a
 * sentence: the call did nothing. */
void mcp_answer_put_refusal(struct json_out *json, const struct problem *problem,
                            const char *refused);

/* Put a block of text, an element of a result's content. */
void mcp_answer_put_text(struct json_out *json, struct bytes text);

/* Is this the media type of an image that models see? A host may fail at another one. */
bool mcp_answer_is_image(struct bytes type);

#endif
