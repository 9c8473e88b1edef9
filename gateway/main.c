/* Mayfly: an HTTP gateway that runs untrusted Python, each request in a fresh container.
 *
 *   client --HTTP--> front --frames--> broker --Engine API--> dockerd --> box (container)
 *                    (h2o)             (libcurl)                          mayfly-init (PID 1)
 *                                                                           `- program
 *
 * The front parses untrusted input; it has no privileges and no access to the engine. The broker
 * has the engine's socket, which is as powerful as root on the host. It communicates only with the
 * engine and, in frames (common/wire.h), with fronts. `serve` starts both as two processes. `front`
 * and `broker` run them separately, for example in two containers.
 *
 * A box is created in advance and waits with a warm interpreter. It serves one run, and is removed
 * after the response was sent. All this takes the engine about 200 ms; a run gets a waiting box in
 * 3 ms.
 *
 * `run` is a client: it sends a program to a gateway, and brings back its output, files and exit
 * code. `session` and `repl` run code in boxes that keep their interpreter. `mcp` is a client for
 * agents' hosts.
 *
 * This file has the table of roles, such as `serve`, with their options. Each role is a function
 * with its own header.
 */
#include "broker/broker.h"
#include "broker/selftest/check.h"
#include "client/client.h"
#include "client/mcp.h"
#include "client/repl.h"
#include "client/sessions.h"
#include "common/notice.h"
#include "common/config.h"
#include "common/log.h"
#include "common/version.h"
#include "front/front.h"
#include "key.h"
#include "probe.h"
#include "supervisor.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WRONG_USE 2 /* exit code: a wrong command line or setting */

static int run_front(const struct config *config)
{
    return front_main(config, -1);
}

static int run_broker(const struct config *config)
{
    return broker_main(config, -1);
}

static int print_config(const struct config *config, char **options)
{
    if (!options[0])
        config_print(config, stdout);
    else if (strcmp(options[0], "--explain") == 0)
        config_print_help(stdout);
    else
        config_print_example(stdout);
    return 0;
}

#define PRINT_CONFIG "--print-config"
#define OPTIONS_MOST 3

static const struct role {
    const char *name;
    const char *usage;                     /* follows the name in the usage line */
    const char *help;                      /* for the list of roles */
    const char *more;                      /* for the role's own help page */
    const char *options[OPTIONS_MOST + 1]; /* "--name", or "--name VALUE" */
    bool options_go_together;
    bool has_operands; /* arguments that are not options; the role checks them itself */
    bool has_settings; /* the role's help page ends with the table of settings */
    /* Called first: checks that the settings fit each other. NULL: no check. */
    bool (*check)(const struct config *config, struct error *err);
    int (*run)(const struct config *config);
    /* called instead of run */
    int (*run_with_options)(const struct config *config, char **options);
    int (*run_without_config)(char **words); /* called instead of both; checks all words itself */
} roles[] = {
    {"serve", " [--print-config]", "front and broker together, for a single machine",
     "Serves on MAYFLY_LISTEN until SIGTERM or SIGINT, then lets programs finish.\n"
     "Needs an engine at DOCKER_HOST. Started by root, the front runs as MAYFLY_USER.\n"
     "  --print-config  print the effective settings, and do not start\n",
     .options = {PRINT_CONFIG}, .has_settings = true, .check = front_check, .run = supervisor_main},
    {"front", " [--print-config]", "only the HTTP server",
     "Serves on MAYFLY_LISTEN. It sends the programs to the broker whose socket is\n"
     "MAYFLY_WIRE_SOCKET.\n"
     "  --print-config  print the effective settings, and do not start\n",
     .options = {PRINT_CONFIG}, .has_settings = true, .check = front_check, .run = run_front},
    {"broker", " [--print-config]", "only the part that uses the engine",
     "Keeps boxes ready on the engine at DOCKER_HOST, and runs the programs that come\n"
     "from fronts over its socket, MAYFLY_WIRE_SOCKET.\n"
     "  --print-config  print the effective settings, and do not start\n",
     .options = {PRINT_CONFIG}, .has_settings = true, .run = run_broker},
    {"run", "", "run a program on a gateway, as if it ran here", "",
     .run_without_config = client_main},
    {"session", "", "make, use and end sessions, boxes that keep their interpreter", "",
     .run_without_config = sessions_main},
    {"repl", "", "a prompt for Python in a session", "", .run_without_config = repl_main},
    {"mcp", "", "connect a host of the Model Context Protocol to a gateway", "",
     .run_without_config = mcp_main},
    {"check", " [--runtime NAME]... [--json] [--print-create]",
     "test the sandbox on the engine at DOCKER_HOST",
     "Inspects a box of each runtime from inside. Prints what each check expected and\n"
     "found. Exit code 0 when every check passed.\n\n"
     "  --runtime NAME  test only this one of MAYFLY_RUNTIMES; may be repeated\n"
     "  --json          print the result as JSON\n"
     "  --print-create  print the request that would create a box of the first\n"
     "                  runtime, and create none\n",
     .options = {"--runtime NAME", "--json", "--print-create"}, .options_go_together = true,
     .run_with_options = check_main},
    {"health", " [--broker | --ready | --container]",
     "ask the gateway at MAYFLY_LISTEN for /health",
     "Prints the answer. Exit code 0 if a run that is sent now would work.\n\n"
     "  --broker     instead, ask the broker at MAYFLY_WIRE_SOCKET whether it is alive\n"
     "  --ready      ask the broker whether a run would work\n"
     "  --container  ask the role that runs in this container; for a health check\n",
     .options = {"--broker", "--ready", "--container"}, .run_with_options = probe_main},
    {"key", " new NAME", "generate an API key for the file of MAYFLY_KEYS_FILE",
     "Prints the key, which cannot be shown again, and the entry for that file.\n",
     .has_operands = true, .run_with_options = key_main},
    {"config", " [--explain | --example]", "print the effective settings",
     "Prints NAME=value for each setting, as read from the environment.\n"
     "  --explain  print each setting with its default, meaning and range\n"
     "  --example  print the same as a file to start from, deploy/env.example\n",
     .options = {"--explain", "--example"}, .has_settings = true, .run_with_options = print_config},
};
#define ROLES_COUNT (sizeof(roles) / sizeof(roles[0]))

/* ---- words ---- */

static int print_help(void)
{
    fputs("Usage: mayfly ROLE\n\n"
          "Runs untrusted Python behind an HTTP gateway, each program in a fresh container.\n\n",
          stdout);
    for (size_t i = 0; i < ROLES_COUNT; i++)
        printf("  %-8s %s\n", roles[i].name, roles[i].help);
    fputs("\nmayfly ROLE --help explains a role. Settings come from the environment;\n"
          "mayfly config --explain lists them.\n",
          stdout);
    return 0;
}

/* Returns 0 when standard output is not a terminal. */
static size_t terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static int print_role_help(const struct role *role)
{
    printf("Usage: mayfly %s%s\n\n%s", role->name, role->usage, role->more);
    if (role->has_settings) {
        puts("\nSettings (environment): NAME=default (range). More: mayfly config --explain.");
        config_print_brief(stdout, terminal_columns());
    }
    return 0;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool asks_for_help(char **words)
{
    while (*words && !is_help(*words))
        words++;
    return *words != NULL;
}

/* Returns NULL when the role does not have this option. */
static const char *find_option(const struct role *role, const char *name)
{
    size_t i = 0, len = strlen(name);
    while (role->options[i] &&
           (strncmp(role->options[i], name, len) != 0 || strcspn(role->options[i], " ") != len))
        i++;
    return role->options[i];
}

/* Check the option words[i]. Returns how many words it takes; 0 after reporting that it is
 * unknown. */
static size_t check_option(const struct role *role, char **words, size_t i)
{
    const char *name = role->name, *option = find_option(role, words[i]);
    const char *value = option ? strchr(option, ' ') : NULL;
    if (!option)
        notice_print("%s: unknown option %s; see mayfly %s --help", name, words[i], name);
    else if (i > 0 && !role->options_go_together)
        notice_print("%s: %s and %s cannot be used together", name, words[0], words[i]);
    else if (value && !words[i + 1])
        notice_print("%s: %s needs a value:%s", name, words[i], value);
    else
        return value ? 2 : 1;
    return 0;
}

/* Check a word that is not an option, in the same way. */
static size_t check_operand(const struct role *role, const char *word)
{
    if (role->has_operands)
        return 1;
    notice_print("%s: unexpected argument \"%s\"; see mayfly %s --help", role->name, word,
                 role->name);
    return 0;
}

/* Check all words of a role's command line, and report what is wrong. */
static bool check_words(const struct role *role, char **words)
{
    size_t i = 0, taken = 1;
    for (; words[i] && taken > 0; i += taken)
        taken = words[i][0] == '-' ? check_option(role, words, i) : check_operand(role, words[i]);
    return taken > 0;
}

static int complain_of_role(const char *word)
{
    char names[NOTICE_MAX_BYTES] = "";
    for (size_t i = 0, len = 0; i < ROLES_COUNT; i++)
        len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "",
                                roles[i].name);
    if (!word)
        notice_print("ROLE is missing; it is one of %s; see mayfly --help", names);
    else if (word[0] == '-')
        notice_print("unknown option %s; see mayfly --help", word);
    else
        notice_print("there is no role \"%s\"; the roles are: %s", word, names);
    return WRONG_USE;
}

/* ---- roles ---- */

static void complain_of_setting(void *arg, const struct error *why)
{
    (void)arg;
    notice_print("%s", why->text);
}

static int run_role(const struct role *role, char **words)
{
    struct config config;
    struct error err;
    if (role->run_without_config)
        return role->run_without_config(words);
    if (asks_for_help(words))
        return print_role_help(role);
    if (!check_words(role, words))
        return WRONG_USE;
    log_init(role->name, LOG_FORMAT_AUTO, LOG_INFO);
    if (!config_read(&config, complain_of_setting, NULL))
        return WRONG_USE;
    if (role->check && !role->check(&config, &err)) {
        notice_print("%s", err.text);
        return WRONG_USE;
    }
    if (role->run_with_options)
        return role->run_with_options(&config, words);
    return words[0] ? print_config(&config, words + 1) : role->run(&config);
}

int main(int argc, char **argv)
{
    const char *word = argc >= 2 ? argv[1] : NULL;
    if (!word)
        return complain_of_role(word);
    if (is_help(word))
        return print_help();
    if (strcmp(word, "--version") == 0)
        return puts("mayfly " MAYFLY_VERSION) < 0;
    for (size_t i = 0; i < ROLES_COUNT; i++)
        if (strcmp(word, roles[i].name) == 0)
            return run_role(&roles[i], argv + 2);
    return complain_of_role(word);
}
