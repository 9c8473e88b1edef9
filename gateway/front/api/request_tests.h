/* request_tests.h - reads `tests` of a request: each test's inputs and expected results. A part of
 * request.h.
 *
 * There may be a thousand tests, so they are read after the request, in steps of limited size.
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

/* After all fields were read, check the fields that depend on each other. */
void request_tests_check(struct reading *reading);
/* After the check, call this until it returns true. Each call reads about `most_bytes`:
 * several tests, or a part of one. */
bool request_tests_step(struct reading *reading, size_t most_bytes);

void request_tests_release(struct request_tests *tests);

/* Complete the job of a request with tests. Its boxes belong to a scope with this number, which is
 * not 0. Its output files are the files that its tests expect. */
void request_tests_complete(struct request *request, const struct config *config, uint64_t scope);

/* How far request_tests_write has come. A zeroed cursor is at the beginning. */
struct request_tests_cursor {
    struct request_cursor fields;
    size_t index; /* the current test; the request's own fields come before the first */
    bool has_common, is_at_end;
};

/* Append about `most_bytes` of fields to the plan. Call this until is_at_end. Returns false when
 * memory is out; then release the plan. */
bool request_tests_write(struct test_plan *plan, const struct request *request,
                         struct request_tests_cursor *cursor, size_t most_bytes);

#endif
