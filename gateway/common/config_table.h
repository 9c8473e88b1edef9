/* config_table.h - one setting: its row in the table, and its value as text. For common/config. */
#ifndef MAYFLY_CONFIG_TABLE_H
#define MAYFLY_CONFIG_TABLE_H

#include "common/config.h"

#define SETTING_CHOICES_MAX 4
/* A runtime's warm count while the list gives none and MAYFLY_WARM has not been read. */
#define RUNTIME_WARM_UNSET UINT32_MAX

enum setting_kind {
    SETTING_TEXT,     /* char[]: printable */
    SETTING_ADDRESS,  /* char[]: address:port (endpoint.h) */
    SETTING_SOCKET,   /* char[]: the path of unix://path */
    SETTING_HOSTS,    /* char[]: names of hosts, comma separated */
    SETTING_ORIGINS,  /* char[]: scheme://host or scheme://host:port, comma separated */
    SETTING_RUNTIMES, /* name=image or name=image=warm, comma separated */
    SETTING_CHOICE,   /* an enum that counts from 0: one of the words */
    SETTING_COUNT,    /* uint32_t: digits */
    SETTING_BYTES,    /* uint64_t: digits, with KiB, MiB, GiB or TiB behind them or nothing */
    SETTING_CPUS,     /* uint32_t, thousandths: a decimal number */
};

struct setting {
    const char *name; /* of the environment variable */
    enum setting_kind kind;
    size_t offset, size;  /* of the member of struct config */
    const char *fallback; /* the default, as it would stand in the environment; NULL: computed */
    uint64_t (*computed)(const struct config *config); /* from the settings above it in the table */
    uint64_t least, most;                              /* numbers: the range, both ends included */
    const char *not_above; /* NULL, or the name of the setting that is this one's maximum */
    const char *choices[SETTING_CHOICES_MAX];
    const char *help;
};

extern const struct setting config_settings[];
extern const size_t config_settings_count;

/* Warm boxes of all runtimes together. */
uint64_t config_warm_total(const struct config *config);

/* Fill with the defaults, as they are on this machine. */
void config_defaults(struct config *config);

/* Read text into the setting's member of *config. Fails with ERR_INVALID, naming variable, value
 * and range. */
bool setting_parse(const struct setting *setting, const char *text, struct config *config,
                   struct error *err);

/* Write the value, as setting_parse would read it; and what values there may be ("a whole
 * number from 1 to 1000"). */
void setting_print(const struct setting *setting, const struct config *config, FILE *out);
void setting_print_range(const struct setting *setting, FILE *out);
/* The same in brief, " (1..1000)"; nothing where the default says it all. */
void setting_print_bounds(const struct setting *setting, FILE *out);

/* The number of a COUNT, BYTES or CPUS setting, and its setter (the range is the caller's). */
uint64_t setting_number(const struct setting *setting, const struct config *config);
void setting_put_number(const struct setting *setting, struct config *config, uint64_t number);

#endif
