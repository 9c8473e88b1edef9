#include "unit.h"

#include "front/api/routes.h"

static void a_parameter_is_one_segment(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        const char *parameter; /* NULL: no match */
    } rows[] = {
        {"/health", "/health", ""},
        {"/health", "/health/", NULL},
        {"/health", "/healt", NULL},
        {"/runs/{id}", "/runs/7", "7"},
        {"/runs/{id}", "/runs/", NULL},
        {"/runs/{id}", "/runs", NULL},
        {"/runs/{id}", "/runs/7/", NULL},
        {"/runs/{id}", "/runs/7/events", NULL},
        {"/runs/{id}", "/rims/7", NULL},
        {"/runs/{id}", "/runs/%2e.", "%2e."},
        {"/runs/{id}/events", "/runs/7/events", "7"},
        {"/runs/{id}/events", "/runs//events", NULL},
        {"/runs/{id}/events", "/runs/7", NULL},
        {"/runs/{id}/events", "/runs/7/event", NULL},
        {"/runs/{id}/events", "/runs/7/x/events", NULL},
        {"/runs/{id}/events", "", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bytes parameter = {0};
        bool matches = route_matches(rows[i].pattern, bytes_of_string(rows[i].path), &parameter);
        check(matches == (rows[i].parameter != NULL), "%s on %s", rows[i].pattern, rows[i].path);
        if (matches)
            check(bytes_equal_string(parameter, rows[i].parameter), "%s on %s", rows[i].pattern,
                  rows[i].path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_parameter_is_one_segment)};
    return cmocka_run_group_tests_name("routes", tests, NULL, NULL);
}
