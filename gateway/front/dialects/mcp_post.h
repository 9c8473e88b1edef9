/* mcp_post.h - the body of a POST to /mcp: its messages, and their answers.
 *
 * One old revision allows a body with several messages, a batch. At most one message of a batch may
 * list or call tools.
 */
#ifndef MAYFLY_MCP_POST_H
#define MAYFLY_MCP_POST_H

#include "front/api/call.h"
#include "front/dialects/mcp_message.h"
#include "front/dialects/mcp_outcome.h"
#include "front/dialects/mcp_progress.h"

/* Cap of all answers together, without the answer of a run. */
#define MCP_POST_ANSWER_MAX_BYTES ((size_t)256 << 10)

struct reading;

/* To initialise: zero it, then set headers, service and owner. */
struct mcp_post {
    struct mcp_headers headers; /* valid until mcp_post_read returns */
    struct service *service;
    char owner[JOB_OWNER_NAME_MAX + 1]; /* of the caller's key */
    bool is_batch;
    bool has_tools;               /* a message of the batch lists or calls tools */
    size_t count;                 /* 0: memory was out */
    struct mcp_message *messages; /* owned */
    struct mcp_message *run;      /* the message that may run a program; NULL: none */
    struct mcp_session *session;  /* the call, if it is of a tool of sessions; owned; else NULL */
    struct buf before, after;     /* the JSON around the members of that run's result */
    struct mcp_frame frame;       /* views of the two buffers above */
    struct mcp_progress progress;
};

void mcp_post_free(struct mcp_post *post);

/* Read the messages of a document. If one runs a program, read its arguments into the request.
 * Returns false if none does. */
bool mcp_post_read(struct mcp_post *post, struct reading *reading, const struct json *document);

/* Returns true if the message gets an answer. */
bool mcp_post_has_answer(const struct mcp_message *message);
/* Append the answers to all messages; appends nothing if none gets an answer. Returns false when
 * memory is out. */
bool mcp_post_write_answers(const struct mcp_post *post, const struct call *call, struct buf *body);
/* Write the JSON around the run's result into `frame`. Returns false when memory is out. */
bool mcp_post_write_frame(struct mcp_post *post, const struct call *call);
/* Begin the text of the run's result in the frame. */
struct rendering mcp_post_begin(struct mcp_post *post, const struct transcript *transcript);
/* After mcp_post_write_frame: free everything else, because many runs wait for long. */
void mcp_post_shrink(struct mcp_post *post);

#endif
