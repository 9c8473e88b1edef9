/* address.h - turns the URL of a gateway, as people write it, into that of an endpoint.
 *
 * Pure.
 */
#ifndef MAYFLY_ADDRESS_H
#define MAYFLY_ADDRESS_H

#include "common/buf.h"
#include "common/error.h"

#define ADDRESS_EXECUTE "/api/v1/execute"
#define ADDRESS_MCP "/mcp"

/* Append the URL of the endpoint at `path` below `base`, and a NUL. Assumes "http" where base has
 * no scheme. Keeps a path, for gateways behind a proxy. Fails with ERR_INVALID, with out unchanged,
 * when base is no URL of http or https, or holds a user, a query or a fragment. */
bool address_write(struct buf *out, const char *base, const char *path, struct error *err);

/* Append the URL for a gateway on this machine that listens at `listen` ("0.0.0.0:8000"). Fails
 * with ERR_INVALID, naming MAYFLY_LISTEN, when that is no address and port. */
bool address_write_near(struct buf *out, const char *listen, const char *path, struct error *err);

/* Append the URL of the endpoint at `path`: below `url`, or, where that is NULL, of the gateway
 * that listens at `listen`. Fails like the two above. */
bool address_find(struct buf *out, const char *url, const char *listen, const char *path,
                  struct error *err);

#endif
