/* bridge_message.h - a line of a host of MCP: the headers that its message needs over HTTP, and an
 * error in its name.
 *
 * Pure. The line is not trusted: no byte of it ends a header.
 */
#ifndef MAYFLY_BRIDGE_MESSAGE_H
#define MAYFLY_BRIDGE_MESSAGE_H

#include "client/call.h"
#include "common/buf.h"
#include "common/rpc_id.h"

#define BRIDGE_HEADER_BYTES 512 /* of a header's value, with its NUL; a longer one is left out */
#define BRIDGE_HEADERS_MAX 4    /* with the one that ends them */

struct bridge_message {
    char id[RPC_ID_BYTES];      /* "": it is a notification, or not a single message */
    char cancels[RPC_ID_BYTES]; /* it ends the request of this id; "": it does not */
    bool is_handshake;          /* "initialize": its answer has the revision */
    char version[BRIDGE_HEADER_BYTES], method[BRIDGE_HEADER_BYTES], name[BRIDGE_HEADER_BYTES];
};

/* Read a line. agreed: the revision of an earlier handshake; "" for none. Fails with ERR_INVALID if
 * the line is not JSON. */
bool bridge_message_read(struct bridge_message *message, struct bytes line, const char *agreed,
                         struct error *err);

/* The headers that it needs, as views of the message. Returns headers. */
const struct call_header *bridge_message_headers(const struct bridge_message *message,
                                                 struct call_header headers[BRIDGE_HEADERS_MAX]);

/* Append an error response to the message of this id ("": to none), and a newline. False, and out
 * unchanged, when its cap forbids. */
bool bridge_message_fail(struct buf *out, const char *id, int code, const char *text);

/* Append a gateway's answer as a line for the host: the answer itself if it is a message to this
 * id, or else an error. False as above. */
bool bridge_message_translate(struct buf *out, const char *id, long status, struct bytes answer);

/* Read the revision that the answer to a handshake agrees on; "" if it agrees on none. */
void bridge_message_agree(char version[BRIDGE_HEADER_BYTES], struct bytes answer);

#endif
