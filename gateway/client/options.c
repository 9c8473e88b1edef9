#include "client/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/number.h"

#define DEFAULT_LISTEN "127.0.0.1:8000"
#define DEFAULT_WAIT_MS 60000

struct option {
    const char *name;
    const char *value; /* the value's name in the help text; NULL: the option takes no value */
    const char *help;  /* NULL: only the manual page describes it */
    bool (*take)(struct options *options, char *value, struct error *err);
    size_t text; /* without `take`: the offset of the member that gets the value */
};

/* ---- one function for each option whose value is not simply stored ---- */

static bool read_seconds(const char *value, const char *name, uint32_t *ms, struct error *err)
{
    uint64_t millis;
    if (!number_parse_millis(value, strlen(value), &millis) || millis < 1 ||
        millis > OPTIONS_TIMEOUT_MOST_MS)
        return error_set(err, ERR_INVALID, "%s is \"%s\": must be a number of seconds up to %d",
                         name, value, OPTIONS_TIMEOUT_MOST_MS / 1000);
    *ms = (uint32_t)millis;
    return true;
}

static bool take_timeout(struct options *options, char *value, struct error *err)
{
    return read_seconds(value, "--timeout", &options->timeout_ms, err);
}

static bool take_cpu_time(struct options *options, char *value, struct error *err)
{
    return read_seconds(value, "--cpu-time", &options->cpu_time_ms, err);
}

static bool take_wait(struct options *options, char *value, struct error *err)
{
    return read_seconds(value, "--wait", &options->wait_ms, err);
}

static bool read_size(const char *value, const char *name, uint64_t *bytes, struct error *err)
{
    uint64_t number;
    if (!number_parse_bytes(value, strlen(value), &number) || number < 1)
        return error_set(err, ERR_INVALID,
                         "%s is \"%s\": must be bytes, or a number with KiB, MiB or GiB", name,
                         value);
    *bytes = number;
    return true;
}

static bool take_memory(struct options *options, char *value, struct error *err)
{
    return read_size(value, "--memory", &options->memory_bytes, err);
}

static bool take_max_output(struct options *options, char *value, struct error *err)
{
    return read_size(value, "--max-output", &options->output_bytes, err);
}

static bool take_cpus(struct options *options, char *value, struct error *err)
{
    uint64_t millis;
    if (!number_parse_millis(value, strlen(value), &millis) || millis < 1 || millis > UINT32_MAX)
        return error_set(err, ERR_INVALID,
                         "--cpus is \"%s\": must be a number with up to three decimals", value);
    options->cpu_millis = (uint32_t)millis;
    return true;
}

static bool take_pids(struct options *options, char *value, struct error *err)
{
    uint64_t number;
    if (!number_parse_uint(value, strlen(value), &number) || number < 1 || number > UINT32_MAX)
        return error_set(err, ERR_INVALID, "--pids is \"%s\": must be a whole number above 0",
                         value);
    options->pids = (uint32_t)number;
    return true;
}

/* Returns the entry for this variable, a new one if necessary: a later value replaces an earlier
 * one. */
static struct options_variable *place_of(struct options *options, const char *name)
{
    size_t i = 0;
    while (i < options->env_count && strcmp(options->env[i].name, name) != 0)
        i++;
    if (i == options->env_count)
        options->env_count++;
    return &options->env[i];
}

static bool take_env(struct options *options, char *value, struct error *err)
{
    char *equals = strchr(value, '=');
    if (equals)
        *equals = '\0';
    if (value[0] == '\0')
        return error_set(err, ERR_INVALID, "--env needs a name: NAME=VALUE");
    const char *text = equals ? equals + 1 : getenv(value);
    if (!text)
        return error_set(err, ERR_INVALID,
                         "--env %s: there is no such variable here; give a value: %s=VALUE", value,
                         value);
    *place_of(options, value) = (struct options_variable){.name = value, .value = text};
    return true;
}

/* Read LOCAL=REMOTE or PATH. The gateway checks REMOTE. A PATH alone is also the remote path, so it
 * must be relative and inside the current directory. */
static bool take_file(struct options *options, char *value, struct error *err)
{
    char *equals = strchr(value, '=');
    if (equals)
        *equals = '\0';
    const char *remote = equals ? equals + 1 : value;
    while (!equals && strncmp(remote, "./", 2) == 0)
        remote += 2;
    bool is_outside = remote[0] == '/' || strncmp(remote, "../", 3) == 0;
    if (!equals && is_outside)
        return error_set(err, ERR_INVALID,
                         "--file %s is outside the current directory: give the name under which "
                         "the program finds it, --file %s=NAME",
                         value, value);
    if (value[0] == '\0' || remote[0] == '\0')
        return error_set(err, ERR_INVALID, "--file needs a path, or PATH=NAME");
    options->files[options->files_count++] =
        (struct options_file){.local = value, .remote = remote};
    return true;
}

static bool take_output(struct options *options, char *value, struct error *err)
{
    (void)err;
    options->outputs[options->outputs_count++] = value;
    return true;
}

static bool take_buffering(struct options *options, char *value, struct error *err)
{
    static const char *const words[] = {"auto", "line", "block"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i], value) != 0)
            continue;
        options->buffering = value;
        return true;
    }
    return error_set(err, ERR_INVALID, "--buffering is \"%s\": must be auto, line or block", value);
}

static bool take_isolation(struct options *options, char *value, struct error *err)
{
    if (strcmp(value, "auto") != 0 && strcmp(value, "container") != 0)
        return error_set(err, ERR_INVALID, "--isolation is \"%s\": must be auto or container",
                         value);
    options->isolation = value;
    return true;
}

static bool take_compare(struct options *options, char *value, struct error *err)
{
    static const char *const words[] = {"trim", "exact", "tokens"};
    static const char numbers[] = "numbers=";
    size_t len = sizeof(numbers) - 1;
    options->compare = value;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], value) == 0)
            return true;
    if (strncmp(value, numbers, len) == 0 &&
        number_parse_real(value + len, strlen(value + len), &options->tolerance)) {
        value[len - 1] = '\0';
        return true;
    }
    return error_set(err, ERR_INVALID,
                     "--compare is \"%s\": must be trim, exact, tokens or numbers=TOLERANCE",
                     value);
}

static bool take_total_timeout(struct options *options, char *value, struct error *err)
{
    return read_seconds(value, "--total-timeout", &options->total_timeout_ms, err);
}

static bool take_merged(struct options *options, char *value, struct error *err)
{
    (void)value;
    (void)err;
    options->merged = true;
    return true;
}

static bool take_cell(struct options *options, char *value, struct error *err)
{
    (void)value;
    (void)err;
    options->cell = true;
    return true;
}

static bool take_json(struct options *options, char *value, struct error *err)
{
    (void)value;
    (void)err;
    options->json = true;
    return true;
}

#define TEXT(member) NULL, offsetof(struct options, member)

static const struct option table[] = {
    {"--url", "URL", "the gateway; default: MAYFLY_URL, then MAYFLY_LISTEN", TEXT(url)},
    {"--key-file", "FILE", "file with the key; default: MAYFLY_KEY_FILE, or no key",
     TEXT(key_file)},
    {"--runtime", "NAME", "the runtime to use; default: the gateway's first", TEXT(runtime)},
    {"--timeout", "S", "timeout in seconds; default: the gateway's", take_timeout, 0},
    {"--wait", "S", "longest wait for the start in seconds; default: 60", take_wait, 0},
    {"--memory", "SIZE", "memory limit, such as 512MiB; without a unit, bytes", take_memory, 0},
    {"--cpus", "N", "number of CPUs, such as 0.5 or 2", take_cpus, 0},
    {"--cpu-time", "S", "limit of CPU time for all processes, in seconds", take_cpu_time, 0},
    {"--pids", "N", "maximum number of processes and threads", take_pids, 0},
    {"--max-output", "SIZE", "how much to keep of stdout and of stderr, each", take_max_output, 0},
    {"--merged", NULL, "write the program's stderr to stdout, in order", take_merged, 0},
    {"--buffering", "MODE", "when Python flushes output: line (default) or block", take_buffering,
     0},
    {"--cell", NULL, "run as a cell of a notebook: show its last value", take_cell, 0},
    {"--isolation", "MODE", NULL, take_isolation, 0},
    {"--env", "NAME[=V]", "set a variable to V, or to its value here; repeatable", take_env, 0},
    {"--stdin", "FILE|-", "the program's standard input; default: empty", TEXT(stdin_file)},
    {"--file", "P[=NAME]", "send file P, as NAME if given; repeatable", take_file, 0},
    {"--output", "GLOB", "fetch the matching files; repeatable", take_output, 0},
    {"-o", "DIR", "save files and plots in DIR; default: files only, in .", TEXT(directory)},
    {"--tests", "DIR", "run with each test in DIR: NAME.in, NAME.out; see man", TEXT(tests)},
    {"--compare", "HOW", NULL, take_compare, 0},
    {"--stop-on", "WHAT", NULL, TEXT(stop_on)},
    {"--total-timeout", "S", NULL, take_total_timeout, 0},
    {"--json", NULL, "print the gateway's answer instead of the output", take_json, 0},
};

/* ---- words ---- */

/* Returns the option that this word names; "=value" may follow in the word. */
static const struct option *find_option(const char *word)
{
    size_t len = word[1] == '-' ? strcspn(word, "=") : strlen(word);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strlen(table[i].name) == len && memcmp(table[i].name, word, len) == 0)
            return &table[i];
    return NULL;
}

/* Read an option and its value: one or two words. */
static bool take_option(struct options *options, char ***words, struct error *err)
{
    char *word = *(*words)++;
    const struct option *option = find_option(word);
    if (!option)
        return error_set(err, ERR_INVALID, "unknown option %s; see mayfly run --help", word);
    char *value = word + strlen(option->name);
    bool has_value = *value == '=';
    if (!option->value && has_value)
        return error_set(err, ERR_INVALID, "%s takes no value", option->name);
    if (option->value && has_value)
        value++;
    else if (option->value)
        value = **words ? *(*words)++ : NULL;
    if (!value)
        return error_set(err, ERR_INVALID, "%s needs a value: %s", option->name, option->value);
    if (option->take)
        return option->take(options, value, err);
    memcpy((char *)options + option->text, &value, sizeof(value));
    return true;
}

static bool take_words(struct options *options, char **words, struct error *err)
{
    while (*words) {
        if (strcmp(*words, "--") == 0) {
            options->args = words + 1;
            return true;
        }
        bool is_option = (*words)[0] == '-' && (*words)[1] != '\0';
        if (is_option && !take_option(options, &words, err))
            return false;
        if (is_option)
            continue;
        if (options->program)
            return error_set(err, ERR_INVALID,
                             "\"%s\" is a second FILE; the program's arguments go after --",
                             *words);
        options->program = *words++;
    }
    options->args = words;
    return true;
}

static bool check(const struct options *options, struct error *err)
{
    if (!options->program)
        return error_set(err, ERR_INVALID, "FILE is missing; see mayfly run --help");
    bool has_tests = options->tests != NULL;
    if (has_tests && (options->outputs_count > 0 || options->directory || options->stdin_file))
        return error_set(err, ERR_INVALID, "--tests does not go with --stdin, --output or -o");
    if (!has_tests && (options->compare || options->stop_on || options->total_timeout_ms > 0))
        return error_set(err, ERR_INVALID, "--compare, --stop-on and --total-timeout need --tests");
    bool is_twice = options->stdin_file && strcmp(options->stdin_file, "-") == 0 &&
                    strcmp(options->program, "-") == 0;
    return !is_twice ||
           error_set(err, ERR_INVALID, "standard input cannot be both the program and its stdin");
}

/* --help counts even if other words are wrong. */
static bool asks_for_help(char **words)
{
    for (; *words && strcmp(*words, "--") != 0; words++)
        if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0)
            return true;
    return false;
}

/* Returns the variable's value, or the fallback if it is unset or empty. */
static const char *from_environment(const char *name, const char *fallback)
{
    const char *text = getenv(name);
    return text && text[0] ? text : fallback;
}

bool options_parse(struct options *options, char **words, struct error *err)
{
    size_t count = 0;
    while (words[count])
        count++;
    *options = (struct options){
        .url = from_environment("MAYFLY_URL", NULL),
        .listen = from_environment("MAYFLY_LISTEN", DEFAULT_LISTEN),
        .key_file = from_environment("MAYFLY_KEY_FILE", NULL),
        .wait_ms = DEFAULT_WAIT_MS,
        .files = calloc(count + 1, sizeof(struct options_file)),
        .outputs = calloc(count + 1, sizeof(char *)),
        .env = calloc(count + 1, sizeof(struct options_variable)),
        .help = asks_for_help(words),
    };
    bool has_room = options->files && options->outputs && options->env;
    if (has_room && options->help)
        return true;
    if (has_room && take_words(options, words, err) && check(options, err))
        return true;
    options_release(options);
    return has_room ? false : error_set(err, ERR_SYSTEM, "out of memory");
}

void options_release(struct options *options)
{
    free(options->files);
    free(options->outputs);
    free(options->env);
    *options = (struct options){.files = NULL};
}

void options_print_help(FILE *out)
{
    fputs("Usage: mayfly run FILE|- [OPTIONS] [-- ARGS]\n"
          "Runs the Python program in FILE, or from standard input, on a Mayfly gateway.\n",
          out);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].help)
            fprintf(out, "  %-12s %-8s  %s\n", table[i].name, table[i].value ? table[i].value : "",
                    table[i].help);
    fputs("  --help                 print this page\n"
          "Exit code: the program's; 124: timed out; 128+N: signal N; 125: other trouble.\n",
          out);
}
