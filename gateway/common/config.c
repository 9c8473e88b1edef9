/* config.c - see config.h. The table is config_table.c's, a value as text config_value.c's, all of
 * it on paper config_print.c's; here is the order of reading: each row in turn (a computed default
 * may look at the rows above it), then what holds between rows.
 */
#include "common/config_table.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "MAYFLY_"
#define NAME_SHOWN_BYTES 64

extern char **environ;

/* Read by the scripts around the program and by `mayfly run`, not by the gateway. */
static const char *const other_names[] = {
    "MAYFLY_BASE",  "MAYFLY_BIN",      "MAYFLY_ENGINE_BRIDGE", "MAYFLY_ENGINE_RUNTIME",
    "MAYFLY_IMAGE", "MAYFLY_KEY_FILE", "MAYFLY_PORT",          "MAYFLY_SETUP",
    "MAYFLY_STATE", "MAYFLY_URL",
};

static const struct setting *find_setting(const char *name)
{
    for (size_t i = 0; i < config_settings_count; i++)
        if (strcmp(config_settings[i].name, name) == 0)
            return &config_settings[i];
    return NULL;
}

static bool is_other_name(const char *name)
{
    for (size_t i = 0; i < sizeof(other_names) / sizeof(other_names[0]); i++)
        if (strcmp(other_names[i], name) == 0)
            return true;
    return false;
}

static void warn_of_unknown_names(void)
{
    for (char **entry = environ; entry && *entry; entry++) {
        char name[NAME_SHOWN_BYTES + 1];
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(*entry, "="), *entry);
        bool ours = strncmp(name, PREFIX, strlen(PREFIX)) == 0;
        if (ours && !find_setting(name) && !is_other_name(name))
            log_event(LOG_WARNING, "setting_unknown", LOG_STR("name", name), LOG_END);
    }
}

/* ---- reading ---- */

static bool read_setting(const struct setting *setting, bool from_environment,
                         struct config *config, struct error *err)
{
    const char *text = from_environment ? getenv(setting->name) : NULL;
    if (!text || text[0] == '\0')
        text = setting->fallback;
    if (text)
        return text[0] == '\0' || setting_parse(setting, text, config, err);
    setting_put_number(setting, config, setting->computed(config));
    return true;
}

/* What is printed for a number: "MAYFLY_CPUS is 4". */
static void describe(const struct setting *setting, const struct config *config, char *text,
                     size_t size)
{
    FILE *out = fmemopen(text, size, "w");
    if (!out)
        return;
    fprintf(out, "%s is ", setting->name);
    setting_print(setting, config, out);
    fclose(out);
}

static bool check_maxima(const struct config *config, struct error *err)
{
    for (size_t i = 0; i < config_settings_count; i++) {
        const struct setting *setting = &config_settings[i];
        if (!setting->not_above)
            continue;
        const struct setting *most = find_setting(setting->not_above);
        if (setting_number(setting, config) <= setting_number(most, config))
            continue;
        char own[80] = "", above[80] = "";
        describe(setting, config, own, sizeof(own));
        describe(most, config, above, sizeof(above));
        return error_set(err, ERR_INVALID, "%s, and %s: the first must not be above the second",
                         own, above);
    }
    return true;
}

static void settle(struct config *config)
{
    for (size_t i = 0; i < config->runtimes_count; i++)
        if (config->runtimes[i].warm == RUNTIME_WARM_UNSET)
            config->runtimes[i].warm = config->warm;
    if (config->drain_ms == 0) {
        const struct setting *drain = find_setting("MAYFLY_DRAIN_MS");
        setting_put_number(drain, config, drain->computed(config));
    }
}

static bool read_all(bool from_environment, struct config *config, struct error *err)
{
    for (size_t i = 0; i < config_settings_count; i++)
        if (!read_setting(&config_settings[i], from_environment, config, err))
            return false;
    settle(config);
    if (!check_maxima(config, err))
        return false;
    uint64_t warm = config_warm_total(config);
    if (warm > config->max_boxes)
        return error_set(err, ERR_INVALID,
                         "MAYFLY_MAX_BOXES is %u: must not be below the %u warm boxes that "
                         "MAYFLY_WARM and MAYFLY_RUNTIMES ask for",
                         config->max_boxes, (unsigned)warm);
    return true;
}

bool config_load(struct config *config, struct error *err)
{
    struct config read = {0};
    if (!read_all(true, &read, err))
        return false;
    warn_of_unknown_names();
    *config = read;
    return true;
}

void config_defaults(struct config *config)
{
    *config = (struct config){0};
    read_all(false, config, NULL);
}

int config_runtime_index(const struct config *config, struct bytes name)
{
    for (size_t i = 0; i < config->runtimes_count; i++)
        if (bytes_equal_string(name, config->runtimes[i].name))
            return (int)i;
    return -1;
}
