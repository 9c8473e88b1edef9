/* configured.h - the gateway's configuration with all defaults, for fuzzers. */
#ifndef MAYFLY_FUZZ_CONFIGURED_H
#define MAYFLY_FUZZ_CONFIGURED_H

#include "fuzz.h"

#include "common/config.h"
#include "common/log.h"

static const struct config *configured(void)
{
    static struct config config;
    if (config.runtimes_count == 0) {
        log_init("fuzz", LOG_FORMAT_JSON, LOG_ERROR);
        clearenv();
        must(config_load(&config, NULL));
    }
    return &config;
}

#endif
