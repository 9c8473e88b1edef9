#include "client/spinner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ERASE_LINE "\r\033[K"
#define LINE_MAX_BYTES 120

void spinner_init(struct spinner *spinner, bool wanted, uint64_t now_ms)
{
    const char *terminal = getenv("TERM");
    bool can_erase = terminal && terminal[0] && strcmp(terminal, "dumb") != 0;
    *spinner = (struct spinner){
        .is_enabled = wanted && can_erase && isatty(STDERR_FILENO),
        .begun_ms = now_ms,
        .next_ms = now_ms + SPINNER_TICK_MS, /* a response within one tick shows no spinner */
    };
}

void spinner_turn(struct spinner *spinner, uint64_t now_ms, const char *what)
{
    static const char signs[] = "|/-\\";
    if (!spinner->is_enabled || now_ms < spinner->next_ms)
        return;
    char line[LINE_MAX_BYTES];
    uint64_t elapsed_ms = now_ms - spinner->begun_ms;
    int len = snprintf(line, sizeof(line), ERASE_LINE "%c %.1f s  %s",
                       signs[elapsed_ms / SPINNER_TICK_MS % 4], (double)elapsed_ms / 1000, what);
    spinner->next_ms = now_ms + SPINNER_TICK_MS;
    if (len > 0 && len < (int)sizeof(line) && write(STDERR_FILENO, line, (size_t)len) > 0)
        spinner->is_drawn = true;
}

void spinner_end(struct spinner *spinner)
{
    spinner->is_enabled = false;
    if (!spinner->is_drawn)
        return;
    spinner->is_drawn = false;
    /* If this fails, the terminal is gone, and nothing needs to be erased. */
    if (write(STDERR_FILENO, ERASE_LINE, strlen(ERASE_LINE)) < 0)
        return;
}
