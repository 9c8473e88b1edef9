/* address.h - builds the URL of an endpoint from the URL of a gateway as a user writes it.
 *
 * Pure.
 */
#ifndef MAYFLY_ADDRESS_H
#define MAYFLY_ADDRESS_H

#include "common/buf.h"
#include "common/error.h"

#define ADDRESS_EXECUTE "/api/v1/execute"
#define ADDRESS_MCP "/mcp"

/* Append the URL of the endpoint `path` on the gateway `base`, and a NUL. Assumes "http" if base
 * has no scheme. A path in base is kept in front, for gateways behind a proxy. Fails with
 * ERR_INVALID, with out unchanged, if base is not an http or https URL, or has a user, query or
 * fragment. */
bool address_write(struct buf *out, const char *base, const char *path, struct error *err);

/* Append the URL for a gateway on this machine whose MAYFLY_LISTEN is `listen` ("0.0.0.0:8000").
 * Fails with ERR_INVALID, naming MAYFLY_LISTEN, if that is not an address and a port. */
bool address_write_near(struct buf *out, const char *listen, const char *path, struct error *err);

/* Append the URL of the endpoint at `path`: below `url`, or if `url` is NULL, of the gateway that
 * listens at `listen`. Fails like address_write and address_write_near. */
bool address_find(struct buf *out, const char *url, const char *listen, const char *path,
                  struct error *err);

#endif
