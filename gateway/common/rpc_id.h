/* rpc_id.h - the id of a JSON-RPC 2.0 message, as JSON: a string or an integer
 * (https://www.jsonrpc.org/specification, section 4). Two ids are equal if their texts are. */
#ifndef MAYFLY_RPC_ID_H
#define MAYFLY_RPC_ID_H

#include "common/json.h"

#define RPC_ID_BYTES 264 /* longest id as JSON, with a NUL */

/* Write the id as JSON. Returns false, and writes "", if value is neither a string nor an integer,
 * or is too long. */
bool rpc_id_copy(char text[RPC_ID_BYTES], const struct json *value);

#endif
