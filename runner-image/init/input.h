/* input.h - the program's stdin: a file, as in `python3 main.py < input.txt`.
 *
 * The file is in memory. From its start, the template has the empty file as its fd 0, read-only and
 * at offset 0. The job's bytes are written into the same file, which is then sealed. Its size and
 * content never change again. So the interpreter's knowledge of its stdin stays correct.
 */
#ifndef MAYFLY_INIT_INPUT_H
#define MAYFLY_INIT_INPUT_H

#include "common/error.h"
#include "common/wire.h"

struct input {
    int fd;         /* for writing; -1 once it is sealed */
    int program_fd; /* for reading: the template's. The owner closes it once it is passed on */
};

/* Create the empty file. Fails with ERR_SYSTEM; *input is then untouched. */
bool input_open(struct input *input, struct error *err);

/* Write all of data, seal the file and close our end. The bytes use memory of the box. Fails with
 * ERR_INVALID when they do not fit. */
bool input_fill(struct input *input, struct bytes data, struct error *err);

#endif
