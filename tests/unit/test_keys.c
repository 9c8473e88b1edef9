#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "front/keys/account.h"

/* SHA-256 of "a" and of "b". */
#define DIGEST_A "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define DIGEST_B "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"

static const struct config config = {
    .max_timeout_ms = 30000,
    .default_timeout_ms = 5000,
    .default_limits = {.memory_bytes = 256 << 20},
    .max_limits = {.memory_bytes = 1 << 30, .cpu_millis = 2000},
    .runtimes_count = 2,
    .runtimes = {{.name = "python"}, {.name = "python-data"}},
};

static struct keys *parse(const char *text, struct error *err)
{
    *err = (struct error){.kind = ERR_NONE};
    return keys_parse(&config, bytes_of_string(text), err);
}

static void a_key_is_found_by_its_digest(void **state)
{
    (void)state;
    struct error err;
    struct keys *keys = parse("{\"keys\":[{\"name\":\"one\",\"sha256\":\"" DIGEST_A "\"},"
                              "{\"name\":\"two\",\"sha256\":\"" DIGEST_B "\"}]}",
                              &err);
    check(keys != NULL, "%s", err.text);
    assert_string_equal(keys_find(keys, bytes_of_string("a"))->name, "one");
    assert_string_equal(keys_find(keys, bytes_of_string("b"))->name, "two");
    assert_null(keys_find(keys, bytes_of_string("c")));
    assert_null(keys_find(keys, bytes_of_string("")));
    free(keys);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "byte"},
        {"{\"keys\":[]}", "of 1 to 1000 keys"},
        {"{\"keys\":[{}],\"more\":1}", "of 1 to 1000 keys"},
        {"{\"keys\":[3]}", "keys[0] must be an object"},
        {"{\"keys\":[{\"name\":\"x\"}]}", "keys[0].sha256 is missing"},
        {"{\"keys\":[{\"sha256\":\"" DIGEST_A "\"}]}", "keys[0].name is missing"},
        {"{\"keys\":[{\"name\":\"A b\"}]}", "keys[0].name must be 1 to 63 characters"},
        {"{\"keys\":[{\"name\":\"x\\u0000\"}]}", "keys[0].name must be 1 to 63 characters"},
        {"{\"keys\":[{\"sha256\":\"CA\"}]}", "keys[0].sha256 must be 64 hex digits"},
        {"{\"keys\":[{\"max_runs\":0}]}", "keys[0].max_runs must be an integer between"},
        {"{\"keys\":[{\"runs_per_minute\":1.5}]}", "keys[0].runs_per_minute must be an integer"},
        {"{\"keys\":[{\"box_runs\":0}]}", "keys[0].box_runs must be an integer between 1 and 1000"},
        {"{\"keys\":[{\"box_runs\":1001}]}", "keys[0].box_runs must be an integer"},
        {"{\"keys\":[{\"box_runs\":true}]}", "keys[0].box_runs must be an integer"},
        {"{\"keys\":[{\"max_timeout\":31}]}", "keys[0].max_timeout must be seconds"},
        {"{\"keys\":[{\"max_memory_bytes\":5}]}", "keys[0].max_memory_bytes must be bytes"},
        {"{\"keys\":[{\"runtimes\":[\"ruby\"]}]}", "keys[0].runtimes names a runtime that"},
        {"{\"keys\":[{\"runtimes\":[]}]}", "keys[0].runtimes must be an array"},
        {"{\"keys\":[{\"limit\":1}]}", "keys[0] has an unknown member \"limit\""},
        {"{\"keys\":[{\"name\":\"x\",\"sha256\":\"" DIGEST_A "\"},"
         "{\"name\":\"x\",\"sha256\":\"" DIGEST_B "\"}]}",
         "keys[1].name is used by an earlier key"},
        {"{\"keys\":[{\"name\":\"x\",\"sha256\":\"" DIGEST_A "\"},"
         "{\"name\":\"y\",\"sha256\":\"" DIGEST_A "\"}]}",
         "keys[1].sha256 is used by an earlier key"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error err;
        assert_null(parse(rows[i].text, &err));
        check(strstr(err.text, rows[i].message) != NULL, "row %zu: %s", i, err.text);
    }
}

static void settings_are_narrowed(void **state)
{
    (void)state;
    struct error err;
    struct config narrowed;
    struct keys *keys = parse("{\"keys\":[{\"name\":\"x\",\"sha256\":\"" DIGEST_A "\","
                              "\"max_timeout\":2.5,\"box_runs\":9,\"max_memory_bytes\":67108864,"
                              "\"runtimes\":[\"python-data\"]}]}",
                              &err);
    check(keys != NULL, "%s", err.text);
    key_narrow(&keys->all[0], &config, &narrowed);
    assert_int_equal(narrowed.max_timeout_ms, 2500);
    assert_int_equal(narrowed.box_runs, 9);
    assert_int_equal(narrowed.default_timeout_ms, 2500);
    assert_int_equal(config_max_cpu_time_ms(&narrowed), 5000);
    assert_true(narrowed.max_limits.memory_bytes == 64 << 20);
    assert_true(narrowed.default_limits.memory_bytes == 64 << 20);
    assert_int_equal(narrowed.runtimes_count, 1);
    assert_string_equal(narrowed.runtimes[0].name, "python-data");
    key_narrow(&(struct key){.name = "free"}, &config, &narrowed);
    assert_memory_equal(&narrowed, &config, sizeof config);
    free(keys);
}

static void a_made_key_is_found(void **state)
{
    (void)state;
    char key[KEY_TEXT_BYTES + 1], text[600];
    struct buf entry;
    struct error err;
    buf_init(&entry, 500);
    assert_true(keys_generate("ci", key, &entry, &err));
    assert_int_equal(strlen(key), KEY_TEXT_BYTES);
    snprintf(text, sizeof text, "{\"keys\":[%.*s]}", (int)buf_bytes(&entry).len,
             (const char *)buf_bytes(&entry).data);
    struct keys *keys = parse(text, &err);
    check(keys != NULL, "%s: %s", err.text, text);
    assert_string_equal(keys_find(keys, bytes_of_string(key))->name, "ci");
    free(keys);
    assert_false(keys_generate("two words", key, &entry, &err));
    buf_release(&entry);
}

static struct account *accounts;

static int tear_down(void **state)
{
    (void)state;
    while (accounts) {
        struct account *account = accounts;
        accounts = account->next;
        free(account);
    }
    return 0;
}

static void runs_at_a_time_are_limited(void **state)
{
    (void)state;
    const struct key key = {.name = "x", .max_runs = 2, .max_waiting = 1};
    struct account *account = accounts_find(&accounts, "x");
    struct claim claims[3] = {{0}};
    struct problem problem;
    assert_true(account_claim(account, &key, 1000, &claims[0], &problem));
    assert_false(account_claim(account, &key, 1000, &claims[1], &problem)); /* one waits */
    claim_pair(&claims[0]);
    claim_pair(&claims[0]);
    assert_true(account_claim(account, &key, 1000, &claims[1], &problem));
    claim_pair(&claims[1]);
    assert_false(account_claim(account, &key, 1000, &claims[2], &problem));
    assert_int_equal(problem.status, 429);
    assert_true(problem.retry_after_s >= 1);
    assert_null(claims[2].account);
    claim_end(&claims[0], 2000);
    claim_end(&claims[0], 2000);
    assert_true(account_claim(account, &key, 2000, &claims[2], &problem));
    claim_end(&claims[2], 2000); /* before it had a box */
    claim_end(&claims[1], 2000);
    assert_true(account->runs == 0 && account->waiting == 0);
}

static void a_refusal_says_when_to_try_again_by_how_fast_runs_end(void **state)
{
    (void)state;
    static const unsigned seconds_apart[] = {8, 2, 600};
    const struct key key = {.name = "x", .max_runs = 1};
    struct account *account = accounts_find(&accounts, "x");
    uint64_t now_ms = 1000;
    for (size_t row = 0; row < COUNT(seconds_apart); row++) {
        struct claim claim, refused;
        struct problem problem;
        for (int i = 0; i < 50; i++) {
            assert_true(account_claim(account, &key, now_ms, &claim, &problem));
            now_ms += seconds_apart[row] * 1000;
            claim_end(&claim, now_ms);
        }
        assert_true(account_claim(account, &key, now_ms, &claim, &problem));
        assert_false(account_claim(account, &key, now_ms, &refused, &problem));
        claim_end(&claim, now_ms + seconds_apart[row] * 1000);
        assert_int_equal(problem.retry_after_s, seconds_apart[row] < 60 ? seconds_apart[row] : 60);
    }
}

static void runs_a_minute_are_limited(void **state)
{
    (void)state;
    const struct key key = {.name = "x", .runs_per_minute = 2};
    struct account *account = accounts_find(&accounts, "x");
    char policy[ACCOUNT_HEADER_BYTES], limit[ACCOUNT_HEADER_BYTES];
    struct claim claim;
    struct problem problem;
    assert_true(account_claim(account, &key, 5000, &claim, &problem));
    claim_end(&claim, 5000);
    account_headers(account, &key, 6000, policy, limit);
    assert_string_equal(policy, "\"runs\";q=2;w=60");
    assert_string_equal(limit, "\"runs\";r=1;t=59");
    assert_true(account_claim(account, &key, 6000, &claim, &problem));
    claim_end(&claim, 6000);
    assert_false(account_claim(account, &key, 64001, &claim, &problem));
    assert_int_equal(problem.retry_after_s, 1);
    assert_true(account_claim(account, &key, 65000, &claim, &problem));
    claim_end(&claim, 65000);
}

static void an_account_outlives_the_file_while_it_is_used(void **state)
{
    (void)state;
    const struct key key = {.name = "gone"};
    struct claim claim;
    struct problem problem;
    struct account *account = accounts_find(&accounts, "gone");
    assert_true(account_claim(account, &key, 1, &claim, &problem));
    accounts_tidy(&accounts, NULL);
    assert_ptr_equal(accounts_find(&accounts, "gone"), account);
    claim_end(&claim, 2);
    accounts_tidy(&accounts, NULL);
    assert_null(accounts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_found_by_its_digest),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(settings_are_narrowed),
        cmocka_unit_test(a_made_key_is_found),
        cmocka_unit_test_teardown(runs_at_a_time_are_limited, tear_down),
        cmocka_unit_test_teardown(a_refusal_says_when_to_try_again_by_how_fast_runs_end, tear_down),
        cmocka_unit_test_teardown(runs_a_minute_are_limited, tear_down),
        cmocka_unit_test_teardown(an_account_outlives_the_file_while_it_is_used, tear_down),
    };
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
