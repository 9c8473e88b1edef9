/* The seccomp profile: its text beside a kept copy, for each architecture, and an operator's own.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "broker/engine/seccomp.h"
#include "common/json.h"

#define NAMES_MOST 220

static struct buf profile(enum seccomp_arch arch)
{
    struct buf text;
    buf_init(&text, SECCOMP_MAX_BYTES);
    assert_true(seccomp_write(arch, &text));
    return text;
}

/* The same JSON with a line for each value, so that a difference is one line. No string of a
 * profile has a bracket. */
static struct buf in_lines(struct buf *text)
{
    struct buf lines;
    struct bytes rest = buf_bytes(text);
    buf_init(&lines, 2 * SECCOMP_MAX_BYTES);
    for (size_t i = 0; i < rest.len; i++) {
        char c = (char)rest.data[i];
        if (c == ']' || c == '}')
            assert_true(buf_append(&lines, "\n", 1));
        assert_true(buf_append(&lines, &c, 1));
        if (c == '[' || c == '{' || c == ',')
            assert_true(buf_append(&lines, "\n", 1));
    }
    assert_true(buf_append(&lines, "\n", 1));
    return lines;
}

static struct buf read_file(const char *path)
{
    struct buf text;
    buf_init(&text, 2 * SECCOMP_MAX_BYTES);
    FILE *file = fopen(path, "r");
    check(file != NULL, "%s cannot be opened", path);
    while (buf_read_fd(&text, fileno(file), 65536) > 0)
        ;
    fclose(file);
    return text;
}

static void compare(enum seccomp_arch arch, const char *path)
{
    struct buf text = profile(arch);
    struct buf lines = in_lines(&text);
    if (getenv("MAYFLY_WRITE_GOLDEN")) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fwrite(buf_bytes(&lines).data, 1, lines.len, file);
        fclose(file);
    }
    struct buf golden = read_file(path);
    bool same =
        golden.len == lines.len && memcmp(golden.data, buf_bytes(&lines).data, lines.len) == 0;
    check(same,
          "the profile differs from %s. When that is meant: MAYFLY_WRITE_GOLDEN=1 "
          "build/release/unit/test_seccomp, and review the difference with git diff",
          path);
    buf_release(&text);
    buf_release(&lines);
    buf_release(&golden);
}

static void is_as_reviewed(void **state)
{
    (void)state;
    compare(SECCOMP_X86_64, "tests/unit/golden/seccomp-x86_64.json");
    compare(SECCOMP_AARCH64, "tests/unit/golden/seccomp-aarch64.json");
}

static size_t count_names(const struct json *document)
{
    const struct json *rules = json_get(document, "syscalls");
    const char *seen[512];
    size_t count = 0;
    for (size_t i = 0; i < json_array_len(rules); i++) {
        const struct json *rule = json_array_at(rules, i);
        bool allows = bytes_equal_string(json_string(json_get(rule, "action")), "SCMP_ACT_ALLOW");
        const struct json *names = json_get(rule, "names");
        for (size_t k = 0; allows && k < json_array_len(names); k++) {
            const char *name = (const char *)json_string(json_array_at(names, k)).data;
            bool known = false;
            for (size_t m = 0; m < count; m++)
                known = known || strcmp(seen[m], name) == 0;
            if (!known)
                seen[count++] = name;
        }
    }
    return count;
}

static void refuses_by_default_and_allows_few(void **state)
{
    (void)state;
    for (enum seccomp_arch arch = SECCOMP_X86_64; arch <= SECCOMP_AARCH64; arch++) {
        struct buf text = profile(arch);
        struct json *document = json_parse(buf_bytes(&text).data, text.len, NULL);
        assert_non_null(document);
        assert_true(
            bytes_equal_string(json_string(json_get(document, "defaultAction")), "SCMP_ACT_ERRNO"));
        assert_int_equal(json_array_len(json_get(document, "architectures")), 1);
        size_t count = count_names(document);
        check(count > 100 && count <= NAMES_MOST, "%zu names", count);
        json_free(document);
        buf_release(&text);
    }
}

static void names_have_as_many_numbers(void **state)
{
    (void)state;
    enum seccomp_arch own;
#ifdef __x86_64__
    assert_true(seccomp_arch_of("x86_64", &own));
#else
    assert_true(seccomp_arch_of("aarch64", &own));
#endif
    struct buf text = profile(own), numbers;
    struct json *document = json_parse(buf_bytes(&text).data, text.len, NULL);
    buf_init(&numbers, 65536);
    assert_true(seccomp_write_numbers(&numbers));
    size_t count = 0;
    for (size_t i = 0; i < numbers.len; i++)
        count += numbers.data[i] == ' ';
    assert_int_equal(count, count_names(document));
    json_free(document);
    buf_release(&text);
    buf_release(&numbers);
}

static void knows_the_architectures_by_their_names(void **state)
{
    (void)state;
    enum seccomp_arch arch = SECCOMP_AARCH64;
    assert_true(seccomp_arch_of("x86_64", &arch));
    assert_int_equal(arch, SECCOMP_X86_64);
    assert_true(seccomp_arch_of("aarch64", &arch));
    assert_int_equal(arch, SECCOMP_AARCH64);
    assert_false(seccomp_arch_of("riscv64", &arch));
    assert_false(seccomp_arch_of("", &arch));
}

static void says_when_it_does_not_fit(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < 3000; cap += 100) {
        struct buf out;
        buf_init(&out, cap);
        assert_false(seccomp_write(SECCOMP_X86_64, &out));
        buf_release(&out);
    }
}

/* ---- an operator's own ---- */

static bool reads(const char *content, struct error *err)
{
    char path[] = "/tmp/mayfly-seccomp-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
    struct buf out;
    buf_init(&out, SECCOMP_MAX_BYTES);
    bool ok = seccomp_read_file(path, &out, err);
    assert_true(!ok || bytes_equal_string(buf_bytes(&out), content));
    buf_release(&out);
    unlink(path);
    return ok;
}

static void takes_a_file_with_a_json_object(void **state)
{
    (void)state;
    struct error err;
    struct buf out = {.max_bytes = 100};
    assert_true(reads("{\"defaultAction\":\"SCMP_ACT_ERRNO\"}", &err));
    static const char *const wrong[] = {"", "[]", "null", "{", "{\"a\":1,}", "seccomp"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        err = (struct error){.kind = ERR_NONE};
        check(!reads(wrong[i], &err) && err.kind == ERR_INVALID && err.text[0], "%s", wrong[i]);
    }
    assert_false(seccomp_read_file("/nonexistent/profile.json", &out, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_false(seccomp_read_file("/tmp", &out, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_as_reviewed),
        cmocka_unit_test(refuses_by_default_and_allows_few),
        cmocka_unit_test(names_have_as_many_numbers),
        cmocka_unit_test(knows_the_architectures_by_their_names),
        cmocka_unit_test(says_when_it_does_not_fit),
        cmocka_unit_test(takes_a_file_with_a_json_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
