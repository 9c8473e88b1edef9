/* request_tests.h - a request's `tests`: what each adds to the request, and its expected results. A
 * part of request.h.
 *
 * There may be a thousand of them, so each is read in a step of its own, after the request.
 */
#ifndef MAYFLY_REQUEST_TESTS_H
#define MAYFLY_REQUEST_TESTS_H

#include "front/api/reading.h"
#include "front/api/request.h"
#include "front/runs/test_plan.h"

#define REQUEST_TEST_NAME_MAX_BYTES 128

void request_tests_read(struct reading *reading, const char *name, const struct json *value);
void request_stop_on_read(struct reading *reading, const char *name, const struct json *value);
void request_total_timeout_read(struct reading *reading, const char *name,
                                const struct json *value);
void request_tests_output_read(struct reading *reading, const char *name, const struct json *value);

/* When all fields have been read, check what must hold between them. */
void request_tests_check(struct reading *reading);
/* Call it then until it returns true: reads about `most_bytes` of the tests, at least one.
 */
bool request_tests_step(struct reading *reading, size_t most_bytes);

void request_tests_release(struct request_tests *tests);

/* Settle what a request with tests asks of its job: boxes for the scope of this id, which is not 0,
 * and the files that are expected. */
void request_tests_complete(struct request *request, const struct config *config, uint64_t scope);

/* A writer's position. A zeroed one is at the beginning. */
struct request_tests_cursor {
    struct request_cursor fields;
    size_t index; /* of the test; the request's own fields come before the first */
    bool has_common, is_at_end;
};

/* Append about `most_bytes` of fields to the plan. Call it until is_at_end. False on no memory;
 * release the plan. */
bool request_tests_write(struct test_plan *plan, const struct request *request,
                         struct request_tests_cursor *cursor, size_t most_bytes);

#endif
