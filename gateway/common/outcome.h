/* outcome.h - how a started run ended, as observed from outside the program.
 *
 * mayfly-init writes it; if a run's box was lost, the broker does. It is the payload of an END
 * frame. Knows neither HTTP nor Docker.
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
    /* the run had started, but the box, engine or gateway disappeared or misbehaved */
    VERDICT_LOST = 5,
    VERDICT_CPU_TIME = 6, /* killed when its CPU time was used up */
};

#define VERDICTS_COUNT 7 /* size of an array by verdict; index 0 is unused */

struct stream_count {
    uint64_t total_bytes; /* written by the program */
    uint64_t kept_bytes;  /* sent to the broker: less than total_bytes if the cap was reached */
};

struct outcome {
    enum verdict verdict;
    int exit_code;    /* 0 to 255 with VERDICT_EXITED, else 0 */
    int signal;       /* 1 to 64 with VERDICT_SIGNALED and VERDICT_OOM, else 0 */
    uint64_t wall_ns; /* from the program's start to its end */
    uint64_t cpu_ns;  /* user and system time of the program and its children, from its start */
    uint64_t peak_memory_bytes; /* the box's highest memory use during the run; 0 when unknown */
    /* processes of the box that the OOM killer killed during the run */
    uint64_t oom_kills;
    /* processes and threads that could not be created because of the pids limit */
    uint64_t pids_refused_count;
    /* if /box or /tmp had no inode left at the end: its limit of inodes; else 0 */
    uint64_t inodes_limit;
    /* if /box or /tmp had no space left at the end: its size; else 0 */
    uint64_t room_bytes;
    struct stream_count out, err;
    /* At least this many output files were asked for and not sent: files beyond the maximal number,
     * and files that could not be read or named. */
    uint64_t left_out_count;
    /* for a session: the number of its interpreter after the run, from 1; else 0 */
    uint64_t generation;
    /* for a session: bytes that its processes have written while no cell ran, since the last END */
    uint64_t dropped_bytes;
    /* A text for people. VERDICT_LOST: the cause. VERDICT_OOM: which memory ran out, or "". In a
     * session also why files or a cell could not be written. Else "" */
    char text[120];
};

/* Append the fields, between wire_begin and wire_end. Returns false when out's cap forbids it. */
bool outcome_encode(struct buf *out, const struct outcome *outcome);

/* Read the payload of an END frame. Fails with ERR_PROTOCOL if a field is missing, malformed or out
 * of range; *outcome is then untouched. */
bool outcome_decode(struct bytes payload, struct outcome *outcome, struct error *err);

const char *
verdict_name(enum verdict verdict); /* "exited", "signaled", "timeout", "oom", "lost", "cpu_time" */

#endif
