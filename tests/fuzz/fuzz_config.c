/* Settings: the input is an environment, one NAME=value per line. If it is accepted, its printed
 * form must be accepted too, and print the same again. If it is refused, the error must name a
 * variable.
 */
#include "fuzz.h"

#include "common/config.h"

#define LINES_MAX 64

/* Replace the environment by the lines of text. Changes text. */
static void set_environment(char *text)
{
    clearenv();
    for (size_t lines = 0; text && lines < LINES_MAX; lines++) {
        char *line = strsep(&text, "\n");
        char *value = strchr(line, '=');
        if (!value || value == line)
            continue;
        *value = '\0';
        setenv(line, value + 1, 1);
    }
}

static char *printed(const struct config *config)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    must(out != NULL);
    config_print(config, out);
    fclose(out);
    return text;
}

static void check_accepted(const struct config *config)
{
    must(config->runtimes_count >= 1 && config->runtimes_count <= CONFIG_RUNTIMES_MAX);
    must(config->engine_socket[0] == '/');
    must(config->default_limits.memory_bytes <= config->max_limits.memory_bytes);
    must(config->default_limits.memory_bytes >= CONFIG_MIN_MEMORY_BYTES);
    must(config->default_timeout_ms <= config->max_timeout_ms && config->drain_ms > 0);
    char *text = printed(config);
    char *environment = strdup(text);
    must(environment != NULL);
    set_environment(environment);
    struct config again;
    struct error err = {0};
    must(config_load(&again, &err));
    char *second = printed(&again);
    must(strcmp(text, second) == 0);
    free(text);
    free(second);
    free(environment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = strndup((const char *)data, len);
    must(text != NULL);
    log_init("fuzz", LOG_FORMAT_JSON, LOG_ERROR); /* suppresses warnings */
    set_environment(text);
    struct config config;
    struct error err = {0};
    if (config_load(&config, &err))
        check_accepted(&config);
    else
        must(err.kind == ERR_INVALID &&
             (strstr(err.text, "MAYFLY_") || strstr(err.text, "DOCKER_")));
    free(text);
    return 0;
}
