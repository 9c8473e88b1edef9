/* events.h - parses a stream of server-sent events (HTML standard) that arrives in arbitrary
 * pieces.
 *
 * Pure. Knows neither HTTP nor the meaning of events. Reads names, data and comments; ignores ids
 * and retry times, because the client never reconnects.
 */
#ifndef MAYFLY_CLIENT_EVENTS_H
#define MAYFLY_CLIENT_EVENTS_H

#include "common/buf.h"

#define EVENTS_NAME_MAX 63

/* The parser of one stream, usable between events_init and events_release. */
struct events {
    struct buf line; /* the incomplete last line */
    struct buf data; /* data of the incomplete event */
    char name[EVENTS_NAME_MAX + 1];
    bool has_data;
    bool has_begun; /* the first line was read, and a byte order mark removed */
    bool after_cr;  /* the last byte was a CR: an LF now belongs to the same line end */
    bool is_told;   /* the event in name and data was returned, and they can be dropped */
};

struct event {
    const char *name;  /* "message" if the event has no name */
    struct bytes data; /* the data lines, joined by LF */
};

enum events_result {
    EVENTS_EVENT, /* *event is set, and valid until the next call */
    EVENTS_MORE,  /* all bytes are consumed; no event is complete */
    EVENTS_BAD,   /* a line, an event's data or a name is too long: stop */
};

/* max_bytes is the cap of one line, and of one event's data. */
void events_init(struct events *events, size_t max_bytes);
void events_release(struct events *events);

/* Consume bytes from the front of *rest, until an event is complete or all are consumed. */
enum events_result events_next(struct events *events, struct bytes *rest, struct event *event);

#endif
