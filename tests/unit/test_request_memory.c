/* A request while the gateway has no memory. The Makefile wraps calloc and realloc for it. */
#include "unit.h"

#include "front/api/request.h"
#include "request_config.h"

static struct field_errors errors;
static struct request request;

void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static unsigned allocations; /* since the test has set it to 0 */
static unsigned failing;     /* the number of the allocation that fails; 0: none */

static bool fails(void)
{
    return ++allocations == failing;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

static enum request_result parse_without(unsigned nth, const char *body)
{
    struct error err;
    errors = (struct field_errors){.count = 0};
    allocations = 0;
    failing = nth;
    enum request_result result =
        request_parse(&config, bytes_of_string(body), &request, &errors, &err);
    failing = 0;
    return result;
}

static void lack_of_memory_is_no_mistake_of_the_client(void **state)
{
    (void)state;
    static const char body[] =
        "{\"code\":\"x\",\"files\":[{\"path\":\"a\",\"content\":\"QUJD\",\"encoding\":"
        "\"base64\"}]}";
    unsigned nth = 1;
    enum request_result result;
    while ((result = parse_without(nth, body)) != REQUEST_OK) {
        check(result == REQUEST_NO_MEMORY, "allocation %u: result %d", nth, (int)result);
        check(errors.count == 0, "allocation %u: %s %s", nth, errors.entries[0].field,
              errors.entries[0].message);
        nth++;
    }
    request_release(&request);
    /* The reader, its JSON, the text's strings, the list of files, the decoded contents. */
    assert_true(nth > 5 && allocations == nth - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lack_of_memory_is_no_mistake_of_the_client),
    };
    return cmocka_run_group_tests_name("request memory", tests, NULL, NULL);
}
