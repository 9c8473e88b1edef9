/* config_print.c - prints all settings: their effective values, and the table in three forms. */
#include "common/config_table.h"

#include <string.h>

#define CELL_BYTES 128
#define CELL_GAP 2

void config_print_help(FILE *out)
{
    struct config defaults;
    config_defaults(&defaults);
    for (size_t i = 0; i < config_settings_count; i++) {
        const struct setting *setting = &config_settings[i];
        fprintf(out, "%s=", setting->name);
        setting_print(setting, &defaults, out);
        fprintf(out, "\n    %s (", setting->help);
        setting_print_range(setting, out);
        fputs(")\n", out);
    }
    fputs("A size is a number of bytes, or a number with a unit, KiB, MiB, GiB or TiB: 64MiB. A "
          "decimal has at most 3 digits "
          "after the point.\n"
          "An empty variable counts as unset.\n",
          out);
}

void config_print_example(FILE *out)
{
    for (size_t i = 0; i < config_settings_count; i++) {
        const struct setting *setting = &config_settings[i];
        fprintf(out, "%s# %s (", i > 0 ? "\n" : "", setting->help);
        setting_print_range(setting, out);
        fprintf(out, ")\n#%s=%s\n", setting->name, setting->fallback ? setting->fallback : "");
    }
}

void config_print(const struct config *config, FILE *out)
{
    for (size_t i = 0; i < config_settings_count; i++) {
        fprintf(out, "%s=", config_settings[i].name);
        setting_print(&config_settings[i], config, out);
        fputc('\n', out);
    }
}

/* ---- in brief ---- */

/* Write "NAME=default (range)". Returns its length. */
static size_t print_cell(size_t row, const struct config *defaults, char cell[CELL_BYTES])
{
    const struct setting *setting = &config_settings[row];
    FILE *out = fmemopen(cell, CELL_BYTES, "w");
    cell[0] = '\0';
    if (!out)
        return 0;
    fprintf(out, "%s=", setting->name);
    setting_print(setting, defaults, out);
    setting_print_bounds(setting, out);
    fclose(out);
    return strlen(cell);
}

static size_t widest_cell(size_t from, size_t to, const struct config *defaults)
{
    char cell[CELL_BYTES];
    size_t widest = 0;
    for (size_t i = from; i < to; i++) {
        size_t width = print_cell(i, defaults, cell);
        widest = width > widest ? width : widest;
    }
    return widest;
}

void config_print_brief(FILE *out, size_t width)
{
    struct config defaults;
    char cell[CELL_BYTES];
    config_defaults(&defaults);
    size_t count = config_settings_count, rows = (count + 1) / 2;
    size_t left = widest_cell(0, rows, &defaults) + CELL_GAP;
    bool has_room = width == 0 || left + widest_cell(rows, count, &defaults) <= width;
    if (!has_room)
        rows = count;
    for (size_t i = 0; i < rows; i++) {
        print_cell(i, &defaults, cell);
        bool is_alone = i + rows >= count;
        fprintf(out, "%-*s", is_alone ? 0 : (int)left, cell);
        if (!is_alone) {
            print_cell(i + rows, &defaults, cell);
            fputs(cell, out);
        }
        fputc('\n', out);
    }
}
