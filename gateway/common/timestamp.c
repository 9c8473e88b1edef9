#include "common/timestamp.h"

#include <stdio.h>
#include <time.h>

const char *timestamp_format(char text[TIMESTAMP_BYTES], uint64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t len = strftime(text, TIMESTAMP_BYTES, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + len, TIMESTAMP_BYTES - len, ".%03uZ", (unsigned)(wall_ms % 1000));
    return text;
}
