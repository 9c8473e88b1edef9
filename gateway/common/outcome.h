/* outcome.h - how a started run ended, as mayfly-init observed it; never the program's own account.
 *
 * mayfly-init writes it, or the broker when a run's box was lost. The END frame carries it. Knows
 * neither HTTP nor Docker.
 */
#ifndef MAYFLY_OUTCOME_H
#define MAYFLY_OUTCOME_H

#include "common/error.h"
#include "common/wire.h"

enum verdict {
    VERDICT_EXITED = 1,   /* ended by itself: exit_code is set */
    VERDICT_SIGNALED = 2, /* killed by a signal that mayfly-init did not send: signal is set */
    VERDICT_TIMEOUT = 3,  /* killed at the deadline */
    VERDICT_OOM = 4,      /* the kernel's OOM killer ended the program itself: signal is SIGKILL */
    VERDICT_LOST = 5,     /* started, then lost: box, engine or gateway disappeared or misbehaved */
    VERDICT_CPU_TIME = 6, /* killed when it had used up its CPU time */
};

#define VERDICTS_COUNT 7 /* size of an array by verdict; index 0 is unused */

struct stream_count {
    uint64_t total_bytes; /* written by the program */
    uint64_t kept_bytes;  /* passed on; less than total_bytes when the cap cut it */
};

struct outcome {
    enum verdict verdict;
    int exit_code;    /* 0 to 255 with VERDICT_EXITED, else 0 */
    int signal;       /* 1 to 64 with VERDICT_SIGNALED and VERDICT_OOM, else 0 */
    uint64_t wall_ns; /* from the program's start to its end */
    uint64_t cpu_ns;  /* user and system time of the program and its children, from its start */
    uint64_t peak_memory_bytes;  /* peak of the box during the run; 0 when unknown */
    uint64_t oom_kills;          /* processes of the box that the OOM killer ended during the run */
    uint64_t pids_refused_count; /* processes and threads that the limit of pids did not allow */
    /* limit of /box or /tmp, when one of them had no inode left at the end; else 0 */
    uint64_t inodes_limit;
    /* size of /box or /tmp, when one of them had no byte left at the end; else 0 */
    uint64_t room_bytes;
    struct stream_count out, err;
    /* A lower bound for output files that were asked for and not sent. They exceeded the greatest
     * number, or could not be read or named. */
    uint64_t left_out_count;
    /* for people. VERDICT_LOST: the cause. VERDICT_OOM: whose memory, or "". Else "" */
    char text[120];
};

/* Append the fields, between wire_begin and wire_end. Returns false when out's cap forbids it. */
bool outcome_encode(struct buf *out, const struct outcome *outcome);

/* Read an END payload. Fails with ERR_PROTOCOL (a field is missing, broken or out of range);
 * *outcome is then untouched. */
bool outcome_decode(struct bytes payload, struct outcome *outcome, struct error *err);

const char *
verdict_name(enum verdict verdict); /* "exited", "signaled", "timeout", "oom", "lost", "cpu_time" */

#endif
