/* desk.h - what a request needs while it is read, and only then.
 *
 * It is large, and requests stay for long once they have been read. If each brought its own, the
 * places of those that went would be holes among the memory of those that stay. So one desk is kept
 * for the next request. More of them are made, and freed, while several are in use.
 */
#ifndef MAYFLY_DESK_H
#define MAYFLY_DESK_H

#include "front/api/request.h"
#include "front/http/problem.h"

struct desk {
    struct request_reader *reader;
    struct request request; /* once it has been read */
    struct request_cursor cursor;
    struct buf frame; /* its RUN */
    size_t mark;
    bool is_other;          /* it asks for no run */
    struct problem problem; /* that it is refused with; status 0: it is not */
    struct error why;
    struct field_errors errors;
};

/* Take the spare desk, or make one, that holds nothing. Returns it owned; NULL on no memory. */
struct desk *desk_take(struct desk **spare);
/* Free what it holds. The desk becomes the spare one, or is freed. NULL is a no-op. */
void desk_leave(struct desk *desk, struct desk **spare);

#endif
