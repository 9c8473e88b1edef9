/* The seccomp profile: its text beside a kept copy, for each architecture, and an operator's own.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "broker/engine/seccomp.h"
#include "common/json.h"

#define NAMES_MOST 220

static struct buf profile_in(enum seccomp_arch arch, enum seccomp_form form)
{
    struct buf text;
    buf_init(&text, SECCOMP_MAX_BYTES);
    assert_true(seccomp_write(arch, form, &text));
    return text;
}

static struct buf profile(enum seccomp_arch arch)
{
    return profile_in(arch, SECCOMP_LONG);
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

static void compare(enum seccomp_arch arch, enum seccomp_form form, const char *path)
{
    struct buf text = profile_in(arch, form);
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
    compare(SECCOMP_X86_64, SECCOMP_LONG, "tests/unit/golden/seccomp-x86_64.json");
    compare(SECCOMP_X86_64, SECCOMP_SHORT, "tests/unit/golden/seccomp-x86_64-short.json");
    compare(SECCOMP_AARCH64, SECCOMP_LONG, "tests/unit/golden/seccomp-aarch64.json");
}

/* ---- both forms allow the same ---- */

static uint64_t number_of(const struct json *arg, const char *name)
{
    double number = json_number(json_get(arg, name)); /* none of ours needs all 64 bits of it */
    return number > 0 ? (uint64_t)number : 0;
}

static bool holds_for(const struct json *arg, const uint64_t args[6])
{
    uint64_t seen = args[number_of(arg, "index")], value = number_of(arg, "value");
    if (bytes_equal_string(json_string(json_get(arg, "op")), "SCMP_CMP_MASKED_EQ"))
        return (seen & value) == number_of(arg, "valueTwo");
    /* A double has a request with its sign before it to the nearest 2^11. */
    uint64_t apart = seen > value ? seen - value : value - seen;
    return apart == 0 || (value >> 53 && apart <= 1024);
}

/* As in OCI runtimes: if an argument has several conditions, one that holds is enough; otherwise
 * all must hold. */
static bool rule_holds(const struct json *conditions, const uint64_t args[6])
{
    size_t count = json_array_len(conditions), held = 0;
    unsigned of_argument[6] = {0};
    bool has_several = false;
    for (size_t i = 0; i < count; i++) {
        const struct json *arg = json_array_at(conditions, i);
        has_several = has_several || of_argument[number_of(arg, "index")]++ > 0;
        held += holds_for(arg, args);
    }
    return has_several ? held > 0 : held == count;
}

static bool allows(const struct json *document, const char *name, const uint64_t args[6])
{
    const struct json *rules = json_get(document, "syscalls");
    for (size_t i = 0; i < json_array_len(rules); i++) {
        const struct json *rule = json_array_at(rules, i), *names = json_get(rule, "names");
        const struct json *conditions = json_get(rule, "args");
        bool is_meant = false;
        for (size_t k = 0; k < json_array_len(names); k++)
            is_meant = is_meant || bytes_equal_string(json_string(json_array_at(names, k)), name);
        if (is_meant &&
            bytes_equal_string(json_string(json_get(rule, "action")), "SCMP_ACT_ALLOW") &&
            (json_type_of(conditions) != JSON_ARRAY || rule_holds(conditions, args)))
            return true;
    }
    return false;
}

#define ABOVE (UINT64_C(1) << 32)

static void both_forms_allow_the_same(void **state)
{
    (void)state;
    static const char *const of_processes[] = {"prlimit64", "sched_setaffinity", "sched_setparam",
                                               "sched_setscheduler"};
    static const uint64_t pids[] = {0, 1, 2, 3, 4, 63, 64, 32768, 65535, ABOVE | 1};
    struct buf long_text = profile(SECCOMP_X86_64);
    struct buf short_text = profile_in(SECCOMP_X86_64, SECCOMP_SHORT);
    struct json *whole = json_parse(buf_bytes(&long_text).data, long_text.len, NULL);
    struct json *merged = json_parse(buf_bytes(&short_text).data, short_text.len, NULL);
    for (uint64_t number = 0; number < 70000; number++) {
        const uint64_t args[6] = {3, number};
        check(allows(whole, "fcntl", args) == allows(merged, "fcntl", args), "fcntl %zu",
              (size_t)number);
        check(allows(whole, "ioctl", args) == allows(merged, "ioctl", args), "ioctl %zu",
              (size_t)number);
    }
    for (uint64_t level = 0; level < 50; level++) {
        for (uint64_t option = 0; option < 256; option++) {
            const uint64_t args[6] = {3, level, option};
            check(allows(whole, "setsockopt", args) == allows(merged, "setsockopt", args),
                  "option %zu of %zu", (size_t)option, (size_t)level);
        }
    }
    static const uint64_t requests[] = {0x40045431, 0x40049409, 0x402c542b, 0x80045430,
                                        0x80045439, 0x802c542a, 0x80045432, 0xFFFFFFFF80045430};
    for (size_t i = 0; i < COUNT(requests); i++) {
        const uint64_t args[6] = {3, requests[i]};
        check(allows(whole, "ioctl", args) == allows(merged, "ioctl", args), "request %zu", i);
    }
    for (size_t i = 0; i < COUNT(pids); i++) {
        bool is_init = (pids[i] & 0xFFFFFFFF) == 1;
        for (size_t k = 0; k < COUNT(of_processes); k++) {
            const uint64_t args[6] = {pids[i]};
            check(allows(whole, of_processes[k], args) != is_init, "%s %zu", of_processes[k], i);
            check(allows(merged, of_processes[k], args) != is_init, "%s %zu", of_processes[k], i);
        }
        for (uint64_t which = 0; which < 3; which++) {
            const uint64_t args[6] = {which, pids[i]};
            bool is_allowed = which == 0 && !is_init;
            check(allows(whole, "setpriority", args) == is_allowed, "priority %zu", i);
            check(allows(merged, "setpriority", args) == is_allowed, "priority %zu", i);
        }
    }
    static const uint64_t longer[][6] = {{3, ABOVE | 0x5412}, {3, ABOVE | 37}};
    assert_false(allows(merged, "ioctl", longer[0]));
    assert_false(allows(merged, "fcntl", longer[1]));
    json_free(whole);
    json_free(merged);
    buf_release(&long_text);
    buf_release(&short_text);
}

static void sockets_are_local_or_of_loopback_s_two_protocols(void **state)
{
    (void)state;
    for (enum seccomp_form form = SECCOMP_LONG; form <= SECCOMP_SHORT; form++) {
        struct buf text = profile_in(SECCOMP_X86_64, form);
        struct json *document = json_parse(buf_bytes(&text).data, text.len, NULL);
        for (uint64_t i = 0; i < 64 * 16 * 32; i++) {
            const uint64_t args[6] = {i / (16 * 32), i / 32 % 16, i % 32};
            bool is_internet = args[0] == 2 || args[0] == 10;
            bool is_stream = args[1] == 1 && (args[2] == 0 || args[2] == 6);
            bool is_datagram = args[1] == 2 && (args[2] == 0 || args[2] == 17);
            bool wanted = args[0] == 1 || (is_internet && (is_stream || is_datagram));
            check(allows(document, "socket", args) == wanted, "family %d, type %d, protocol %d",
                  (int)args[0], (int)args[1], (int)args[2]);
        }
        json_free(document);
        buf_release(&text);
    }
}

static void no_rule_has_more_conditions_than_crun_reads(void **state)
{
    (void)state;
    for (enum seccomp_arch arch = SECCOMP_X86_64; arch <= SECCOMP_AARCH64; arch++) {
        struct buf text = profile(arch);
        struct json *document = json_parse(buf_bytes(&text).data, text.len, NULL);
        const struct json *rules = json_get(document, "syscalls");
        for (size_t i = 0; i < json_array_len(rules); i++) {
            const struct json *conditions = json_get(json_array_at(rules, i), "args");
            size_t count = json_type_of(conditions) == JSON_ARRAY ? json_array_len(conditions) : 0;
            check(count <= 6, "rule %zu has %zu conditions", i, count);
        }
        json_free(document);
        buf_release(&text);
    }
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
        assert_false(seccomp_write(SECCOMP_X86_64, SECCOMP_LONG, &out));
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
        cmocka_unit_test(both_forms_allow_the_same),
        cmocka_unit_test(no_rule_has_more_conditions_than_crun_reads),
        cmocka_unit_test(sockets_are_local_or_of_loopback_s_two_protocols),
        cmocka_unit_test(refuses_by_default_and_allows_few),
        cmocka_unit_test(names_have_as_many_numbers),
        cmocka_unit_test(knows_the_architectures_by_their_names),
        cmocka_unit_test(says_when_it_does_not_fit),
        cmocka_unit_test(takes_a_file_with_a_json_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
