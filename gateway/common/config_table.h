/* config_table.h - one setting: its row in the table, and its value as text. For common/config. */
#ifndef MAYFLY_CONFIG_TABLE_H
#define MAYFLY_CONFIG_TABLE_H

#include "common/config.h"

#define SETTING_CHOICES_MAX 4
/* Marks a runtime's warm count that neither the list nor MAYFLY_WARM has set yet. */
#define RUNTIME_WARM_UNSET UINT32_MAX

enum setting_kind {
    SETTING_TEXT,     /* char[]: printable */
    SETTING_ADDRESS,  /* char[]: address:port (endpoint.h) */
    SETTING_SOCKET,   /* char[]: the path of unix://path */
    SETTING_HOSTS,    /* char[]: names of hosts, comma-separated */
    SETTING_ORIGINS,  /* char[]: scheme://host or scheme://host:port, comma-separated */
    SETTING_RUNTIMES, /* name=image or name=image=N, comma-separated */
    SETTING_CHOICE,   /* an enum that counts from 0: one of the words */
    SETTING_COUNT,    /* uint32_t: digits */
    SETTING_BYTES,    /* uint64_t: digits, optionally followed by KiB, MiB, GiB or TiB */
    SETTING_CPUS,     /* uint32_t, thousandths: a decimal number */
};

struct setting {
    const char *name; /* the environment variable */
    enum setting_kind kind;
    size_t offset, size;  /* the member of struct config */
    const char *fallback; /* the default, as the environment would have it; NULL: computed */
    /* computes the default from the settings above it in the table */
    uint64_t (*computed)(const struct config *config);
    uint64_t least, most;  /* the range of a number, both ends included */
    const char *not_above; /* NULL, or the name of the setting that is this one's maximum */
    const char *choices[SETTING_CHOICES_MAX];
    const char *help;
};

extern const struct setting config_settings[];
extern const size_t config_settings_count;

/* Returns the number of warm boxes of all runtimes together. */
uint64_t config_warm_total(const struct config *config);

/* Returns the default of MAYFLY_WARM: what a burst needs, or less where the memory is small; at
 * least 1. runtimes_count: those that it is for. */
uint64_t config_warm_that_fits(uint64_t cores_count, uint64_t memory_bytes,
                               uint64_t runtimes_count);

/* Fill with the defaults of this machine. */
void config_defaults(struct config *config);

/* Read text into the setting's member of *config. Fails with ERR_INVALID, naming variable, value
 * and range. */
bool setting_parse(const struct setting *setting, const char *text, struct config *config,
                   struct error *err);

/* Print the value as setting_parse would read it, or the allowed values ("a whole number from 1 to
 * 1000"). */
void setting_print(const struct setting *setting, const struct config *config, FILE *out);
void setting_print_range(const struct setting *setting, FILE *out);
/* Print the range in brief, " (1..1000)"; nothing where the default shows it. */
void setting_print_bounds(const struct setting *setting, FILE *out);

/* Get or set the number of a COUNT, BYTES or CPUS setting. The caller checks the range. */
uint64_t setting_number(const struct setting *setting, const struct config *config);
void setting_put_number(const struct setting *setting, struct config *config, uint64_t number);

#endif
