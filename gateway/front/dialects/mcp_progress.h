/* mcp_progress.h - notifications of the progress of a call: its time so far, and the last line that
 * its program has printed.
 *
 * Events have the form of sse.h. Pure but for the clock.
 */
#ifndef MAYFLY_MCP_PROGRESS_H
#define MAYFLY_MCP_PROGRESS_H

#include "front/dialects/mcp_message.h"
#include "front/runs/transcript.h"

#define MCP_PROGRESS_BEAT_MS 1000
#define MCP_PROGRESS_LINE_BYTES 256

struct mcp_progress {
    char token[RPC_ID_BYTES]; /* as JSON */
    uint64_t began_ns;        /* of clock_now_ns */
    uint64_t told_ns;         /* the progress of the last notification; 0: there was none */
    size_t line_len;
    uint8_t line[MCP_PROGRESS_LINE_BYTES]; /* the last line so far, cut at its end */
    bool is_ended; /* the line has had its newline: the next byte begins one */
};

/* Put a notification for an entry that needs one, and note what the entry says. False: out's cap
 * forbids. */
bool mcp_progress_put_entry(struct mcp_progress *progress, struct buf *out,
                            const struct said *said);
/* Put a notification that the call is still pending. False as above. */
bool mcp_progress_put_beat(struct mcp_progress *progress, struct buf *out,
                           const struct transcript *transcript);

#endif
