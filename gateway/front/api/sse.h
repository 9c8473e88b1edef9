/* sse.h - writes the entries of a transcript as a text/event-stream (server-sent events).
 *
 *   id: 3                          the entry's number
 *   event: stdout                  queued, started, stdout, stderr, file, display, test, result,
 *                                  error
 *   data: "a string of JSON"       one line
 *
 * The data of stdout and stderr is a JSON string: text, or base64 if the request asked for it.
 * Pure: entries of a transcript in, text out.
 */
#ifndef MAYFLY_SSE_H
#define MAYFLY_SSE_H

#include "front/runs/transcript.h"

#define SSE_PING ": ping\n\n"
/* The longest event with output: escaping may turn each byte into six. */
#define SSE_EVENT_MAX_BYTES (6 * TRANSCRIPT_PIECE_BYTES + 128)

/* Append the event for a QUEUED, STARTED or output entry. Returns false, with out unchanged, when
 * it does not fit. */
bool sse_write(struct buf *out, const struct transcript *transcript, const struct said *said);

/* Append the beginning or the end of an event. The caller appends the data between them. If number
 * is 0, the event gets no id. Both fail like sse_write. */
bool sse_open(struct buf *out, uint64_t number, const char *name);
bool sse_close(struct buf *out);

#endif
