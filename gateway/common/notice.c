#include "common/notice.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/utf8.h"

#define PREFIX "mayfly: "
/* In the worst case each byte is bad and becomes U+FFFD, 3 bytes long. The rest is for the prefix
 * and the newline. */
#define LINE_MAX_BYTES (4 * NOTICE_MAX_BYTES)

/* U+0080 to U+009F, which begin with this byte in UTF-8, are control characters too, and terminals
 * obey them. */
#define C1_FIRST 0xc2

static bool is_control(const uint8_t *at, const uint8_t *end)
{
    bool is_c1 = *at == C1_FIRST && at + 1 < end && at[1] >= 0x80 && at[1] <= 0x9f;
    return *at < 0x20 || *at == 0x7f || is_c1;
}

static void disarm(struct buf *line)
{
    uint8_t *at = line->data + line->start, *end = at + line->len;
    for (; at < end; at++) {
        if (!is_control(at, end))
            continue;
        if (*at == C1_FIRST)
            *at++ = '?';
        *at = '?';
    }
}

__attribute__((format(printf, 2, 0))) static void add(struct buf *out, const char *format,
                                                      va_list arguments)
{
    char text[NOTICE_MAX_BYTES];
    int len = vsnprintf(text, sizeof text, format, arguments);
    if (len < 0)
        return;
    size_t kept = (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    if (kept < (size_t)len)
        kept = utf8_cut((const uint8_t *)text, kept);
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    if (buf_append_string(&line, PREFIX) && utf8_sanitize(&line, (const uint8_t *)text, kept)) {
        disarm(&line);
        if (buf_append(&line, "\n", 1))
            buf_append(out, line.data + line.start, line.len);
    }
    buf_release(&line);
}

void notice_add(struct buf *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(out, format, arguments);
    va_end(arguments);
}

void notice_print(const char *format, ...)
{
    struct buf line;
    va_list arguments;
    buf_init(&line, LINE_MAX_BYTES);
    va_start(arguments, format);
    add(&line, format, arguments);
    va_end(arguments);
    if (line.len > 0)
        fwrite(line.data + line.start, 1, line.len, stderr);
    buf_release(&line);
}
