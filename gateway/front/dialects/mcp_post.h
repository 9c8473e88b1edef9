/* mcp_post.h - the body of a POST to /mcp: its messages, and their answers together.
 *
 * A batch, which one old revision allows, may list or call tools once.
 */
#ifndef MAYFLY_MCP_POST_H
#define MAYFLY_MCP_POST_H

#include "front/api/call.h"
#include "front/dialects/mcp_message.h"
#include "front/dialects/mcp_outcome.h"
#include "front/dialects/mcp_progress.h"

#define MCP_POST_ANSWER_MAX_BYTES ((size_t)256 << 10) /* of all messages but a run */

struct reading;

/* A zeroed struct with the headers, the service and the owner set has not been read yet. */
struct mcp_post {
    struct mcp_headers headers; /* valid until the messages have been read */
    struct service *service;
    char owner[JOB_OWNER_NAME_MAX + 1]; /* of the caller's key */
    bool is_batch;
    bool has_tools;               /* a message of the batch lists or calls tools */
    size_t count;                 /* 0: there was no memory for them */
    struct mcp_message *messages; /* owned */
    struct mcp_message *run;      /* the one that may have a run; NULL: none may */
    struct mcp_session *session;  /* of a tool of sessions; owned. NULL: of another tool */
    struct buf before, after;     /* around the members of that run's result */
    struct mcp_frame frame;       /* views of these */
    struct mcp_progress progress;
};

void mcp_post_free(struct mcp_post *post);

/* Read the messages of a document, and the request of the run if there is one, with the API's own
 * words. False: there is none. */
bool mcp_post_read(struct mcp_post *post, struct reading *reading, const struct json *document);

/* Does the message get an answer? */
bool mcp_post_has_answer(const struct mcp_message *message);
/* Append the answers to all messages; nothing if none gets one. False: no memory. */
bool mcp_post_write_answers(const struct mcp_post *post, const struct call *call, struct buf *body);
/* Write the text around the members of the run's result into `frame`. False: no memory. */
bool mcp_post_write_frame(struct mcp_post *post, const struct call *call);
/* Begin the text of the run's result in the frame. */
struct rendering mcp_post_begin(struct mcp_post *post, const struct transcript *transcript);
/* The frame has been written: free the rest, since many runs wait for long. */
void mcp_post_shrink(struct mcp_post *post);

#endif
