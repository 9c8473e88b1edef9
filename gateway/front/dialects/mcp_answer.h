/* mcp_answer.h - writes the JSON of MCP answers: errors and results.
 *
 * Pure.
 */
#ifndef MAYFLY_MCP_ANSWER_H
#define MAYFLY_MCP_ANSWER_H

#include "front/dialects/mcp_message.h"
#include "front/http/problem.h"

/* Write an error that says what is wrong with the message. */
void mcp_answer_put_error(struct json_out *json, const struct mcp_message *message);

/* Write our name and version as a member `name`. */
void mcp_answer_put_server(struct json_out *json, const char *name);

/* Write the beginning of the answer to a request, up to the inside of its result; and its end. */
void mcp_answer_open(struct json_out *json, const struct mcp_message *message);
void mcp_answer_close(struct json_out *json);

/* Write the result of a tool call that is refused with this problem. `refused` is a sentence which
 * says that the call did nothing. */
void mcp_answer_put_refusal(struct json_out *json, const struct problem *problem,
                            const char *refused);

/* Write a block of text, as an element of a result's content. */
void mcp_answer_put_text(struct json_out *json, struct bytes text);

/* Returns true if this is the media type of an image that models can see. A host may fail if it
 * gets another type. */
bool mcp_answer_is_image(struct bytes type);

#endif
