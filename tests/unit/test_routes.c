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
        struct path_parameters parameters = {0};
        bool matches = route_matches(rows[i].pattern, bytes_of_string(rows[i].path), &parameters);
        check(matches == (rows[i].parameter != NULL), "%s on %s", rows[i].pattern, rows[i].path);
        if (matches)
            check(bytes_equal_string(parameters.at[0], rows[i].parameter), "%s on %s",
                  rows[i].pattern, rows[i].path);
    }
}

static void a_path_has_two_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        const char *first, *second; /* NULL: no match */
    } rows[] = {
        {"/s/{id}/runs/{run}", "/s/a/runs/7", "a", "7"},
        {"/s/{id}/runs/{run}", "/s/a/runs/", NULL, NULL},
        {"/s/{id}/runs/{run}", "/s//runs/7", NULL, NULL},
        {"/s/{id}/runs/{run}", "/s/a/runs/7/", NULL, NULL},
        {"/s/{id}/runs/{run}", "/s/a/b/runs/7", NULL, NULL},
        {"/s/{id}/files/{path}", "/s/a/files/b", "a", "b"},
        {"/s/{id}/files/{path}", "/s/a/files/b/c/", "a", "b/c/"},
        {"/s/{id}/files/{path}", "/s/a/files//b", "a", "/b"},
        {"/s/{id}/files/{path}", "/s/a/files/", NULL, NULL},
        {"/s/{id}/files/{path}", "/s/a/files", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct path_parameters found = {0};
        bool matches = route_matches(rows[i].pattern, bytes_of_string(rows[i].path), &found);
        check(matches == (rows[i].first != NULL), "%s on %s", rows[i].pattern, rows[i].path);
        if (!matches)
            continue;
        check(bytes_equal_string(found.at[0], rows[i].first), "%s", rows[i].path);
        check(bytes_equal_string(found.at[1], rows[i].second), "%s", rows[i].path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_parameter_is_one_segment),
                                       cmocka_unit_test(a_path_has_two_parameters)};
    return cmocka_run_group_tests_name("routes", tests, NULL, NULL);
}
