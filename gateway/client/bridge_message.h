/* bridge_message.h - translates between the lines of an MCP host and HTTP: headers for a message,
 * and a response as a line.
 *
 * Pure. The host's line is not trusted: none of its bytes can end a header.
 */
#ifndef MAYFLY_BRIDGE_MESSAGE_H
#define MAYFLY_BRIDGE_MESSAGE_H

#include "client/call.h"
#include "common/buf.h"
#include "common/rpc_id.h"

/* space for the value of a header, with a NUL; a header with a longer value is left out */
#define BRIDGE_HEADER_BYTES 512
#define BRIDGE_HEADERS_MAX 4 /* including the entry that ends the list */

struct bridge_message {
    char id[RPC_ID_BYTES];      /* "" for a notification, or a line that is not a single message */
    char cancels[RPC_ID_BYTES]; /* the id of the request that this message cancels; "": none */
    /* the method is "initialize": the answer names the protocol's revision */
    bool is_handshake;
    char version[BRIDGE_HEADER_BYTES], method[BRIDGE_HEADER_BYTES], name[BRIDGE_HEADER_BYTES];
};

/* Read a line. `agreed` is the protocol revision of an earlier handshake, or "". Fails with
 * ERR_INVALID if the line is not JSON. */
bool bridge_message_read(struct bridge_message *message, struct bytes line, const char *agreed,
                         struct error *err);

/* Fill `headers` with the headers to send for this message, as views of *message. Returns
 * headers. */
const struct call_header *bridge_message_headers(const struct bridge_message *message,
                                                 struct call_header headers[BRIDGE_HEADERS_MAX]);

/* Append an error response to the message with this id, and a newline. If id is "", the response
 * has no id. Returns false, with out unchanged, if out's cap is too small. */
bool bridge_message_fail(struct buf *out, const char *id, int code, const char *text);

/* Append a gateway's response as a line for the host: unchanged if it answers the message with this
 * id, else as an error. Returns false like bridge_message_fail. */
bool bridge_message_translate(struct buf *out, const char *id, long status, struct bytes answer);

/* Copy the protocol revision from the answer to a handshake; "" if it has none. */
void bridge_message_agree(char version[BRIDGE_HEADER_BYTES], struct bytes answer);

#endif
