/* desk.h - memory that a request needs only while its body is read.
 *
 * A desk is large, and a request lives much longer than the reading of its body takes. If each
 * request allocated its own desk, freed desks would leave holes in the heap between requests that
 * stay. So one desk is kept for the next request. While that desk is in use, others are allocated
 * and freed.
 */
#ifndef MAYFLY_DESK_H
#define MAYFLY_DESK_H

#include "front/api/request_reader.h"
#include "front/api/request_tests.h"
#include "front/http/problem.h"

struct desk {
    struct request_reader *reader;
    struct request request; /* valid once the body was read */
    struct request_cursor cursor;
    struct buf frame; /* its RUN frame */
    size_t mark;
    bool is_other;         /* the request asks for no run */
    uint64_t run_id;       /* the id in its RUN frame; 0: the frame has none */
    struct test_plan plan; /* used instead of the frame if the request has tests */
    struct request_tests_cursor tests_cursor;
    struct problem problem; /* why the request is refused; status 0: it is not refused */
    struct error why;
    struct field_errors errors;
};

/* Take the spare desk, or allocate one. Returns it, empty and owned by the caller; NULL when memory
 * is out. */
struct desk *desk_take(struct desk **spare);
/* Free the desk's content. The desk becomes the spare one, or is freed if there is one already.
 * NULL is a no-op. */
void desk_leave(struct desk *desk, struct desk **spare);

#endif
