/* request_config.h - the settings that the tests of requests with files share: their `config`. The
 * limit for files in a request is large, the limit for output files is small. A test may change its
 * copy.
 */
#ifndef MAYFLY_REQUEST_CONFIG_H
#define MAYFLY_REQUEST_CONFIG_H

#include "common/config.h"

static struct config config = {
    .runtimes_count = 1,
    .runtimes = {{.name = "python"}},
    .queue_timeout_ms = 30000,
    .default_timeout_ms = 5000,
    .max_timeout_ms = 30000,
    .default_limits = {.memory_bytes = 64 << 20, .cpu_millis = 1000, .pids = 64},
    .max_limits = {.memory_bytes = (uint64_t)1 << 30, .cpu_millis = 4000, .pids = 256},
    .default_output_bytes = 1 << 20,
    .max_output_bytes = 16 << 20,
    .max_files_bytes = 16 << 20,
    .output_files_bytes = 8000,
    .output_file_bytes = 4000,
};

#endif
