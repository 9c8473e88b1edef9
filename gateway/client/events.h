/* events.h - server-sent events (the HTML standard's event streams) taken apart, however the bytes
 * come.
 *
 * Pure. Knows neither HTTP nor what an event means. Names, data and comments are read; ids and
 * retry times, which serve reconnection, are passed over: nothing here reconnects.
 */
#ifndef MAYFLY_CLIENT_EVENTS_H
#define MAYFLY_CLIENT_EVENTS_H

#include "common/buf.h"

#define EVENTS_NAME_MAX 63

/* One stream. Between events_init and events_release. */
struct events {
    struct buf line; /* the one that has not ended yet */
    struct buf data; /* of the event that has not ended yet */
    char name[EVENTS_NAME_MAX + 1];
    bool has_data;
    bool has_begun; /* the first line is behind us, and with it the byte order mark */
    bool after_cr;  /* an LF now belongs to the line that has ended */
    bool is_told;   /* name and data belong to the event told last */
};

struct event {
    const char *name;  /* "message" when the stream gave none */
    struct bytes data; /* its data lines, with LF between them */
};

enum events_result {
    EVENTS_EVENT, /* *event is the next one, lent until the next call */
    EVENTS_MORE,  /* all bytes are taken and no event has ended */
    EVENTS_BAD,   /* a line or an event's data is over the cap, or a name too long; stop here */
};

/* max_bytes: of one line, and of one event's data. */
void events_init(struct events *events, size_t max_bytes);
void events_release(struct events *events);

/* Take bytes from the front of *rest until an event has ended or they are all taken. */
enum events_result events_next(struct events *events, struct bytes *rest, struct event *event);

#endif
