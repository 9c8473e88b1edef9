#include "unit.h"

#include "client/draft.h"

/* The state after each line of `text`, a letter each: Empty, Whole, Block, Open. */
static const char *states_of(const char *text, char states[64])
{
    static const char letters[] = {
        [DRAFT_EMPTY] = 'E', [DRAFT_WHOLE] = 'W', [DRAFT_BLOCK] = 'B', [DRAFT_OPEN] = 'O'};
    struct draft draft;
    size_t count = 0;
    draft_init(&draft);
    while (*text) {
        size_t len = strcspn(text, "\n");
        assert_true(draft_add(&draft, bytes_of(text, len)));
        states[count++] = letters[draft_state(&draft)];
        text += len + (text[len] == '\n');
    }
    states[count] = '\0';
    draft_release(&draft);
    return states;
}

static const struct {
    const char *text, *states;
} lines[] = {
    /* one line */
    {"1 + 1", "W"},
    {"x = {'a': 1}", "W"},
    {"x: int", "W"},
    {"lambda: 0", "W"},
    {"a[1:]", "W"},
    {"match = 3", "W"},
    {"format(x)", "W"},
    {"import os # :", "W"},
    {"%matplotlib inline", "W"},
    {"!ls", "W"},
    {"# only:", "E"},
    {"   \t", "E"},
    {"'#'", "W"},
    /* blocks */
    {"if x:", "B"},
    {"if x: pass", "B"},
    {"for a in b: print(a)", "B"},
    {"while 1: # why", "B"},
    {"class A: pass", "B"},
    {"async def f(): pass", "B"},
    {"match x:\n  case 1:\n    2", "BBB"},
    {"def f():\n  return 1\n", "BB"},
    {"with a as b, \\\n  c as d:\n  pass", "OBB"},
    {"def f(a,\n  b):\n  pass", "OBB"},
    {"iffy = 1", "W"},
    {"try:\n  x\nexcept A:\n  y", "BBBB"},
    {"# first\nif x:", "EB"},
    /* open */
    {"f(", "O"},
    {"f(\n1,\n\n)", "OOOW"},
    {"x = [", "O"},
    {"{ # }\n}", "OW"},
    {"('('\n)", "OW"},
    {"x = 1 + \\\n2", "OW"},
    {"# a \\", "E"},
    {"\\\n# a\n1", "OWW"},
    {"\"\"\"a\nb'''\n\"\"\"", "OOW"},
    {"'''a\\'''\n'''", "OW"},
    {"'''a'\n''\n'''", "OOW"},
    {"x = '''if a:", "O"},
    {"'a\\\nb'", "OW"},
    {"'a\\\nb", "OW"},
    {"r'a\\'b'", "W"},
    {"''", "W"},
    {"''''''", "W"},
    {"'' ''", "W"},
    {"f'{x}' \"'\"", "W"},
    {"f'''{\nx}'''", "OW"},
    {"@a\ndef f(): pass", "OB"},
    {"@a\n@b\n# c\nclass A:\n  pass", "OOOBB"},
    {"%%time\n1", "OW"},
    {"%%time\nfor a in b:\n  a", "OBB"},
    /* errors, which Python reports */
    {"'a", "W"},
    {"x = 'a:", "W"},
    {")", "W"},
    {")(", "O"},
    {"x = 1:", "B"},
    {"(]", "W"},
};

static void the_state_after_each_line(void **state)
{
    (void)state;
    char states[64];
    for (size_t i = 0; i < COUNT(lines); i++) {
        const char *seen = states_of(lines[i].text, states);
        check(strcmp(seen, lines[i].states) == 0, "%s: %s, not %s", lines[i].text, seen,
              lines[i].states);
    }
}

static void what_continues_a_block(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool continues;
    } rows[] = {
        {"", true},         {"  ", true},         {"    x", true},      {"\tx", true},
        {"# x", true},      {"else:", true},      {"elif x:", true},    {"except A:", true},
        {"finally:", true}, {"except* A:", true}, {"elsewhere", false}, {"x", false},
        {"@a", false},      {"def f():", false},  {")", false},         {"else_ = 1", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check(draft_continues(bytes_of_string(rows[i].line)) == rows[i].continues, "%s",
              rows[i].line);
}

static void a_draft_has_a_cap(void **state)
{
    (void)state;
    struct draft draft;
    static uint8_t line[DRAFT_MAX_BYTES];
    memset(line, '(', sizeof(line));
    draft_init(&draft);
    assert_false(draft_add(&draft, bytes_of(line, sizeof(line))));
    assert_int_equal(draft_state(&draft), DRAFT_EMPTY);
    assert_true(draft_add(&draft, bytes_of(line, sizeof(line) - 1)));
    assert_int_equal(draft_state(&draft), DRAFT_OPEN);
    assert_false(draft_add(&draft, bytes_of(line, 0)));
    assert_int_equal(draft.text.len, DRAFT_MAX_BYTES);
    draft_clear(&draft);
    assert_int_equal(draft_state(&draft), DRAFT_EMPTY);
    assert_true(draft_add(&draft, bytes_of_string("1")));
    assert_int_equal(draft_state(&draft), DRAFT_WHOLE);
    assert_true(holds(&draft.text, "1\n"));
    draft_release(&draft);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_state_after_each_line),
        cmocka_unit_test(what_continues_a_block),
        cmocka_unit_test(a_draft_has_a_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
