/* exchange_problem.c - answers with problem documents. */
#include "front/http/exchange.h"

#include <stdio.h>

void exchange_answer_problem(struct exchange *exchange, const struct problem *problem)
{
    struct buf body;
    buf_init(&body, PROBLEM_MAX_BYTES);
    problem_write(&body, problem);
    if (problem->retry_after_s > 0) {
        char seconds[16];
        snprintf(seconds, sizeof seconds, "%u", problem->retry_after_s);
        exchange_set_header(exchange, "retry-after", seconds);
    }
    if (problem->status == 401)
        exchange_set_header(exchange, "www-authenticate", "Bearer");
    if (problem->allow)
        exchange_set_header(exchange, "allow", problem->allow);
    exchange_note_verdict(exchange, problem->code);
    exchange_answer(exchange, problem->status, PROBLEM_CONTENT_TYPE, &body);
}

void exchange_answer_not_found(struct exchange *exchange)
{
    exchange_answer_problem(exchange,
                            &(struct problem){.status = 404,
                                              .code = "not_found",
                                              .detail = "There is nothing at this path."});
}

void exchange_answer_fields(struct exchange *exchange, const struct field_errors *errors)
{
    const struct problem problem = problem_of_fields(errors);
    exchange_answer_problem(exchange, &problem);
}
