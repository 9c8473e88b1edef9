#include "front/http/trace.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" */
#define TRACEPARENT_BYTES 55
#define TRACE_ID_AT 3
#define PARENT_ID_AT 36
#define PARENT_ID_LEN 16
#define FLAGS_AT 53
#define NEW_ID_BYTES 16

static bool is_request_id(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!isalnum(text.data[i]) && (!text.data[i] || !strchr("._-", text.data[i])))
            return false;
    }
    return text.len >= 1 && text.len <= TRACE_REQUEST_ID_MAX;
}

static bool is_hex(const uint8_t *digits, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!isdigit(digits[i]) && (digits[i] < 'a' || digits[i] > 'f'))
            return false;
    }
    return true;
}

static bool is_zero(const uint8_t *digits, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (digits[i] != '0')
            return false;
    }
    return true;
}

/* Returns true for a valid traceparent. Later versions may have more fields; the version ff is
 * invalid. */
static bool is_traceparent(struct bytes text)
{
    const uint8_t *at = text.data;
    if (text.len < TRACEPARENT_BYTES || !is_hex(at, 2) || memcmp(at, "ff", 2) == 0)
        return false;
    if (text.len > TRACEPARENT_BYTES && (memcmp(at, "00", 2) == 0 || at[TRACEPARENT_BYTES] != '-'))
        return false;
    return at[TRACE_ID_AT - 1] == '-' && is_hex(at + TRACE_ID_AT, JOB_TRACE_ID_LEN) &&
           !is_zero(at + TRACE_ID_AT, JOB_TRACE_ID_LEN) && at[PARENT_ID_AT - 1] == '-' &&
           is_hex(at + PARENT_ID_AT, PARENT_ID_LEN) && !is_zero(at + PARENT_ID_AT, PARENT_ID_LEN) &&
           at[FLAGS_AT - 1] == '-' && is_hex(at + FLAGS_AT, 2);
}

static void make_id(char text[TRACE_REQUEST_ID_MAX + 1])
{
    uint8_t random[NEW_ID_BYTES] = {0};
    (void)!getrandom(random, sizeof random, 0); /* if this fails, the id is just less random */
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(text + 2 * i, 3, "%02x", random[i]);
}

struct trace trace_read(struct bytes request_id, struct bytes traceparent)
{
    struct trace trace = {{0}, {0}};
    if (is_request_id(request_id))
        memcpy(trace.request_id, request_id.data, request_id.len);
    else
        make_id(trace.request_id);
    if (is_traceparent(traceparent))
        memcpy(trace.trace_id, traceparent.data + TRACE_ID_AT, JOB_TRACE_ID_LEN);
    return trace;
}
