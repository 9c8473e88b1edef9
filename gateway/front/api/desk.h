/* desk.h - the memory that a request needs only while it is read.
 *
 * A desk is large, and requests live long after they have been read. If each request allocated its
 * own, freed desks would leave holes between the requests that stay. So one desk is kept for the
 * next request. More are made and freed while several are in use.
 */
#ifndef MAYFLY_DESK_H
#define MAYFLY_DESK_H

#include "front/api/request_reader.h"
#include "front/api/request_tests.h"
#include "front/http/problem.h"

struct desk {
    struct request_reader *reader;
    struct request request; /* set once it has been read */
    struct request_cursor cursor;
    struct buf frame; /* its RUN */
    size_t mark;
    bool is_other;         /* it asks for no run */
    uint64_t run_id;       /* which its RUN names; 0: it names none */
    struct test_plan plan; /* with tests, in place of the frame */
    struct request_tests_cursor tests_cursor;
    struct problem problem; /* why it is refused; status 0: it is not */
    struct error why;
    struct field_errors errors;
};

/* Take the spare desk, or make one; it is empty. Returns it, owned by the caller; NULL when memory
 * is out. */
struct desk *desk_take(struct desk **spare);
/* Free the contents. The desk becomes the spare one, or is freed. NULL is a no-op. */
void desk_leave(struct desk *desk, struct desk **spare);

#endif
