/* Checks the parts of a request outside its body: the Accept header, the path and the query. Case
 * and surrounding blanks must not change how Accept is read, and accepted values must be in range.
 *
 * The whole input is given to each parser in turn.
 */
#include "fuzz.h"

#include "front/api/executions.h"
#include "front/api/routes.h"
#include "front/http/accept_header.h"
#include "front/http/guard.h"
#include "front/http/media.h"
#include "front/http/problem.h"

static void check_accept(const uint8_t *data, size_t len)
{
    bool prefers = accept_header_prefers_events(bytes_of(data, len));
    must(!prefers || accept_header_names(bytes_of(data, len), "text/event-stream"));
    uint8_t *swapped = malloc(len + 2);
    must(swapped != NULL);
    for (size_t i = 0; i < len; i++) {
        bool is_letter = (data[i] | 0x20) >= 'a' && (data[i] | 0x20) <= 'z';
        swapped[i + 1] = is_letter ? data[i] ^ 0x20 : data[i];
    }
    swapped[0] = ' ';
    swapped[len + 1] = '\t';
    must(accept_header_prefers_events(bytes_of(swapped, len + 2)) == prefers);
    free(swapped);
}

/* The path is built again from the pattern and the parameters. */
static void check_route(struct bytes path)
{
    static const char *const patterns[] = {
        "/", "/{id}", "/a/{id}", "/a/{id}/events", "/a/{id}/b/{run}", "/a/{id}/b/{path}"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        struct path_parameters parameters;
        struct buf again;
        size_t index = 0;
        if (!route_matches(patterns[i], path, &parameters))
            continue;
        buf_init(&again, path.len + 1);
        for (const char *at = patterns[i]; *at; at += *at == '{' ? strcspn(at, "}") + 1 : 1) {
            struct bytes part = *at == '{' ? parameters.at[index++] : bytes_of(at, 1);
            must(part.len > 0 && buf_append(&again, part.data, part.len));
            must(*at != '{' || strcmp(at, "{path}") == 0 || !memchr(part.data, '/', part.len));
        }
        must(same_bytes(buf_bytes(&again), path));
        must(index == PATH_PARAMETERS_MAX || !parameters.at[index].data);
        buf_release(&again);
    }
}

static void check_id(struct bytes text)
{
    uint64_t id;
    char again[17];
    if (!executions_parse_id(text, &id))
        return;
    snprintf(again, sizeof again, "%016llx", (unsigned long long)id);
    must(bytes_equal_string(text, again));
}

static void check_wait(struct bytes query)
{
    uint32_t wait_ms;
    struct field_errors errors = {.count = 0};
    bool fine = executions_parse_wait(query, &wait_ms, &errors);
    must(fine == (errors.count == 0));
    must(!fine || wait_ms <= EXECUTIONS_WAIT_MAX_MS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes all = bytes_of(data, len);
    check_accept(data, len);
    check_route(guard_path(all));
    check_wait(guard_query(all));
    check_wait(all);
    check_id(all);
    must(strchr(media_type_of_path(all), '/'));
    return 0;
}
