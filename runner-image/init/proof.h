/* proof.h - proves that a box is as it was before its first run.
 *
 * A proof looks at one kind of state and writes what it sees as text. There is a table of proofs.
 * The texts from before the first program are kept, and every later text must be equal to them.
 * Nothing is repaired here: a box that differs serves no further run.
 *
 * The first proof is that no process of a run is left, so nothing can change while the other proofs
 * look. The kernel frees some state in the background, so a difference may disappear after a
 * moment. The caller decides how long to try again.
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
/* The memory in use may grow by this much since before the first run, because the kernel charges
 * memory in batches for each CPU. */
#define PROOF_MEMORY_BYTES ((uint64_t)8 << 20)
/* The period of the CPU quota that engines set. */
#define PROOF_PERIOD_MS 100

/* The directories that programs can write to. */
enum proof_folder { FOLDER_BOX, FOLDER_TMP, FOLDER_SHM, FOLDER_QUEUES, FOLDERS_COUNT };

/* The kernel's files about a process. */
enum process_text { TEXT_STATUS, TEXT_STAT, TEXT_LIMITS, TEXT_OOM_SCORE, PROCESS_TEXTS_COUNT };

#define QUEUE_TEXTS_COUNT 3

/* The files that proofs read. They stay open for the life of the process; -1: the file is
 * missing. */
struct scene {
    struct zygote *zygote;
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
    uint64_t throttled_count, throttled_ns; /* the latest count, and when it was first seen */
};

struct proofs {
    struct scene scene;
    struct buf before[PROOFS_MAX];
    struct buf now; /* the text of the latest proof */
};

/* Open everything and take the first look. Keeps zygote, cgroup and dir for the life of the
 * process. memory_bytes is the memory that is in use without a run. Returns false if something
 * cannot be looked at, or if processes other than init and the zygote exist: then the box cannot be
 * kept. */
bool proofs_begin(struct proofs *proofs, struct zygote *zygote, const struct cgroup *cgroup,
                  const char *dir, uint64_t memory_bytes);

/* Returns true if no process is left except init and the zygote. */
bool proofs_see_no_process(struct proofs *proofs);

/* Remove the last run's files. Requires that no other process is left. Returns false when there are
 * too many files, or a file cannot be removed. */
bool proofs_empty_folders(const struct proofs *proofs);

/* Run all other proofs. Returns NULL if nothing differs, else the name of the first proof that
 * failed. */
const char *proofs_find_difference(struct proofs *proofs);

#endif
