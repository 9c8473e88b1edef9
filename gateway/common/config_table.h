/* config_table.h - a setting: its row in the table, and how to read and print its value. Used only
 * by common/config*.c. */
#ifndef MAYFLY_CONFIG_TABLE_H
#define MAYFLY_CONFIG_TABLE_H

#include "common/config.h"

#define SETTING_CHOICES_MAX 4
/* This is the warm count of a runtime that is listed without one, until MAYFLY_WARM is read. */
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
    SETTING_CPUS,     /* uint32_t, in thousandths: a decimal number */
};

struct setting {
    const char *name; /* the environment variable */
    enum setting_kind kind;
    size_t offset, size;  /* the member of struct config */
    const char *fallback; /* the default as text; NULL: see `computed` */
    /* returns the default; may use settings that are above this one in the table */
    uint64_t (*computed)(const struct config *config);
    uint64_t least, most;  /* the range of a number, both ends included */
    const char *not_above; /* NULL, or the setting whose value this one must not exceed */
    const char *choices[SETTING_CHOICES_MAX];
    const char *help;
};

extern const struct setting config_settings[];
extern const size_t config_settings_count;

/* Returns the number of warm boxes of all runtimes together. */
uint64_t config_warm_total(const struct config *config);

/* Returns the default of MAYFLY_WARM, per runtime: enough for a burst of requests, fewer if memory
 * is small, at least 1. */
uint64_t config_warm_that_fits(uint64_t cores_count, uint64_t memory_bytes,
                               uint64_t runtimes_count);

/* Fill *config with the defaults for this machine. */
void config_defaults(struct config *config);

/* Parse text into the setting's member of *config. Fails with ERR_INVALID; the text names the
 * variable, the value and the range. */
bool setting_parse(const struct setting *setting, const char *text, struct config *config,
                   struct error *err);

/* Print the value in the form that setting_parse reads, or print the allowed values ("a whole
 * number from 1 to 1000"). */
void setting_print(const struct setting *setting, const struct config *config, FILE *out);
void setting_print_range(const struct setting *setting, FILE *out);
/* Print the range in short form, such as " (1..1000)". Prints nothing for a SOCKET or RUNTIMES
 * setting: its default shows the form. */
void setting_print_bounds(const struct setting *setting, FILE *out);

/* Get or set the value of a COUNT, BYTES or CPUS setting. The range is not checked. */
uint64_t setting_number(const struct setting *setting, const struct config *config);
void setting_put_number(const struct setting *setting, struct config *config, uint64_t number);

#endif
