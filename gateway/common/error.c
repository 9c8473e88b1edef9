#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/buf.h"

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    if (!err)
        return false;
    va_list args;
    va_start(args, format);
    err->kind = kind;
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return false;
}

void *error_no_memory(struct error *err)
{
    error_set(err, ERR_SYSTEM, "out of memory");
    return NULL;
}

bool error_prefix(struct error *err, const char *format, ...)
{
    if (!err)
        return false;
    char context[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof context, format, args);
    va_end(args);
    char whole[2 * sizeof err->text + 2];
    snprintf(whole, sizeof whole, "%s: %s", context, err->text);
    bytes_copy_ends(err->text, sizeof err->text, bytes_of_string(whole));
    return false;
}

bool error_errno(struct error *err, const char *format, ...)
{
    int number = errno;
    if (!err)
        return false;
    va_list args;
    va_start(args, format);
    err->kind = ERR_SYSTEM;
    int used = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof err->text)
        snprintf(err->text + used, sizeof err->text - (size_t)used, ": %s", strerror(number));
    return false;
}

const char *error_kind_name(enum error_kind kind)
{
    switch (kind) {
    case ERR_NONE:
        return "none";
    case ERR_INVALID:
        return "invalid";
    case ERR_BUSY:
        return "busy";
    case ERR_DRAINING:
        return "draining";
    case ERR_ENGINE:
        return "engine";
    case ERR_GONE:
        return "gone";
    case ERR_TIMEOUT:
        return "timeout";
    case ERR_PROTOCOL:
        return "protocol";
    case ERR_SYSTEM:
        return "system";
    case ERR_SESSION_BUSY:
        return "session_busy";
    case ERR_SESSION_GONE:
        return "session_gone";
    case ERR_SESSION_TAKEN:
        return "session_taken";
    case ERR_SESSION_LIMIT:
        return "session_limit";
    case ERROR_KINDS_COUNT:
        break;
    }
    return "unknown";
}
