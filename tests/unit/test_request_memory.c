/* A request while the gateway has no memory. The Makefile wraps calloc and realloc for it. */
#include "unit.h"

#include "front/api/request.h"

static struct config config = {
    .runtimes_count = 1,
    .runtimes = {{.name = "python"}},
    .queue_timeout_ms = 30000,
    .default_timeout_ms = 5000,
    .max_timeout_ms = 30000,
    .default_limits = {.memory_bytes = 64 << 20, .cpu_millis = 1000, .pids = 64},
    .max_limits = {.memory_bytes = (uint64_t)1 << 30, .cpu_millis = 4000, .pids = 256},
    .default_output_bytes = 1 << 20,
    .max_output_bytes = 16 << 20,
    .max_files_bytes = 16 << 20,
    .output_files_bytes = 8000,
    .output_file_bytes = 4000,
};

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
