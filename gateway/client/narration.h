/* narration.h - turns the gateway's events of a run into actions: output to our streams, files to
 * the folder, the end to an exit code.
 *
 * Knows neither HTTP nor time. Skips events of unknown names, which newer gateways may send. Checks
 * the data of known events.
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
    NARRATION_QUEUED,  /* no event has reported the program's start */
    NARRATION_STARTED, /* the program has started */
    NARRATION_ENDED,   /* the result has arrived: exit_code is set */
    NARRATION_REFUSED, /* an error came instead: refusal is set, and the caller releases it */
};

struct narration {
    const struct options *options; /* borrowed */
    struct relay *relay;           /* borrowed */
    struct harvest harvest;
    enum narration_state state;
    int exit_code;
    struct refusal refusal;
    char run[NARRATION_ID_MAX + 1]; /* the run's id, letters and digits; "": not known */
    bool is_mid_line;               /* the last output has no newline at its end */
};

/* Act on an event. Call no more once the state is ENDED or REFUSED. Fails with ERR_PROTOCOL (the
 * gateway's fault) or ERR_SYSTEM. */
bool narration_take(struct narration *narration, const struct event *event, struct error *err);

#endif
