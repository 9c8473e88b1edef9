#include "broker/selftest/canary_job.h"

#include <stdio.h>

#include "broker/engine/seccomp.h"

/* no key can have this name, so the canary does not share an owner with any client */
#define OWNER "(canary)"
/* The canary's timeout is at least this. On a slow machine, it is the longest deadline of an engine
 * call. */
#define TIMEOUT_LEAST_MS 10000
#define QUEUE_TIMEOUT_MS 120000

/* The embedded programs and their lengths. The symbols are hidden because a linker for ARM cannot
 * handle local labels in its table of global symbols. */
#define HIDDEN __attribute__((visibility("hidden")))
#define EMBED(name)                                                                                \
    __asm__(".section .rodata\n" #name "_program: .incbin \"gateway/broker/selftest/" #name        \
            ".py\"\n" #name "_program_end: .balign 8\n" #name "_program_bytes: .quad " #name       \
            "_program_end - " #name "_program\n"                                                   \
            ".previous\n");                                                                        \
    extern const uint8_t name##_program[] HIDDEN;                                                  \
    extern const uint64_t name##_program_bytes HIDDEN

EMBED(canary);
EMBED(trial);

static uint32_t timeout_ms(const struct config *config)
{
    uint32_t ms = config->engine_timeout_ms;
    if (ms < TIMEOUT_LEAST_MS)
        ms = TIMEOUT_LEAST_MS;
    return ms < config->max_timeout_ms ? ms : config->max_timeout_ms;
}

/* The canary gets the numbers of the allowed system calls on its standard input. */
bool canary_job_write(const struct config *config, const char *runtime, const enum trial *trial,
                      uint64_t run_id, struct buf *out)
{
    size_t mark;
    struct buf numbers;
    buf_init(&numbers, CANARY_JOB_MAX_BYTES);
    bool ok = trial || seccomp_write_numbers(&numbers);
    struct job job = {
        .timeout_ms = timeout_ms(config),
        .queue_timeout_ms = QUEUE_TIMEOUT_MS,
        .limits = config->default_limits,
        .output_bytes = config->max_output_bytes < CANARY_OUTPUT_MAX_BYTES
                            ? config->max_output_bytes
                            : CANARY_OUTPUT_MAX_BYTES,
        .source = trial ? bytes_of(trial_program, trial_program_bytes)
                        : bytes_of(canary_program, canary_program_bytes),
        .stdin_data = buf_bytes(&numbers),
    };
    snprintf(job.owner, sizeof job.owner, OWNER);
    snprintf(job.runtime, sizeof job.runtime, "%s", runtime);
    ok = ok && wire_begin(out, WIRE_RUN, run_id, &mark) &&
         wire_finish(out, mark,
                     job_encode(out, &job) && (!trial || trial_put_args(*trial, &job.limits, out)));
    buf_release(&numbers);
    return ok;
}
