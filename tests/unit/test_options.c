#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/options.h"

#define WORDS_MAX 32

struct command {
    char text[WORDS_MAX][64];
    char *words[WORDS_MAX + 1];
    struct options options;
    struct error why;
    bool is_good;
};

/* The words of a line, at spaces. */
static struct command *parse_for(enum options_command which, struct command *command,
                                 const char *line)
{
    memset(command, 0, sizeof(*command));
    for (size_t i = 0; *line; i++) {
        assert_true(i < WORDS_MAX);
        size_t len = strcspn(line, " ");
        memcpy(command->text[i], line, len);
        command->words[i] = command->text[i];
        line += len + (line[len] == ' ');
    }
    command->is_good = options_parse(&command->options, which, command->words, &command->why);
    return command;
}

static struct command *parse(struct command *command, const char *line)
{
    return parse_for(OPTIONS_RUN, command, line);
}

static int without_environment(void **state)
{
    (void)state;
    return unsetenv("MAYFLY_URL") | unsetenv("MAYFLY_KEY_FILE") | unsetenv("MAYFLY_LISTEN");
}

static void defaults(void **state)
{
    (void)state;
    struct command command;
    const struct options *options = &parse(&command, "a.py")->options;
    assert_true(command.is_good);
    assert_string_equal(options->program, "a.py");
    assert_null(options->url);
    assert_string_equal(options->listen, "127.0.0.1:8000");
    assert_null(options->key_file);
    assert_null(options->runtime);
    assert_null(options->stdin_file);
    assert_null(options->directory);
    assert_int_equal(options->timeout_ms, 0);
    assert_int_equal(options->wait_ms, 60000);
    assert_int_equal(options->files_count + options->outputs_count + options->env_count, 0);
    assert_int_equal(options->memory_bytes + options->output_bytes, 0);
    assert_int_equal(options->cpu_millis + options->pids, 0);
    assert_int_equal(options->cpu_time_ms, 0);
    assert_null(options->buffering);
    assert_false(options->merged || options->json);
    assert_null(options->args[0]);
    options_release(&command.options);
}

static void every_option(void **state)
{
    (void)state;
    struct command command;
    const struct options *options =
        &parse(&command, "--url http://g --key-file k --timeout=1.5 --wait 3 --stdin s.txt "
                         "--output *.csv -o out - --json --merged --buffering=block --cpu-time 2 "
                         "--isolation container --cell -- "
                         "--url -- x")
             ->options;
    assert_true(command.is_good);
    assert_string_equal(options->program, "-");
    assert_string_equal(options->url, "http://g");
    assert_string_equal(options->key_file, "k");
    assert_string_equal(options->stdin_file, "s.txt");
    assert_string_equal(options->directory, "out");
    assert_int_equal(options->timeout_ms, 1500);
    assert_int_equal(options->wait_ms, 3000);
    assert_int_equal(options->outputs_count, 1);
    assert_string_equal(options->outputs[0], "*.csv");
    assert_true(options->json && options->merged);
    assert_string_equal(options->buffering, "block");
    assert_string_equal(options->isolation, "container");
    assert_true(options->cell);
    assert_int_equal(options->cpu_time_ms, 2000);
    assert_string_equal(options->args[0], "--url");
    assert_string_equal(options->args[1], "--");
    assert_string_equal(options->args[2], "x");
    assert_null(options->args[3]);
    options_release(&command.options);
}

static void files_and_their_names(void **state)
{
    (void)state;
    struct command command;
    const struct options *options =
        &parse(&command, "a.py --file d/in.csv --file ././x --file /etc/x=y/z --file ../a=b=c "
                         "--runtime=python-data")
             ->options;
    assert_true(command.is_good);
    assert_string_equal(options->runtime, "python-data");
    static const char *const expected[][2] = {
        {"d/in.csv", "d/in.csv"}, {"././x", "x"}, {"/etc/x", "y/z"}, {"../a", "b=c"}};
    assert_int_equal(options->files_count, COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_string_equal(options->files[i].local, expected[i][0]);
        assert_string_equal(options->files[i].remote, expected[i][1]);
    }
    options_release(&command.options);
}

static void limits_have_units(void **state)
{
    (void)state;
    struct command command;
    const struct options *options =
        &parse(&command, "a.py --memory 512MiB --cpus=0.5 --pids 8 --max-output 100")->options;
    assert_true(command.is_good);
    assert_int_equal(options->memory_bytes, 512 << 20);
    assert_int_equal(options->cpu_millis, 500);
    assert_int_equal(options->pids, 8);
    assert_int_equal(options->output_bytes, 100);
    options_release(&command.options);
}

static void variables_are_set_or_taken_along(void **state)
{
    (void)state;
    struct command command;
    setenv("MAYFLY_TEST_HERE", "as it is", 1);
    unsetenv("MAYFLY_TEST_AWAY");
    const struct options *options =
        &parse(&command, "a.py --env A=1 --env B=x=y --env MAYFLY_TEST_HERE --env C= --env A=2")
             ->options;
    assert_true(command.is_good);
    static const char *const expected[][2] = {
        {"A", "2"}, {"B", "x=y"}, {"MAYFLY_TEST_HERE", "as it is"}, {"C", ""}};
    assert_int_equal(options->env_count, COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_string_equal(options->env[i].name, expected[i][0]);
        assert_string_equal(options->env[i].value, expected[i][1]);
    }
    options_release(&command.options);
    assert_false(parse(&command, "a.py --env MAYFLY_TEST_AWAY")->is_good);
    assert_string_equal(command.why.text, "--env MAYFLY_TEST_AWAY: there is no such variable here; "
                                          "give a value: MAYFLY_TEST_AWAY=VALUE");
    unsetenv("MAYFLY_TEST_HERE");
}

static void the_environment_is_the_default(void **state)
{
    (void)state;
    struct command command;
    setenv("MAYFLY_URL", "https://e", 1);
    setenv("MAYFLY_KEY_FILE", "", 1);
    setenv("MAYFLY_LISTEN", "0.0.0.0:9000", 1);
    assert_string_equal(parse(&command, "a.py")->options.url, "https://e");
    assert_string_equal(command.options.listen, "0.0.0.0:9000");
    assert_null(command.options.key_file);
    options_release(&command.options);
    setenv("MAYFLY_KEY_FILE", "/k", 1);
    assert_string_equal(parse(&command, "a.py --url http://o")->options.url, "http://o");
    assert_string_equal(command.options.key_file, "/k");
    options_release(&command.options);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *line, *text;
    } rows[] = {
        {"", "FILE is missing"},
        {"--json", "FILE is missing"},
        {"a.py b.py", "\"b.py\" is a second FILE"},
        {"a.py --nonsense", "unknown option --nonsense"},
        {"a.py -x", "unknown option -x"},
        {"a.py --time 5", "unknown option --time"},
        {"a.py --timeout", "--timeout needs a value"},
        {"a.py -o", "-o needs a value"},
        {"a.py -oout", "unknown option -oout"},
        {"a.py --json=yes", "--json takes no value"},
        {"a.py --timeout 0", "--timeout is \"0\""},
        {"a.py --timeout -1", "--timeout is \"-1\""},
        {"a.py --timeout 5s", "--timeout is \"5s\""},
        {"a.py --timeout 3601", "up to 3600"},
        {"a.py --cpu-time 0", "--cpu-time is \"0\""},
        {"a.py --buffering none", "--buffering is \"none\": must be auto, line or block"},
        {"a.py --isolation key", "--isolation is \"key\": must be auto or container"},
        {"a.py --merged=1", "--merged takes no value"},
        {"a.py --wait 1e9", "--wait is \"1e9\""},
        {"a.py --memory 512M", "--memory is \"512M\": must be bytes, or a number with KiB"},
        {"a.py --memory 0", "--memory is \"0\""},
        {"a.py --max-output -1", "--max-output is \"-1\""},
        {"a.py --cpus many", "--cpus is \"many\""},
        {"a.py --cpus 0", "--cpus is \"0\""},
        {"a.py --pids 1.5", "--pids is \"1.5\""},
        {"a.py --pids 0", "--pids is \"0\""},
        {"a.py --env =x", "--env needs a name"},
        {"a.py --env", "--env needs a value: NAME[=V]"},
        {"a.py --file /etc/x", "--file /etc/x=NAME"},
        {"a.py --file ../x", "outside the current directory"},
        {"a.py --file =x", "--file needs a path"},
        {"a.py --file x=", "--file needs a path"},
        {"- --stdin -", "cannot be both"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct command command;
        parse(&command, rows[i].line);
        check(!command.is_good && strstr(command.why.text, rows[i].text), "%s: %s", rows[i].line,
              command.why.text);
        assert_null(command.options.files);
    }
}

static void each_command_has_its_operands(void **state)
{
    (void)state;
    struct command command;
    const struct options *options = &command.options;
    assert_true(parse_for(OPTIONS_SESSION_RUN, &command, "a.b x.py --timeout 2")->is_good);
    assert_string_equal(options->session, "a.b");
    assert_string_equal(options->program, "x.py");
    options_release(&command.options);
    assert_true(parse_for(OPTIONS_SESSION_NEW, &command,
                          "--id x --idle-timeout 0.5 --max-lifetime 86400 --json")
                    ->is_good);
    assert_string_equal(options->session, "x");
    assert_int_equal(options->idle_timeout_ms, 500);
    assert_int_equal(options->max_lifetime_ms, 86400000);
    options_release(&command.options);
    assert_true(parse_for(OPTIONS_REPL, &command, "--keep")->is_good);
    assert_true(options->keep && !options->session && !options->program);
    options_release(&command.options);
    assert_true(parse_for(OPTIONS_FILES_RM, &command, "a -- -x --json")->is_good);
    assert_int_equal(options->operands_count, 3);
    assert_string_equal(options->operands[2], "--json");
    options_release(&command.options);
}

static void each_command_says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        enum options_command command;
        const char *line, *text;
    } rows[] = {
        {OPTIONS_REPL, "a b", "unexpected argument \"b\"; see mayfly repl --help"},
        {OPTIONS_REPL, "--json", "unknown option --json; see mayfly repl --help"},
        {OPTIONS_REPL, "a/b", "\"a/b\" is no session's id"},
        {OPTIONS_SESSION_NEW, "--id .", "\".\" is no session's id"},
        {OPTIONS_SESSION_NEW, "--max-lifetime 86401", "up to 86400"},
        {OPTIONS_SESSION_LIST, "x", "unexpected argument \"x\""},
        {OPTIONS_SESSION_RM, "a b c/d", "\"c/d\" is no session's id"},
        {OPTIONS_SESSION_RUN, "a", "FILE is missing"},
        {OPTIONS_SESSION_RUN, "a b --env X=1", "unknown option --env"},
        {OPTIONS_FILES_GET, "a", "PATH is missing; see mayfly session files get --help"},
        {OPTIONS_FILES_RM, "", "ID is missing"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct command command;
        parse_for(rows[i].command, &command, rows[i].line);
        check(!command.is_good && strstr(command.why.text, rows[i].text), "%s: %s", rows[i].line,
              command.why.text);
    }
}

static void help_is_asked_for_whatever_else_stands_there(void **state)
{
    (void)state;
    struct command command;
    assert_true(parse(&command, "--help --nonsense")->options.help);
    options_release(&command.options);
    assert_true(parse(&command, "a.py b.py -h")->options.help);
    options_release(&command.options);
    assert_false(parse(&command, "a.py -- --help")->options.help);
    options_release(&command.options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(each_command_has_its_operands),
        cmocka_unit_test(each_command_says_what_is_wrong),
        cmocka_unit_test(every_option),
        cmocka_unit_test(files_and_their_names),
        cmocka_unit_test(limits_have_units),
        cmocka_unit_test(variables_are_set_or_taken_along),
        cmocka_unit_test_setup(the_environment_is_the_default, without_environment),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(help_is_asked_for_whatever_else_stands_there),
    };
    return cmocka_run_group_tests(tests, without_environment, without_environment);
}
