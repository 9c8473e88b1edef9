/* visit.h - the requests of one command about sessions, one after the other.
 *
 * Notices about failures are printed at once.
 */
#ifndef MAYFLY_VISIT_H
#define MAYFLY_VISIT_H

#include "client/setup.h"
#include "common/json.h"

struct visit {
    struct setup setup;
    struct buf path;       /* for the caller's use: the next path, with its NUL */
    struct buf body;       /* body of the next request */
    const char *body_type; /* NULL: JSON */
    struct buf answer;     /* the answer to the last request */
    long status;           /* status of the last answer; 0: no gateway has answered */
    int signals;           /* from signals_open; -1: signals have their usual effect */
    int signal;            /* this signal ended the last request; 0: none */
};

/* Like setup_init. Call visit_release in either case. */
bool visit_init(struct visit *visit, enum options_command command, char **words, int *exit_code);
void visit_release(struct visit *visit);

/* Send the body, or none with GET and DELETE, to the endpoint at `path`. Returns true, with the
 * answer in place of the earlier answer, when the status is from 200 to 299. */
bool visit_ask(struct visit *visit, const char *method, const char *path);

/* Print the answer itself if the options want JSON, else by `print`. Returns the exit code. */
int visit_print(struct visit *visit, bool (*print)(const struct json *answer, struct error *err));

#endif
