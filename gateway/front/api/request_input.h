/* request_input.h - reads `stdin`, `args` and `env` of a request. A part of request.h.
 */
#ifndef MAYFLY_REQUEST_INPUT_H
#define MAYFLY_REQUEST_INPUT_H

#include "front/api/reading.h"
#include "front/api/request.h"

void request_stdin_read(struct reading *reading, const char *name, const struct json *value);
void request_args_read(struct reading *reading, const char *name, const struct json *value);
void request_env_read(struct reading *reading, const char *name, const struct json *value);

/* After all fields were read, check the total length of args and env. */
void request_strings_check(struct reading *reading);

#endif
