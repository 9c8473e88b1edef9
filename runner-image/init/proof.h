/* proof.h - proves that a box is as it was before its first run.
 *
 * There is a table of proofs. Each looks at one kind of state, and writes down what it sees. What a
 * proof saw before the first program is kept; whatever it sees later must be the same. Nothing is
 * repaired here: a box that differs serves no further run.
 *
 * All looks come after the proof that no process of a run is left. So nothing can change between
 * one look and the next. Some state needs a moment to settle, because the kernel frees it in the
 * background. The caller decides for how long it asks again.
 */
#ifndef MAYFLY_INIT_PROOF_H
#define MAYFLY_INIT_PROOF_H

#include <dirent.h>

#include "cgroup.h"
#include "devices.h"
#include "network.h"
#include "scratch.h"
#include "zygote.h"

#define PROOFS_MAX 24
/* The memory that may stay in use after a run, beyond that before the first: the kernel charges in
 * batches for each CPU. */
#define PROOF_MEMORY_BYTES ((uint64_t)8 << 20)
/* The period of the quota of CPU time, as engines set it. */
#define PROOF_PERIOD_MS 100

/* Folders that programs can write to. */
enum proof_folder { FOLDER_BOX, FOLDER_TMP, FOLDER_SHM, FOLDER_QUEUES, FOLDERS_COUNT };

/* The kernel's texts about a process. */
enum process_text { TEXT_STATUS, TEXT_STAT, TEXT_LIMITS, TEXT_OOM_SCORE, PROCESS_TEXTS_COUNT };

#define QUEUE_TEXTS_COUNT 3

/* The looks read these. The files stay open for the life of the process; -1: there is none. */
struct scene {
    const struct zygote *zygote;
    const struct cgroup *cgroup;
    DIR *processes; /* /proc */
    int init_fds[PROCESS_TEXTS_COUNT], zygote_fds[PROCESS_TEXTS_COUNT];
    int queue_fds[QUEUE_TEXTS_COUNT]; /* System V */
    int mounts_fd;
    bool mounts_changed;
    struct devices devices;
    struct network network;
    struct scratch folders[FOLDERS_COUNT];
    uint64_t memory_bytes;                  /* in use before the first run */
    uint64_t throttled_count, throttled_ns; /* the last count, and when it was first seen */
};

struct proofs {
    struct scene scene;
    struct buf before[PROOFS_MAX];
    struct buf now; /* what the last look saw */
};

/* Open everything and look for the first time. Keeps zygote, cgroup and dir for the life of the
 * process. memory_bytes is what was in use without a run. Returns false when something cannot be
 * looked at, or when processes other than us and the zygote exist: then the box cannot be kept. */
bool proofs_begin(struct proofs *proofs, const struct zygote *zygote, const struct cgroup *cgroup,
                  const char *dir, uint64_t memory_bytes);

/* Returns true if no process is left but us and the zygote. */
bool proofs_see_no_process(struct proofs *proofs);

/* Remove the files of the last run. Requires that no process is left. Returns false when there are
 * too many, or some cannot be removed. */
bool proofs_empty_folders(const struct proofs *proofs);

/* Look at everything else. Returns NULL when all is as it was, else the name of the first proof
 * that found something different. */
const char *proofs_find_difference(struct proofs *proofs);

#endif
