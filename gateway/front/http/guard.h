/* guard.h - a second, strict check of the raw head of a request.
 *
 * libh2o 2.2.5 accepts two Content-Lengths (the first wins), and Transfer-Encoding together with
 * Content-Length. It also accepts lines that end in a bare LF, folded lines, a missing Host header,
 * and two Host headers. The handler would not notice any of these. But a proxy in front of us may
 * read such a request differently; then one client could smuggle a request into the connection of
 * another. So the guard refuses every head that two parsers could read differently.
 *
 * Pure. Knows nothing of h2o.
 */
#ifndef MAYFLY_GUARD_H
#define MAYFLY_GUARD_H

#include "common/buf.h"

#define GUARD_HEAD_MAX_BYTES ((size_t)64 << 10)

enum guard_judgement {
    GUARD_MORE,   /* the head is incomplete */
    GUARD_KEEP,   /* the request's end is clear: the connection may serve another one */
    GUARD_CLOSE,  /* chunked: close after the answer, because h2o is lenient with chunk sizes */
    GUARD_REFUSE, /* answer 400 and close */
};

/* Judge the head that begins at data[0]. Ignores everything after the empty line. With
 * GUARD_REFUSE, *why is a static text for people. A head longer than GUARD_HEAD_MAX_BYTES is
 * refused. */
enum guard_judgement guard_judge(const char *data, size_t len, const char **why);

/* The parts of a head that identify the sender. They are views; data is NULL if a part is
 * missing. */
struct guard_pass {
    struct bytes method;
    struct bytes path; /* as guard_path returns it */
    struct bytes host; /* the host of an absolute target, else the Host header */
    struct bytes authorization, api_key;
    struct bytes request_id;             /* X-Request-Id */
    struct bytes origin;                 /* Origin; sent by browsers, like the next two */
    struct bytes fetch_site, fetch_mode; /* Sec-Fetch-Site, Sec-Fetch-Mode */
    bool asks_for_method;                /* Access-Control-Request-Method is present */
};

/* Read the pass from a head that was judged GUARD_KEEP or GUARD_CLOSE. */
struct guard_pass guard_pass_of(const char *data, size_t len);

/* Returns the path of a request target: a view without the query and, in an absolute target,
 * without scheme and host. Nothing is decoded. */
struct bytes guard_path(struct bytes target);
/* Returns the part after the first '?'; a view, empty if there is none. */
struct bytes guard_query(struct bytes target);

#endif
