/* config.c - see config.h. config_table.c has the table, config_value.c the values as text,
 * config_print.c the printing. Here is the order of reading. Each row is read in turn: a computed
 * default may use the rows above it. Then the rules between rows are checked. */
#include "common/config_table.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "MAYFLY_"
#define NAME_SHOWN_BYTES 64

extern char **environ;

/* The scripts around the program, its tests and `mayfly run` read these, not the gateway. */
static const char *const other_names[] = {
    "MAYFLY_BASE",          "MAYFLY_BASE_SUITE",     "MAYFLY_BIN",           "MAYFLY_CLIENT",
    "MAYFLY_ENGINE_BRIDGE", "MAYFLY_ENGINE_RUNTIME", "MAYFLY_ENV",           "MAYFLY_IMAGE",
    "MAYFLY_KEY_FILE",      "MAYFLY_PORT",           "MAYFLY_REPEATS",       "MAYFLY_RUNNERS",
    "MAYFLY_SETUP",         "MAYFLY_STATE",          "MAYFLY_TEST_SETTINGS", "MAYFLY_TEST_SLOW",
    "MAYFLY_URL",
};

static const struct setting *find_setting(const char *name)
{
    for (size_t i = 0; i < config_settings_count; i++) {
        if (strcmp(config_settings[i].name, name) == 0)
            return &config_settings[i];
    }
    return NULL;
}

static bool is_other_name(const char *name)
{
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++) {
        if (strcmp(other_names[i], name) == 0)
            return true;
    }
    return false;
}

static void warn_of_unknown_names(void)
{
    for (char **entry = environ; entry && *entry; entry++) {
        char name[NAME_SHOWN_BYTES + 1];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*entry, "="), *entry);
        bool ours = strncmp(name, PREFIX, strlen(PREFIX)) == 0;
        if (ours && !find_setting(name) && !is_other_name(name))
            log_event(LOG_WARNING, "setting_unknown", LOG_STR("name", name), LOG_END);
    }
}

/* ---- reading ---- */

struct load {
    struct config config;
    bool from_environment;
    config_complaint *complain;
    void *arg;
    bool is_bad; /* a setting was reported as bad */
};

static void complain(struct load *load, const struct error *why)
{
    load->is_bad = true;
    load->complain(load->arg, why);
}

static const char *text_of(const struct load *load, const struct setting *setting)
{
    const char *text = load->from_environment ? getenv(setting->name) : NULL;
    return text && text[0] ? text : setting->fallback;
}

static bool read_setting(const struct load *load, const struct setting *setting,
                         struct config *config, struct error *err)
{
    const char *text = text_of(load, setting);
    if (text)
        return text[0] == '\0' || setting_parse(setting, text, config, err);
    setting_put_number(setting, config, setting->computed(config));
    return true;
}

/* Write a number as "MAYFLY_CPUS is 4". */
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

/* Returns false for a bad value. It was reported already, and is not compared with others. */
static bool was_read(const struct load *load, const struct setting *setting)
{
    struct config scratch = load->config;
    return read_setting(load, setting, &scratch, NULL);
}

static void check_maximum(struct load *load, const struct setting *setting)
{
    const struct setting *most = find_setting(setting->not_above);
    if (setting_number(setting, &load->config) <= setting_number(most, &load->config) ||
        !was_read(load, setting) || !was_read(load, most))
        return;
    char own[80] = "", above[80] = "";
    struct error why;
    describe(setting, &load->config, own, sizeof own);
    describe(most, &load->config, above, sizeof above);
    error_set(&why, ERR_INVALID, "%s, and %s: the first must not be above the second", own, above);
    complain(load, &why);
}

static void check_warm(struct load *load)
{
    struct error why;
    uint64_t warm = config_warm_total(&load->config);
    if (warm <= load->config.max_boxes)
        return;
    error_set(&why, ERR_INVALID,
              "MAYFLY_MAX_BOXES is %u: must not be below the %u warm boxes that MAYFLY_WARM and "
              "MAYFLY_RUNTIMES ask for",
              load->config.max_boxes, (unsigned)warm);
    complain(load, &why);
}

static void settle(struct config *config)
{
    for (size_t i = 0; i < config->runtimes_count; i++) {
        if (config->runtimes[i].warm == RUNTIME_WARM_UNSET)
            config->runtimes[i].warm = config->warm;
    }
    if (config->drain_ms == 0) {
        const struct setting *drain = find_setting("MAYFLY_DRAIN_MS");
        setting_put_number(drain, config, drain->computed(config));
    }
}

static void read_all(struct load *load)
{
    struct error why;
    for (size_t i = 0; i < config_settings_count; i++) {
        if (!read_setting(load, &config_settings[i], &load->config, &why))
            complain(load, &why);
    }
    settle(&load->config);
    for (size_t i = 0; i < config_settings_count; i++) {
        if (config_settings[i].not_above)
            check_maximum(load, &config_settings[i]);
    }
    if (!load->is_bad)
        check_warm(load);
}

bool config_read(struct config *config, config_complaint *complain_of, void *arg)
{
    struct load load = {.from_environment = true, .complain = complain_of, .arg = arg};
    read_all(&load);
    if (load.is_bad)
        return false;
    warn_of_unknown_names();
    *config = load.config;
    return true;
}

static void keep_first(void *arg, const struct error *why)
{
    struct error *first = arg;
    if (first && first->kind == ERR_NONE)
        *first = *why;
}

bool config_load(struct config *config, struct error *err)
{
    struct error first = {.kind = ERR_NONE};
    bool is_read = config_read(config, keep_first, &first);
    if (!is_read && err)
        *err = first;
    return is_read;
}

void config_defaults(struct config *config)
{
    struct load load = {.complain = keep_first};
    read_all(&load);
    *config = load.config;
}

uint32_t config_max_cpu_time_ms(const struct config *config)
{
    uint64_t cpu_millis = config->max_limits.cpu_millis;
    uint64_t most_ms = (uint64_t)config->max_timeout_ms * cpu_millis / 1000;
    return (uint32_t)(most_ms < CONFIG_MIN_CPU_TIME_MS ? CONFIG_MIN_CPU_TIME_MS : most_ms);
}

uint32_t config_sessions_most(const struct config *config)
{
    uint32_t boxes = config->max_boxes - (config->max_boxes + 3) / 4;
    return config->sessions_max < boxes ? config->sessions_max : boxes;
}

int config_runtime_index(const struct config *config, struct bytes name)
{
    for (size_t i = 0; i < config->runtimes_count; i++) {
        if (bytes_equal_string(name, config->runtimes[i].name))
            return (int)i;
    }
    return -1;
}
