/* mcp_progress.h - notifications about the progress of a tool call: its time so far, and the last
 * line that the program has printed.
 *
 * They are events in the form of sse.h. Pure except for the clock.
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
    uint64_t told_ns;         /* the progress of the last notification; 0: none yet */
    size_t line_len;
    uint8_t line[MCP_PROGRESS_LINE_BYTES]; /* the last line, cut at its end */
    bool is_ended; /* a newline has ended the line: the next byte begins another line */
};

/* Append a notification when the run is queued or has started. Remember the last line of output,
 * for mcp_progress_put_beat. Returns false if out's cap is too small. */
bool mcp_progress_put_entry(struct mcp_progress *progress, struct buf *out,
                            const struct said *said);
/* Append a notification that the call has not ended. Fails like mcp_progress_put_entry. */
bool mcp_progress_put_beat(struct mcp_progress *progress, struct buf *out,
                           const struct transcript *transcript);

#endif
