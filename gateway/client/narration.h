/* narration.h - what a gateway tells of a run, event by event, turned into what this command does:
 * output to our own streams, files to the folder, an end to an exit code.
 *
 * Knows neither HTTP nor time. Events of names that are not known are passed over, for gateways
 * that are newer than this; of a known one, the data is checked.
 */
#ifndef MAYFLY_NARRATION_H
#define MAYFLY_NARRATION_H

#include "client/events.h"
#include "client/harvest.h"
#include "client/options.h"
#include "client/refusal.h"
#include "client/relay.h"

enum narration_state {
    NARRATION_QUEUED,  /* the program has not started, as far as was told */
    NARRATION_STARTED, /* it has */
    NARRATION_ENDED,   /* the result has come: exit_code is set */
    NARRATION_REFUSED, /* an error came in its place: refusal is set, the receiver's to release */
};

struct narration {
    const struct options *options; /* lent */
    struct relay *relay;           /* lent */
    struct harvest harvest;
    enum narration_state state;
    int exit_code;
    struct refusal refusal;
};

/* Act on an event. Nothing more is to be told once the state is ENDED or REFUSED. Fails with
 * ERR_PROTOCOL (the gateway's fault) or ERR_SYSTEM. */
bool narration_take(struct narration *narration, const struct event *event, struct error *err);

#endif
