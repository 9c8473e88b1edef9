/* guard.h - a second, strict look at a request's raw head.
 *
 * libh2o 2.2.5 takes two Content-Lengths (first wins), Transfer-Encoding beside Content-Length,
 * lines that end in a bare LF, folded lines, and none or two Host headers, and hides all of it from
 * the handler. A proxy in front of us may read the same bytes otherwise: then one of its clients
 * could slip a request into another's connection. Whatever two readers could take for two different
 * requests is refused here.
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

/* Judge the head that starts at data[0]; what follows the empty line is not looked at. On
 * GUARD_REFUSE *why is a sentence, static, for people. A head without an end within
 * GUARD_HEAD_MAX_BYTES is refused. */
enum guard_judgement guard_judge(const char *data, size_t len, const char **why);

/* The parts of a head that tell who sends the request, and from where. They are views; data NULL
 * when absent. */
struct guard_pass {
    struct bytes method;
    struct bytes path; /* as guard_path gives it */
    struct bytes host; /* Host, or the authority of a target in absolute form, which counts more */
    struct bytes authorization, api_key;
    struct bytes request_id;             /* X-Request-Id */
    struct bytes origin;                 /* Origin; this and the next two: what a browser says */
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
