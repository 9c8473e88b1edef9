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
 * This file is the roles' names and their settings; each role is one function in a header of
 * its own.
 */
#include "broker/broker.h"
#include "broker/check.h"
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

static int print_config(const struct config *config)
{
    config_print(config, stdout);
    return 0;
}

static const struct role {
    const char *name;
    const char *help;
    int (*run)(const struct config *config);
    int (*run_with_options)(const struct config *config, char **options); /* instead of run */
} roles[] = {
    {"serve", "front and broker in one: what you want on one machine", .run = supervisor_main},
    {"front", "the HTTP door alone; connects to a broker at MAYFLY_WIRE_SOCKET", .run = run_front},
    {"broker", "the engine's side alone; listens at MAYFLY_WIRE_SOCKET", .run = run_broker},
    {"check", "test the sandbox on the engine at hand; options: --json, --print-create",
     .run_with_options = check_main},
    {"health",
     "ask the gateway at MAYFLY_LISTEN for /health; exit code 0 when healthy; option: "
     "--broker, whether the one at MAYFLY_WIRE_SOCKET lives",
     .run_with_options = probe_main},
    {"key", "make a key for MAYFLY_KEYS_FILE: mayfly key new NAME", .run_with_options = key_main},
    {"config", "print the effective settings", .run = print_config},
};

static int print_help(FILE *out)
{
    fprintf(out, "Usage: mayfly ROLE\n\nRoles:\n");
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        fprintf(out, "  %-8s %s\n", roles[i].name, roles[i].help);
    fprintf(out, "\nSettings, from the environment:\n");
    config_print_help(out);
    return out == stdout ? 0 : 2;
}

static int run_role(const struct role *role, char **options)
{
    struct config config;
    struct error err;
    log_init(role->name, LOG_FORMAT_AUTO, LOG_INFO);
    if (!config_load(&config, &err)) {
        fprintf(stderr, "mayfly: %s\n", err.text);
        return 2;
    }
    return role->run ? role->run(&config) : role->run_with_options(&config, options);
}

int main(int argc, char **argv)
{
    const char *word = argc >= 2 ? argv[1] : "";
    if (strcmp(word, "--help") == 0)
        return print_help(stdout);
    if (strcmp(word, "--version") == 0)
        return puts("mayfly " MAYFLY_VERSION) < 0;
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (strcmp(word, roles[i].name) == 0 && (argc == 2 || !roles[i].run))
            return run_role(&roles[i], argv + 2);
    return print_help(stderr);
}
