/* events.h - parses server-sent events (the HTML standard's event streams), wherever the bytes are
 * cut.
 *
 * Pure. Knows neither HTTP nor what an event means. Reads names, data and comments. Skips ids and
 * retry times, since nothing here reconnects.
 */
#ifndef MAYFLY_CLIENT_EVENTS_H
#define MAYFLY_CLIENT_EVENTS_H

#include "common/buf.h"

#define EVENTS_NAME_MAX 63

/* One stream, usable between events_init and events_release. */
struct events {
    struct buf line; /* the unfinished line */
    struct buf data; /* data of the unfinished event */
    char name[EVENTS_NAME_MAX + 1];
    bool has_data;
    bool has_begun; /* the first line was read, and with it the byte order mark */
    bool after_cr;  /* an LF now belongs to the previous line */
    bool is_told;   /* name and data belong to the event returned last */
};

struct event {
    const char *name;  /* "message" when the stream named none */
    struct bytes data; /* its data lines, with LF between them */
};

enum events_result {
    EVENTS_EVENT, /* *event is the next one, valid until the next call */
    EVENTS_MORE,  /* all bytes are consumed, and no event has ended */
    EVENTS_BAD,   /* a line, an event's data or a name exceeds its cap; stop here */
};

/* max_bytes caps one line, and one event's data. */
void events_init(struct events *events, size_t max_bytes);
void events_release(struct events *events);

/* Consume bytes from the front of *rest until an event has ended, or all are consumed. */
enum events_result events_next(struct events *events, struct bytes *rest, struct event *event);

#endif
