/* Mayfly: runs each piece of untrusted code in a container of its own, behind a small HTTP
 * gateway.
 *
 *   client --HTTP--> front --frames--> broker --Engine API--> dockerd --> box (container)
 *                    (h2o)             (libcurl)                          mayfly-init (PID 1)
 *                                                                           `- program
 *
 * The front parses what strangers send and holds nothing: no socket of the engine, no privilege.
 * The broker holds the engine's socket, which is as good as root on the host, and speaks with
 * nobody but fronts, in frames (common/wire.h), and the engine. `serve` starts both as two
 * processes; `front` and `broker` run them apart, in two containers say.
 *
 * Boxes are made ahead of need, wait warm, are used once, report their own end, and are removed
 * after the answer has gone out: the engine needs about 200 ms for all of that, a box that waits 3
 * ms for its run.
 *
 * `run` is the other end: a client that brings a program to a gateway, and its output, files and
 * exit code back.
 *
 * This file is the roles' names and their settings; each role is one function in a header of
 * its own.
 */
#include "broker/broker.h"
#include "broker/check.h"
#include "client/client.h"
#include "common/config.h"
#include "common/log.h"
#include "common/version.h"
#include "front/front.h"
#include "key.h"
#include "probe.h"
#include "supervisor.h"

#include <stdio.h>
#include <string.h>

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
    const char *option = options[0] ? options[0] : "";
    if (!option[0])
        config_print(config, stdout);
    else if (strcmp(option, "--explain") == 0 && !options[1])
        config_print_help(stdout);
    else if (strcmp(option, "--example") == 0 && !options[1])
        config_print_example(stdout);
    else
        return fputs("Usage: mayfly config [--explain | --example]\n", stderr) < 0 ? 1 : 2;
    return 0;
}

static const struct role {
    const char *name;
    const char *options; /* for the usage line */
    const char *help;    /* in the list of roles */
    const char *more;    /* on its own page */
    int (*run)(const struct config *config);
    int (*run_with_options)(const struct config *config, char **options); /* instead of run */
    int (*run_without_config)(char **words); /* instead of both; has a --help of its own */
} roles[] = {
    {"serve", " [--print-config]", "front and broker in one: what you want on one machine",
     "Serves on MAYFLY_LISTEN until SIGTERM or SIGINT, then lets what runs end.\n"
     "Needs an engine at DOCKER_HOST. Started as root, its front becomes MAYFLY_USER.\n\n"
     "  --print-config  print the effective settings, and do not start\n",
     .run = supervisor_main},
    {"front", " [--print-config]", "the HTTP door alone",
     "Serves on MAYFLY_LISTEN. What comes there is run by the broker whose socket is\n"
     "MAYFLY_WIRE_SOCKET.\n",
     .run = run_front},
    {"broker", " [--print-config]", "the engine's side alone",
     "Keeps boxes at the engine of DOCKER_HOST, and runs what fronts send to its\n"
     "socket, MAYFLY_WIRE_SOCKET.\n",
     .run = run_broker},
    {"run", "", "run a program at a gateway, as if it ran here", "",
     .run_without_config = client_main},
    {"check", " [--runtime NAME]... [--json] [--print-create]",
     "test the sandbox on the engine at hand",
     "Looks at a box of each runtime from inside, and prints what it found beside what\n"
     "was expected. Exit code 0 when all is well.\n\n"
     "  --runtime NAME  only this one of MAYFLY_RUNTIMES; may be repeated\n"
     "  --json          print it as JSON\n"
     "  --print-create  print only what a box of the first is created with, and create\n"
     "                  none\n",
     .run_with_options = check_main},
    {"health", " [--broker | --ready | --container]",
     "ask the gateway at MAYFLY_LISTEN for /health",
     "Prints the answer. Exit code 0 when a run would work.\n\n"
     "  --broker     ask the broker at MAYFLY_WIRE_SOCKET instead, whether it lives\n"
     "  --ready      ask the broker whether a run would work\n"
     "  --container  ask what runs in this container: for an image's health check\n",
     .run_with_options = probe_main},
    {"key", " new NAME", "make a key for the file that MAYFLY_KEYS_FILE names",
     "Prints the key, which is kept nowhere, and its entry for that file.\n",
     .run_with_options = key_main},
    {"config", " [--explain | --example]", "print the effective settings",
     "Prints NAME=value for each setting, as read from the environment.\n\n"
     "  --explain  print the defaults, with meaning and range\n"
     "  --example  print the same as a file to begin with, deploy/env.example\n",
     .run_with_options = print_config},
};

static int print_help(FILE *out)
{
    fputs("Usage: mayfly ROLE\n\n"
          "Runs untrusted Python behind an HTTP gateway, each program in a fresh container.\n\n",
          out);
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        fprintf(out, "  %-8s %s\n", roles[i].name, roles[i].help);
    fputs("\nmayfly ROLE --help says more. Settings come from the environment; mayfly config\n"
          "--explain lists them.\n",
          out);
    return out == stdout ? 0 : 2;
}

static int run_role(const struct role *role, char **words)
{
    struct config config;
    struct error err;
    if (role->run_without_config)
        return role->run_without_config(words);
    if (words[0] && strcmp(words[0], "--help") == 0) {
        printf("Usage: mayfly %s%s\n\n%s", role->name, role->options, role->more);
        return 0;
    }
    bool print = words[0] && strcmp(words[0], "--print-config") == 0;
    if (words[0] && role->run && (!print || words[1]))
        return print_help(stderr);
    log_init(role->name, LOG_FORMAT_AUTO, LOG_INFO);
    if (!config_load(&config, &err)) {
        fprintf(stderr, "mayfly: %s\n", err.text);
        return 2;
    }
    if (role->run && print)
        return print_config(&config, words + 1);
    return role->run ? role->run(&config) : role->run_with_options(&config, words);
}

int main(int argc, char **argv)
{
    const char *word = argc >= 2 ? argv[1] : "";
    if (strcmp(word, "--help") == 0)
        return print_help(stdout);
    if (strcmp(word, "--version") == 0)
        return puts("mayfly " MAYFLY_VERSION) < 0;
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (strcmp(word, roles[i].name) == 0)
            return run_role(&roles[i], argv + 2);
    return print_help(stderr);
}
