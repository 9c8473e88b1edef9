/* request_input.h - a request's `stdin`, `args` and `env`: what the program is given besides
 * files. A part of request.h.
 */
#ifndef MAYFLY_REQUEST_INPUT_H
#define MAYFLY_REQUEST_INPUT_H

#include "front/api/reading.h"
#include "front/api/request.h"

void request_stdin_read(struct reading *reading, const char *name, const struct json *value);
void request_args_read(struct reading *reading, const char *name, const struct json *value);
void request_env_read(struct reading *reading, const char *name, const struct json *value);

/* When all fields have been read, check how long args and env are together. */
void request_strings_check(struct reading *reading);

#endif
