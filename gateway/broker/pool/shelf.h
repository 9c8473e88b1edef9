/* shelf.h - the boxes and waiting runs of one pair of runtime and limits. A shelf only has the
 * lists: the queue moves the waiting runs, and the stock moves the boxes. */
#ifndef MAYFLY_SHELF_H
#define MAYFLY_SHELF_H

#include "common/config.h"
#include "common/list.h"

#define SHELVES_MAX 64

struct shelf {
    size_t runtime_index;
    struct limits limits;
    uint32_t warm;       /* number of READY boxes to keep */
    bool is_configured;  /* never freed */
    struct list waiting; /* runs, in order of their ranks */
    struct list coming;  /* boxes: CREATING, ATTACHING, STARTING */
    struct list ready;   /* fresh boxes, the oldest first */
    /* Each box on these two lists has served a run, and may now serve only that run's owner.
     * `resetting` has boxes in state RESETTING. `kept` has READY boxes, in the order of their idle
     * times, the longest first. */
    struct list resetting, kept;
    /* number of waiting runs for which a box in reset is reserved (matching.h) */
    uint32_t covered_count;
};

#define SHELF_LISTS 4

/* Returns one of the lists of boxes, by number. */
static inline struct list *shelf_list(struct shelf *shelf, size_t i)
{
    struct list *const lists[SHELF_LISTS] = {&shelf->coming, &shelf->ready, &shelf->resetting,
                                             &shelf->kept};
    return lists[i];
}

struct shelves {
    struct shelf *all[SHELVES_MAX];
    size_t count;
};

/* Find the shelf for this pair, or make it. Returns NULL when there are too many shelves, or memory
 * is out. */
struct shelf *shelves_find(struct shelves *shelves, size_t runtime_index,
                           const struct limits *limits);
/* Make a shelf for each runtime with the default limits. These are the first shelves, in the order
 * of the settings, and are never freed. Returns false when memory is out. */
bool shelves_configure(struct shelves *shelves, const struct config *config);
/* Free every shelf that is neither configured nor in use. */
void shelves_tidy(struct shelves *shelves);
void shelves_release(struct shelves *shelves); /* frees all */

#endif
