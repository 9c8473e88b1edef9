/* exchange_view.h - the parts of an exchange's request, and notes about it for the log.
 *
 * Every view of the request is valid until the answer.
 */
#ifndef MAYFLY_EXCHANGE_VIEW_H
#define MAYFLY_EXCHANGE_VIEW_H

#include "common/buf.h"

struct exchange;
struct guard_pass;

/* As sent: methods have upper and lower case. */
struct bytes exchange_method(const struct exchange *exchange);
struct bytes exchange_path(const struct exchange *exchange);  /* raw: no decoding, no query */
struct bytes exchange_query(const struct exchange *exchange); /* what follows '?'; may be empty */
/* The value of the header of this lower-case name, without white space around it; of the first when
 * there are several. An empty view with data NULL when it is absent. */
struct bytes exchange_header(const struct exchange *exchange, const char *name);

/* Read the parts of the head that identify the sender. */
void exchange_read_pass(const struct exchange *exchange, struct guard_pass *pass);

/* The address that the connection comes from, written into text; "" where it is lost already. */
#define EXCHANGE_ADDRESS_BYTES 48
const char *exchange_address(const struct exchange *exchange, char text[EXCHANGE_ADDRESS_BYTES]);

/* The trace that the request belongs to (trace.h): 32 hex digits, or empty. */
const char *exchange_trace_id(const struct exchange *exchange);

/* The parameters in the path of a request, in order; each is a view, and empty where there is
 * none. */
#define PATH_PARAMETERS_MAX 2
struct path_parameters {
    struct bytes at[PATH_PARAMETERS_MAX];
};

/* Note the route of the request, and the parameters in its path, for the handler and for the log
 * line at the end. Keeps `route` for the life of the process. */
void exchange_note_route(struct exchange *exchange, const char *route,
                         const struct path_parameters *parameters);
struct bytes exchange_parameter(const struct exchange *exchange, size_t index);

/* Note more for that log line. Copies `name`; borrows `verdict` for the life of the process. */
void exchange_note_run(struct exchange *exchange, uint64_t run_id);
void exchange_note_key(struct exchange *exchange, const char *name);
const char *exchange_key(const struct exchange *exchange); /* "" where none was noted */
void exchange_note_verdict(struct exchange *exchange, const char *verdict);

/* Log and count the end of the answer. */
void exchange_log_end(const struct exchange *exchange, int status);

#endif
