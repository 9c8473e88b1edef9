/* hearing.h - splits the output of a box into frames of its init and texts for people.
 *
 * Both come in the bytes of its attach stream, in pieces of any size. Knows no state of a box.
 */
#ifndef MAYFLY_HEARING_H
#define MAYFLY_HEARING_H

#include "broker/engine/demux.h"
#include "common/wire_reader.h"

struct hearing {
    struct demux demux;
    struct wire_reader in; /* joins the pieces of init's frames */
};

enum heard {
    HEARD_NOTHING, /* the bytes are used up */
    HEARD_FRAME,   /* said->frame, valid until the next call */
    HEARD_TEXT,    /* said->text, from init or the engine; borrowed from the bytes */
    HEARD_FAULT,   /* said->fault; the stream is unusable */
};

struct said {
    struct frame frame;
    struct bytes text;
    const char *by; /* "init" or "engine" */
    const char *fault;
};

void hearing_init(struct hearing *hearing, size_t frame_max_bytes);
void hearing_release(struct hearing *hearing);

/* Read the next frame or text from earlier bytes and *rest, which then has only unread bytes. */
enum heard hearing_next(struct hearing *hearing, struct bytes *rest, struct said *said);

#endif
