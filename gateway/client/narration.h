/* narration.h - acts on the gateway's events of a run: writes output, saves files, and derives the
 * exit code.
 *
 * Knows neither HTTP nor time. Ignores events with unknown names, because a newer gateway may send
 * them. Checks the data of events that it knows.
 */
#ifndef MAYFLY_NARRATION_H
#define MAYFLY_NARRATION_H

#include "client/events.h"
#include "client/harvest.h"
#include "client/options.h"
#include "client/refusal.h"
#include "client/relay.h"

#define NARRATION_ID_MAX 64

enum narration_state {
    NARRATION_QUEUED,  /* the program has not started, as far as we know */
    NARRATION_STARTED, /* the program has started */
    NARRATION_ENDED,   /* the result has arrived: exit_code is set */
    NARRATION_REFUSED, /* an error has arrived: refusal is set; the caller releases it */
};

struct narration {
    const struct options *options; /* borrowed */
    struct relay *relay;           /* borrowed */
    struct harvest harvest;
    enum narration_state state;
    int exit_code;
    int64_t generation; /* as in struct ending; 0 without a result */
    bool has_lost_state;
    struct refusal refusal;
    char run[NARRATION_ID_MAX + 1]; /* the run's id, letters and digits; "": not known */
    bool is_mid_line;               /* the last output has no newline at its end */
};

/* Act on one event. Do not call it any more once the state is ENDED or REFUSED. Fails with
 * ERR_PROTOCOL (the gateway's fault) or ERR_SYSTEM. */
bool narration_take(struct narration *narration, const struct event *event, struct error *err);

#endif
