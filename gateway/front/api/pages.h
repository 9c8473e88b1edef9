/* pages.h - GET of the embedded assets: the pages, their scripts and styles, and the description of
 * the API.
 *
 * The bytes are sent as they are in the binary, compressed if the client accepts that. A browser
 * caches a path with a hash, and does not ask for it again. It asks for any other path each time,
 * and gets a 304 if its copy is current.
 */
#ifndef MAYFLY_PAGES_H
#define MAYFLY_PAGES_H

#include "front/api/call.h"

/* GET of an asset's path; 404 if there is none. */
void page_handle(const struct call *call);

/* GET of a page's path with a slash after it: 308 to the page. */
void page_handle_slash(const struct call *call);

/* GET / and GET /api/v1: links to everything, as JSON. At / a client that names text/html in its
 * Accept header, as browsers do, gets the playground instead. */
void index_handle(const struct call *call);

#endif
