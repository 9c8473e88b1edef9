/* guard.h - a second, strict check of the raw head of a request.
 *
 * libh2o 2.2.5 accepts two Content-Lengths (the first wins), Transfer-Encoding beside
 * Content-Length, lines that end in a bare LF, folded lines, and no Host header or two. The handler
 * sees nothing of that. A proxy in front of us may read the same bytes differently. One of its
 * clients could then slip a request into the connection of another. So the guard refuses every head
 * that two parsers could read differently.
 *
 * Pure: bytes in, judgement out. Knows nothing of h2o.
 */
#ifndef MAYFLY_GUARD_H
#define MAYFLY_GUARD_H

#include "common/buf.h"

#define GUARD_HEAD_MAX_BYTES ((size_t)64 << 10)

enum guard_judgement {
    GUARD_MORE,   /* the head has not come whole */
    GUARD_KEEP,   /* clear framing: the connection may serve another request */
    GUARD_CLOSE,  /* chunked: close after the answer, since h2o is lenient with chunk sizes */
    GUARD_REFUSE, /* answer 400 and close */
};

/* Judge the head that starts at data[0]. Ignores the bytes after the empty line. On GUARD_REFUSE
 * *why is a static sentence for people. A head without an end within GUARD_HEAD_MAX_BYTES is
 * refused. */
enum guard_judgement guard_judge(const char *data, size_t len, const char **why);

/* The parts of a head that identify the sender of the request. They are views; data is NULL when a
 * part is absent. */
struct guard_pass {
    struct bytes method;
    struct bytes path; /* as guard_path gives it */
    struct bytes host; /* the authority of a target in absolute form, otherwise Host */
    struct bytes authorization, api_key;
    struct bytes request_id;             /* X-Request-Id */
    struct bytes origin;                 /* Origin; a browser sets this and the next two */
    struct bytes fetch_site, fetch_mode; /* Sec-Fetch-Site, Sec-Fetch-Mode */
    bool asks_for_method;                /* Access-Control-Request-Method is there */
};

/* Read the pass of a head that was judged GUARD_KEEP or GUARD_CLOSE. */
struct guard_pass guard_pass_of(const char *data, size_t len);

/* The path of a request target, raw: without query, and without scheme and authority in absolute
 * form. A view. */
struct bytes guard_path(struct bytes target);
/* The part of a request target after its first '?'. A view; empty where there is none. */
struct bytes guard_query(struct bytes target);

#endif
