/* pages.h - GET of the embedded assets: the pages, what they load, and the API's description.
 *
 * The bytes are sent as they lie in the binary, compressed where the client takes it. A path with a
 * hash is kept by the browser and not asked for again; any other is asked for each time, and
 * answered 304 when the browser has it already.
 */
#ifndef MAYFLY_PAGES_H
#define MAYFLY_PAGES_H

#include "front/api/call.h"

/* GET of an asset's path; 404 where there is none. */
void page_handle(const struct call *call);

/* GET of a page's path with a slash after it: 308 to the page. */
void page_handle_slash(const struct call *call);

/* GET / and GET /api/v1: where everything is, as JSON; at / the playground's page for a client that
 * names text/html in its Accept header, as browsers do. */
void index_handle(const struct call *call);

#endif
