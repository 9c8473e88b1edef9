/* pages.h - serves files that are part of the binary: pages, scripts, styles, and the API's
 * description.
 *
 * A file is sent compressed if the client accepts that. The content at a path with a hash never
 * changes, so browsers cache it for long. For any other path, a browser asks each time, and gets a
 * 304 if its copy is current.
 */
#ifndef MAYFLY_PAGES_H
#define MAYFLY_PAGES_H

#include "front/api/call.h"

/* Serves a GET of an asset's path; 404 if there is no such asset. */
void page_handle(const struct call *call);

/* Serves a GET of a page's path followed by a slash: a 308 to the page. */
void page_handle_slash(const struct call *call);

/* Serves GET / and GET /api/v1: links to everything, as JSON. At / a client whose Accept header
 * names text/html, like a browser, gets the playground instead. */
void index_handle(const struct call *call);

#endif
