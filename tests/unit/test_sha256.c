#include "unit.h"

#include "common/sha256.h"

static const struct {
    const char *text;
    uint8_t first, last;
} rows[] = {
    {"", 0xe3, 0x55},
    {"abc", 0xba, 0xad},
};

static void digests_are_those_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t digest[SHA256_BYTES];
        sha256(bytes_of_string(rows[i].text), digest);
        check(digest[0] == rows[i].first && digest[SHA256_BYTES - 1] == rows[i].last, "\"%s\"",
              rows[i].text);
    }
    uint8_t nothing[SHA256_BYTES];
    sha256(bytes_of(NULL, 0), nothing);
    assert_int_equal(nothing[0], rows[0].first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
