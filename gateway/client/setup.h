/* setup.h - the beginning of every command that uses a gateway: its options, the key, libcurl. */
#ifndef MAYFLY_SETUP_H
#define MAYFLY_SETUP_H

#include "client/call.h"
#include "client/inputs.h"
#include "client/options.h"

struct setup {
    struct options options;
    struct inputs inputs;
    struct calls *calls;
    struct buf key_text; /* with its NUL */
    const char *key;     /* NULL: none */
};

/* Read the command line, the key and the environment. Returns false, with *exit_code set, when the
 * command is finished: it has printed its help, or a notice about a failure. Call setup_release in
 * either case. */
bool setup_init(struct setup *setup, enum options_command command, char **words, int *exit_code);
void setup_release(struct setup *setup);

/* Append the URL of the endpoint at `path`, and a NUL. Fails like address_find. */
bool setup_put_url(const struct setup *setup, struct buf *out, const char *path, struct error *err);

/* Returns the text of a buffer that ends with a NUL, valid until it changes. */
const char *setup_text(const struct buf *text);

#endif
