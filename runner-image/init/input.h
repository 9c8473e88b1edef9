/* input.h - the program's stdin: a file in memory, as in `python3 main.py < input.txt`.
 *
 * The template gets the empty file as its fd 0 when it starts: read-only, at offset 0. When the job
 * comes, its bytes are written into the same file, which is then sealed: size and content can never
 * change again. So all facts about its stdin that the interpreter has read at its start stay true.
 */
#ifndef MAYFLY_INIT_INPUT_H
#define MAYFLY_INIT_INPUT_H

#include "common/error.h"
#include "common/wire.h"

struct input {
    int fd;         /* for writing; -1 once it is sealed */
    int program_fd; /* for reading: the template's fd 0. The owner closes it after passing it on */
};

/* Create the empty file. Fails with ERR_SYSTEM; *input is then untouched. */
bool input_open(struct input *input, struct error *err);

/* Write all of data, seal the file, and close our end. The bytes count as memory of the box. Fails
 * with ERR_INVALID when they do not fit. */
bool input_fill(struct input *input, struct bytes data, struct error *err);

#endif
