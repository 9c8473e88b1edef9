#include "client/options_table.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/number.h"

/* ---- one function for each option whose value is not simply stored ---- */

static bool read_up_to(uint32_t most_ms, const char *value, const char *name, uint32_t *ms,
                       struct error *err)
{
    uint64_t millis;
    if (!number_parse_millis(value, strlen(value), &millis) || millis < 1 || millis > most_ms)
        return error_set(err, ERR_INVALID, "%s is \"%s\": must be a number of seconds up to %u",
                         name, value, (unsigned)(most_ms / 1000));
    *ms = (uint32_t)millis;
    return true;
}

static bool read_seconds(const char *value, const char *name, uint32_t *ms, struct error *err)
{
    return read_up_to(OPTIONS_TIMEOUT_MOST_MS, value, name, ms, err);
}

static bool take_idle_timeout(struct options *options, char *value, struct error *err)
{
    return read_up_to(OPTIONS_LIFETIME_MOST_MS, value, "--idle-timeout", &options->idle_timeout_ms,
                      err);
}

static bool take_max_lifetime(struct options *options, char *value, struct error *err)
{
    return read_up_to(OPTIONS_LIFETIME_MOST_MS, value, "--max-lifetime", &options->max_lifetime_ms,
                      err);
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

static bool take_keep(struct options *options, char *value, struct error *err)
{
    (void)value;
    (void)err;
    options->keep = true;
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
#define OF(command) (1u << (command))
#define ALL UINT32_MAX
#define RUN OF(OPTIONS_RUN)
#define CELL OF(OPTIONS_SESSION_RUN)
#define REPL OF(OPTIONS_REPL)
#define NEW OF(OPTIONS_SESSION_NEW)
#define LISTS (OF(OPTIONS_SESSION_LIST) | OF(OPTIONS_FILES_LIST))
#define PROGRAMS (RUN | CELL | REPL | NEW)

static const struct option table[] = {
    {"--url", "URL", "the gateway; default: MAYFLY_URL, then MAYFLY_LISTEN", ALL, TEXT(url)},
    {"--key-file", "FILE", "file with the key; default: MAYFLY_KEY_FILE, or no key", ALL,
     TEXT(key_file)},
    {"--id", "ID", "the session's name; default: the gateway makes one", NEW, TEXT(session)},
    {"--runtime", "NAME", "the runtime to use; default: the gateway's first", RUN | NEW | REPL,
     TEXT(runtime)},
    {"--idle-timeout", "S", "end after S seconds without use; default: gateway's", NEW | REPL,
     take_idle_timeout, 0},
    {"--max-lifetime", "S", "end after S seconds in any case; default: gateway's", NEW | REPL,
     take_max_lifetime, 0},
    {"--timeout", "S", "the program's timeout, in seconds; default: gateway's", RUN | CELL,
     take_timeout, 0},
    {"--timeout", "S", "the timeout of a cell, in seconds; default: gateway's", REPL, take_timeout,
     0},
    {"--wait", "S", "longest wait for the start, in seconds; default: 60", PROGRAMS, take_wait, 0},
    {"--wait", "S", "longest wait for the answer, in seconds; default: 60", ALL & ~PROGRAMS,
     take_wait, 0},
    {"--memory", "SIZE", "memory limit, such as 512MiB; without a unit, bytes", RUN | NEW | REPL,
     take_memory, 0},
    {"--cpus", "N", "number of CPUs, such as 0.5 or 2", RUN | NEW | REPL, take_cpus, 0},
    {"--cpu-time", "S", "limit of CPU time for all processes, in seconds", RUN | CELL | REPL,
     take_cpu_time, 0},
    {"--pids", "N", "maximum number of processes and threads", RUN | NEW | REPL, take_pids, 0},
    {"--max-output", "SIZE", "how much to keep of stdout and of stderr, each", RUN | CELL | REPL,
     take_max_output, 0},
    {"--merged", NULL, "write the program's stderr to stdout, in order", RUN | CELL, take_merged,
     0},
    {"--buffering", "MODE", "when Python flushes output: line (default) or block", RUN,
     take_buffering, 0},
    {"--cell", NULL, "run as a cell of a notebook: show its last value", RUN, take_cell, 0},
    {"--isolation", "MODE", NULL, RUN, take_isolation, 0},
    {"--env", "NAME[=V]", "set a variable to V, or to its value here; repeatable", RUN | NEW | REPL,
     take_env, 0},
    {"--stdin", "FILE|-", "the program's standard input; default: empty", RUN | CELL,
     TEXT(stdin_file)},
    {"--file", "P[=NAME]", "send file P, as NAME if given; repeatable", PROGRAMS, take_file, 0},
    {"--output", "GLOB", "fetch the matching files; repeatable", RUN | CELL, take_output, 0},
    {"-o", "DIR", "save files and plots in DIR; default: files only, in .", RUN | CELL,
     TEXT(directory)},
    {"-o", "DIR", "save all displays in DIR; default: images only, in .", REPL, TEXT(directory)},
    {"--tests", "DIR", "run with each test in DIR: NAME.in, NAME.out; see man", RUN, TEXT(tests)},
    {"--compare", "HOW", NULL, RUN, take_compare, 0},
    {"--stop-on", "WHAT", NULL, RUN, TEXT(stop_on)},
    {"--total-timeout", "S", NULL, RUN, take_total_timeout, 0},
    {"--keep", NULL, "do not end the session at exit", REPL, take_keep, 0},
    {"--json", NULL, "print the gateway's answer instead of the output", RUN | CELL, take_json, 0},
    {"--json", NULL, "print the gateway's answer, as JSON", NEW | LISTS, take_json, 0},
};

const struct option *option_at(size_t index, enum options_command command)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if ((table[i].commands & OF(command)) && index-- == 0)
            return &table[i];
    return NULL;
}
