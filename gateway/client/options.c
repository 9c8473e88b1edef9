#include "client/options.h"

#include <stdlib.h>
#include <string.h>

#include "client/options_table.h"
#include "client/session.h"

#define DEFAULT_LISTEN "127.0.0.1:8000"
#define DEFAULT_WAIT_MS 60000
#define OPERANDS_NAMED 3

#define ENDS_AS_THE_PROGRAM                                                                        \
    "Exit code: the program's; 124: timed out; 128+N: signal N; 125: other trouble.\n"
#define ENDS_WELL "Exit code: 0; 125 if something failed.\n"

static const struct command {
    const char *name;
    const char *usage; /* the words after the name */
    const char *about;
    const char *end;                      /* the last line of the help */
    const char *operands[OPERANDS_NAMED]; /* names; the last one is that of all further ones */
    size_t least, most;                   /* number of operands */
} commands[] = {
    [OPTIONS_RUN] =
        {"run",
         "FILE|- [OPTIONS] [-- ARGS]",
         "Runs the Python program in FILE, or from standard input, on a Mayfly gateway.",
         ENDS_AS_THE_PROGRAM,
         {"FILE"},
         1,
         1},
    [OPTIONS_REPL] =
        {"repl",
         "[ID] [OPTIONS]",
         "Runs what you type in a session, each input as a cell of a notebook. Uses\n"
         "session ID, or makes it. A session that it has made ends with it.",
         "Exit code: 0; from a pipe, that of the first cell that failed; 125 on trouble.\n",
         {"ID"},
         0,
         1},
    [OPTIONS_SESSION_NEW] = {"session new",
                             "[OPTIONS]",
                             "Makes a session: a box that keeps its interpreter. Prints its ID.",
                             ENDS_WELL,
                             {NULL},
                             0,
                             0},
    [OPTIONS_SESSION_LIST] =
        {"session list", "[OPTIONS]", "Lists your sessions.", ENDS_WELL, {NULL}, 0, 0},
    [OPTIONS_SESSION_RUN] =
        {"session run",
         "ID FILE|- [OPTIONS]",
         "Runs the code in FILE, or from standard input, as a cell of session ID.",
         ENDS_AS_THE_PROGRAM,
         {"ID", "FILE"},
         2,
         2},
    [OPTIONS_SESSION_RM] = {"session rm",
                            "ID... [OPTIONS]",
                            "Ends sessions; a cell that runs there is canceled.",
                            ENDS_WELL,
                            {"ID"},
                            1,
                            SIZE_MAX},
    [OPTIONS_FILES_LIST] = {"session files list",
                            "ID [GLOB] [OPTIONS]",
                            "Lists the files of a session, or those that match.",
                            ENDS_WELL,
                            {"ID", "GLOB"},
                            1,
                            2},
    [OPTIONS_FILES_GET] = {"session files get",
                           "ID PATH [LOCAL] [OPTIONS]",
                           "Fetches a file of a session. LOCAL is a path here, or - for standard\n"
                           "output; by default the file's own name, in the current directory.",
                           ENDS_WELL,
                           {"ID", "PATH", "LOCAL"},
                           2,
                           3},
    [OPTIONS_FILES_PUT] =
        {"session files put",
         "ID LOCAL [PATH] [OPTIONS]",
         "Sends a file to a session. LOCAL is a path here, or - for standard input;\n"
         "PATH is by default the file's own name.",
         ENDS_WELL,
         {"ID", "LOCAL", "PATH"},
         2,
         3},
    [OPTIONS_FILES_RM] = {"session files rm",
                          "ID PATH... [OPTIONS]",
                          "Removes files of a session.",
                          ENDS_WELL,
                          {"ID", "PATH"},
                          2,
                          SIZE_MAX},
};

/* ---- words ---- */

/* Returns the option that this word names; "=value" may follow in the word. */
static const struct option *find_option(const char *word, enum options_command command)
{
    const struct option *option;
    size_t len = word[1] == '-' ? strcspn(word, "=") : strlen(word);
    for (size_t i = 0; (option = option_at(i, command)) != NULL; i++)
        if (strlen(option->name) == len && memcmp(option->name, word, len) == 0)
            return option;
    return NULL;
}

/* Read an option and its value: one or two words. */
static bool take_option(struct options *options, char ***words, struct error *err)
{
    char *word = *(*words)++;
    const struct option *option = find_option(word, options->command);
    if (!option)
        return error_set(err, ERR_INVALID, "unknown option %s; see mayfly %s --help", word,
                         commands[options->command].name);
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

static bool take_operand(struct options *options, char *word, struct error *err)
{
    const struct command *command = &commands[options->command];
    bool is_too_many = options->operands_count == command->most;
    if (is_too_many && options->command == OPTIONS_RUN)
        return error_set(err, ERR_INVALID,
                         "\"%s\" is a second FILE; the program's arguments go after --", word);
    if (is_too_many)
        return error_set(err, ERR_INVALID, "unexpected argument \"%s\"; see mayfly %s --help", word,
                         command->name);
    options->operands[options->operands_count++] = word;
    return true;
}

/* After "--", the words are the arguments of a program that is run, and operands of the other
 * commands. */
static bool take_words(struct options *options, char **words, struct error *err)
{
    bool has_ended = false;
    while (*words) {
        if (!has_ended && strcmp(*words, "--") == 0) {
            words++;
            if (options->command == OPTIONS_RUN)
                break;
            has_ended = true;
            continue;
        }
        bool is_option = !has_ended && (*words)[0] == '-' && (*words)[1] != '\0';
        if (!(is_option ? take_option(options, &words, err) : take_operand(options, *words++, err)))
            return false;
    }
    options->args = words;
    return true;
}

/* Sort the operands: the session's id, the program, and what is left. */
static bool sort_operands(struct options *options, struct error *err)
{
    const struct command *command = &commands[options->command];
    size_t count = options->operands_count;
    if (count < command->least)
        return error_set(err, ERR_INVALID, "%s is missing; see mayfly %s --help",
                         command->operands[count], command->name);
    bool begins_with_id = count > 0 && strcmp(command->operands[0], "ID") == 0;
    size_t ids = options->command == OPTIONS_SESSION_RM ? count : begins_with_id;
    if (begins_with_id)
        options->session = options->operands[0];
    for (size_t i = 0; i < ids || (i == 0 && options->session); i++) {
        const char *id = i < ids ? options->operands[i] : options->session;
        if (!job_is_session_name(bytes_of_string(id)))
            return error_set(err, ERR_INVALID,
                             "\"%s\" is no session's id: at most %d letters, digits and . _ -, and "
                             "the first one is a letter or a digit",
                             id, JOB_SESSION_NAME_MAX);
    }
    if (options->command == OPTIONS_RUN || options->command == OPTIONS_SESSION_RUN)
        options->program = options->operands[count - 1];
    return true;
}

static bool check(const struct options *options, struct error *err)
{
    bool has_tests = options->tests != NULL;
    if (has_tests && (options->outputs_count > 0 || options->directory || options->stdin_file))
        return error_set(err, ERR_INVALID, "--tests does not go with --stdin, --output or -o");
    if (!has_tests && (options->compare || options->stop_on || options->total_timeout_ms > 0))
        return error_set(err, ERR_INVALID, "--compare, --stop-on and --total-timeout need --tests");
    bool is_twice = options->program && options->stdin_file &&
                    strcmp(options->stdin_file, "-") == 0 && strcmp(options->program, "-") == 0;
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

bool options_parse(struct options *options, enum options_command command, char **words,
                   struct error *err)
{
    size_t count = 0;
    while (words[count])
        count++;
    *options = (struct options){
        .command = command,
        .url = from_environment("MAYFLY_URL", NULL),
        .listen = from_environment("MAYFLY_LISTEN", DEFAULT_LISTEN),
        .key_file = from_environment("MAYFLY_KEY_FILE", NULL),
        .wait_ms = DEFAULT_WAIT_MS,
        .operands = calloc(count + 1, sizeof(char *)),
        .files = calloc(count + 1, sizeof(struct options_file)),
        .outputs = calloc(count + 1, sizeof(char *)),
        .env = calloc(count + 1, sizeof(struct options_variable)),
        .help = asks_for_help(words),
    };
    bool has_room = options->operands && options->files && options->outputs && options->env;
    if (has_room && options->help)
        return true;
    if (has_room && take_words(options, words, err) && sort_operands(options, err) &&
        check(options, err))
        return true;
    options_release(options);
    return has_room ? false : error_set(err, ERR_SYSTEM, "out of memory");
}

void options_release(struct options *options)
{
    free(options->operands);
    free(options->files);
    free(options->outputs);
    free(options->env);
    *options = (struct options){.files = NULL};
}

/* A name that is wider than its column takes from that of the value. */
static void print_option(const struct option *option, FILE *out)
{
    int width = (int)strlen(option->name);
    width = width < 12 ? 12 : width;
    fprintf(out, "  %-*s %-*s  %s\n", width, option->name, 20 - width,
            option->value ? option->value : "", option->help);
}

void options_print_help(enum options_command command, FILE *out)
{
    const struct command *shown = &commands[command];
    const struct option *option;
    fprintf(out, "Usage: mayfly %s %s\n%s\n", shown->name, shown->usage, shown->about);
    for (size_t i = 0; (option = option_at(i, command)) != NULL; i++)
        if (option->help)
            print_option(option, out);
    fprintf(out, "  --help                 print this page\n%s", shown->end);
}

void options_print_command(enum options_command command, FILE *out)
{
    const struct command *shown = &commands[command];
    fprintf(out, "  mayfly %s %s\n", shown->name, shown->usage);
}

const char *options_name(enum options_command command)
{
    return commands[command].name;
}
