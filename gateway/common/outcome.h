/* outcome.h - what became of a run that was started: the witness's account, never the program's.
 *
 * Written by mayfly-init (or by the broker, for a run whose box was lost), carried by the END
 * frame. Knows neither HTTP nor Docker.
 */
#ifndef MAYFLY_OUTCOME_H
#define MAYFLY_OUTCOME_H

#include "common/error.h"
#include "common/wire.h"

enum verdict {
    VERDICT_EXITED = 1,   /* ended by itself: exit_code is set */
    VERDICT_SIGNALED = 2, /* killed by a signal that was not ours: signal is set */
    VERDICT_TIMEOUT = 3,  /* killed at the deadline */
    VERDICT_OOM = 4,      /* the kernel's OOM killer ended the program itself: signal is SIGKILL */
    VERDICT_LOST = 5,     /* started, then lost: box, engine or gateway went away or misbehaved */
    VERDICT_CPU_TIME = 6, /* killed when it had used its CPU time */
};

#define VERDICTS_COUNT 7 /* an array by verdict; nothing is at 0 */

struct stream_count {
    uint64_t total_bytes; /* what the program wrote */
    uint64_t kept_bytes;  /* what was passed on; less than total_bytes when the cap cut it */
};

struct outcome {
    enum verdict verdict;
    int exit_code;    /* 0 to 255 with VERDICT_EXITED, else 0 */
    int signal;       /* 1 to 64 with VERDICT_SIGNALED and VERDICT_OOM, else 0 */
    uint64_t wall_ns; /* from the program's start to its end */
    uint64_t cpu_ns;  /* user and system time of the program and its children, from its start */
    uint64_t peak_memory_bytes;  /* of the box during the run; 0 when unknown */
    uint64_t oom_kills;          /* processes of the box that the OOM killer ended during the run */
    uint64_t pids_refused_count; /* processes and threads that the limit of pids did not allow */
    uint64_t
        inodes_limit; /* of /box or /tmp, when one of them had no inode left at the end; else 0 */
    uint64_t room_bytes; /* the same for bytes */
    struct stream_count out, err;
    /* Output files that were asked for and not sent, beyond their greatest number or not to be read
     * or named: at least so many. */
    uint64_t left_out_count;
    char text[120]; /* for people: VERDICT_LOST: why; VERDICT_OOM: whose memory, or ""; else "" */
};

/* Append as fields, between wire_begin and wire_end. False when out's cap forbids. */
bool outcome_encode(struct buf *out, const struct outcome *outcome);

/* Read an END payload. Fails with ERR_PROTOCOL (a field is missing, broken or out of range);
 * *outcome is then untouched. */
bool outcome_decode(struct bytes payload, struct outcome *outcome, struct error *err);

const char *
verdict_name(enum verdict verdict); /* "exited", "signaled", "timeout", "oom", "lost", "cpu_time" */

#endif
