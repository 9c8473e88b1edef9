/* asking.h - parses a request's body with the test's `config`, for tests of its fields. Include it
 * after the definition of `config`.
 */
#ifndef MAYFLY_ASKING_H
#define MAYFLY_ASKING_H

#include "unit.h"

#include "front/api/request_reader.h"

/* The field errors of the last parse. */
static struct field_errors errors;
static struct request request;
static struct error err;

static enum request_result parse_body(struct bytes body)
{
    errors = (struct field_errors){.count = 0};
    return request_parse(&config, body, &request, &errors, &err);
}

static enum request_result parse(const char *body)
{
    return parse_body(bytes_of_string(body));
}

/* Write the fields of the request's RUN payload. */
static inline bool write_request(struct buf *out)
{
    struct request_cursor cursor = {.list = 0};
    return request_write(out, &request, &cursor, SIZE_MAX);
}

static void only_mistake_is(const char *body, const char *field, const char *message)
{
    check(parse(body) == REQUEST_BAD_FIELDS, "%s", body);
    check(errors.count == 1, "%s: %zu errors", body, errors.count);
    assert_string_equal(errors.entries[0].field, field);
    assert_string_equal(errors.entries[0].message, message);
}

#endif
