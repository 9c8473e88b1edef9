#include "unit.h"

#include <string.h>

#include "common/quota.h"

static struct buf payload;

static int set_up(void **state)
{
    (void)state;
    buf_init(&payload, 4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_release(&payload);
    return 0;
}

static const struct artifact *file(const char *path, const char *content, uint64_t size_bytes)
{
    static struct artifact artifact;
    artifact = (struct artifact){.path = bytes_of_string(path),
                                 .content = bytes_of_string(content),
                                 .size_bytes = size_bytes};
    return &artifact;
}

static bool takes(struct quota *quota, enum wire_type type, const struct artifact *artifact)
{
    payload.len = 0;
    assert_true(artifact_encode(&payload, artifact));
    const struct frame frame = {.type = type, .payload = buf_bytes(&payload)};
    return quota_take_frame(quota, &frame);
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    struct artifact read;
    assert_true(artifact_encode(&payload, file("out/a.csv", "1,2", 7)));
    assert_true(artifact_decode(WIRE_FILE, buf_bytes(&payload), &read, NULL));
    assert_true(bytes_equal_string(read.path, "out/a.csv"));
    assert_true(bytes_equal_string(read.content, "1,2"));
    assert_true(read.size_bytes == 7 && read.media_type.len == 0);
}

static void a_cells_display_comes_back(void **state)
{
    (void)state;
    struct artifact read;
    struct artifact display = {.media_type = bytes_of_string("text/plain"),
                               .content = bytes_of_string("x"),
                               .size_bytes = 1,
                               .number = 3,
                               .is_result = true};
    assert_true(artifact_encode(&payload, &display));
    assert_true(artifact_decode(WIRE_DISPLAY, buf_bytes(&payload), &read, NULL));
    assert_true(read.number == 3 && read.is_result);
    payload.len = 0;
    display.number = ARTIFACT_NUMBER_MAX + 1;
    assert_true(artifact_encode(&payload, &display));
    assert_false(artifact_decode(WIRE_DISPLAY, buf_bytes(&payload), &read, NULL));
    payload.len = 0;
    assert_true(artifact_encode(&payload, file("a", "", 0)));
    assert_true(wire_put_u64(&payload, WIRE_TAG_IS_RESULT, 1));
    assert_false(artifact_decode(WIRE_FILE, buf_bytes(&payload), &read, NULL));
}

static void a_cell_may_fail_once(void **state)
{
    (void)state;
    static char content[ARTIFACT_ERROR_MAX_BYTES + 2];
    const struct artifact error = {.media_type = bytes_of_string(ARTIFACT_ERROR_MEDIA_TYPE),
                                   .content = bytes_of_string("E"),
                                   .size_bytes = 1};
    const struct job script = {.output_bytes = 1, .displays_bytes = 10};
    const struct job cell = {.output_bytes = 1, .is_cell = true};
    struct quota quota = quota_of_job(&script);
    assert_false(takes(&quota, WIRE_DISPLAY, &error));
    quota = quota_of_job(&cell);
    memset(content, 'e', sizeof content - 1);
    const struct artifact long_error = {.media_type = error.media_type,
                                        .content = bytes_of(content, sizeof content - 1),
                                        .size_bytes = sizeof content - 1};
    buf_release(&payload);
    buf_init(&payload, 2 * sizeof content);
    assert_false(takes(&quota, WIRE_DISPLAY, &long_error));
    assert_true(takes(&quota, WIRE_DISPLAY, &error));
    assert_false(takes(&quota, WIRE_DISPLAY, &error));
}

static void what_it_is_must_be_named(void **state)
{
    (void)state;
    struct artifact read = {.size_bytes = 99};
    const struct artifact display = {.media_type = bytes_of_string("image/png"),
                                     .content = bytes_of_string("x"),
                                     .size_bytes = 1};
    assert_true(artifact_encode(&payload, &display));
    assert_false(artifact_decode(WIRE_FILE, buf_bytes(&payload), &read, NULL));
    assert_true(read.size_bytes == 99);
    assert_true(artifact_decode(WIRE_DISPLAY, buf_bytes(&payload), &read, NULL));
    payload.len = 0;
    /* more than the original size */
    assert_true(artifact_encode(&payload, file("a\nb", "12345", 4)));
    assert_false(artifact_decode(WIRE_FILE, buf_bytes(&payload), &read, NULL));
    payload.len = 0;
    assert_true(wire_put(&payload, WIRE_TAG_FILE_PATH, "a\0b", 3));
    assert_true(wire_put_u64(&payload, WIRE_TAG_SIZE_BYTES, 0));
    assert_true(wire_put(&payload, WIRE_TAG_FILE_CONTENT, "", 0));
    assert_false(artifact_decode(WIRE_FILE, buf_bytes(&payload), &read, NULL));
}

/* An artifact sent in pieces gives the same frame as one sent at once. */
static void its_content_may_come_later(void **state)
{
    (void)state;
    struct buf pieces;
    size_t mark;
    buf_init(&pieces, 4096);
    assert_true(buf_append_string(&payload, "before"));
    assert_true(buf_append_string(&pieces, "before"));
    assert_true(wire_begin(&payload, WIRE_FILE, 7, &mark));
    assert_true(artifact_encode(&payload, file("out/a.csv", "1,2", 7)));
    wire_end(&payload, mark);
    struct artifact head = *file("out/a.csv", "1,2", 7);
    head.content.data = NULL;
    assert_true(artifact_begin(&pieces, WIRE_FILE, 7, &head));
    assert_true(buf_append_string(&pieces, "1,"));
    assert_true(buf_append_string(&pieces, "2"));
    assert_int_equal(pieces.len, payload.len);
    assert_memory_equal(pieces.data, payload.data, payload.len);
    for (size_t cap = 0; cap < pieces.len - strlen("before1,2"); cap++) {
        struct buf small;
        buf_init(&small, cap);
        check(!artifact_begin(&small, WIRE_FILE, 7, &head) && small.len == 0, "cap %zu", cap);
        buf_release(&small);
    }
    buf_release(&pieces);
}

static void a_path_leads_nowhere_else(void **state)
{
    (void)state;
    static const char *const paths[] = {"/etc/passwd", "../a", "a/../b", "a/", "a//b", "."};
    struct artifact read;
    for (size_t i = 0; i < COUNT(paths); i++) {
        payload.len = 0;
        assert_true(artifact_encode(&payload, file(paths[i], "", 0)));
        check(!artifact_decode(WIRE_FILE, buf_bytes(&payload), &read, NULL), "%s", paths[i]);
    }
}

static void quotas_count_bytes_and_artifacts(void **state)
{
    (void)state;
    const struct job job = {.output_bytes = 10, .files_bytes = 1000, .file_bytes = 5};
    struct quota quota = quota_of_job(&job);
    const struct artifact display = {.media_type = bytes_of_string("text/html"),
                                     .content = bytes_of_string("")};
    assert_false(takes(&quota, WIRE_DISPLAY, &display)); /* the job asks for none */
    assert_true(takes(&quota, WIRE_FILE, file("a", "12345", 5)));
    for (int i = 1; i < QUOTA_ARTIFACTS_MAX; i++)
        assert_true(takes(&quota, WIRE_FILE, file("a", "1", 1)));
    assert_false(takes(&quota, WIRE_FILE, file("a", "", 0)));
    quota = quota_of_job(&job);
    assert_false(takes(&quota, WIRE_FILE, file("a", "123456", 6))); /* one file has a cap, too */
    quota = (struct quota){.files_bytes = 4, .file_bytes = 5, .files_count = 2};
    assert_false(takes(&quota, WIRE_FILE, file("a", "12345", 5)));
    assert_true(takes(&quota, WIRE_FILE, file("a", "1234", 5)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(comes_back_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cells_display_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cell_may_fail_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_it_is_must_be_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(its_content_may_come_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_leads_nowhere_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quotas_count_bytes_and_artifacts, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("artifact", tests, NULL, NULL);
}
