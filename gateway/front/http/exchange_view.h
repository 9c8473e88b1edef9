/* exchange_view.h - the parts of a request, and notes about it for its line in the log.
 *
 * All views of the request are valid until the answer.
 */
#ifndef MAYFLY_EXCHANGE_VIEW_H
#define MAYFLY_EXCHANGE_VIEW_H

#include "common/buf.h"

struct exchange;
struct guard_pass;

/* Return these parts unchanged: a method may be in lower case. */
struct bytes exchange_method(const struct exchange *exchange);
struct bytes exchange_path(const struct exchange *exchange);  /* not decoded; without the query */
struct bytes exchange_query(const struct exchange *exchange); /* the part after '?'; may be empty */
/* Returns the value of a header, without white space around it. If there are several such headers,
 * returns the first value. `name` is in lower case. Returns an empty view with data NULL if the
 * header is missing. */
struct bytes exchange_header(const struct exchange *exchange, const char *name);

/* Read those parts of the head that identify the sender. */
void exchange_read_pass(const struct exchange *exchange, struct guard_pass *pass);

/* Write the client's address to `text`. Returns `text`, which is "" if the connection is lost. */
#define EXCHANGE_ADDRESS_BYTES 48
const char *exchange_address(const struct exchange *exchange, char text[EXCHANGE_ADDRESS_BYTES]);

/* Returns the request's trace id (trace.h): 32 hex digits, or empty. */
const char *exchange_trace_id(const struct exchange *exchange);

/* The parameters in the path of a request, in order. Each is a view. A parameter that the route
 * does not have is empty. */
#define PATH_PARAMETERS_MAX 2
struct path_parameters {
    struct bytes at[PATH_PARAMETERS_MAX];
};

/* Note the route, and the parameters in its path (views), for the handler and for the log. Borrows
 * `route` for the life of the process. */
void exchange_note_route(struct exchange *exchange, const char *route,
                         const struct path_parameters *parameters);
struct bytes exchange_parameter(const struct exchange *exchange, size_t index);

/* Note more for the log. Copies `name`; borrows `verdict` for the life of the process. */
void exchange_note_run(struct exchange *exchange, uint64_t run_id);
void exchange_note_key(struct exchange *exchange, const char *name);
const char *exchange_key(const struct exchange *exchange); /* "" if none was noted */
void exchange_note_verdict(struct exchange *exchange, const char *verdict);

/* Log and count the finished answer. */
void exchange_log_end(const struct exchange *exchange, int status);

#endif
