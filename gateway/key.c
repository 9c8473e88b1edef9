#include "key.h"

#include <stdio.h>
#include <string.h>

#include "front/keys.h"

#define ENTRY_MAX_BYTES 512

int key_main(const struct config *config, char **options)
{
    char key[KEY_TEXT_BYTES + 1];
    struct buf entry;
    struct error err;
    (void)config;
    if (!options[0] || strcmp(options[0], "new") != 0 || !options[1] || options[2]) {
        fputs("Usage: mayfly key new NAME\n", stderr);
        return 2;
    }
    buf_init(&entry, ENTRY_MAX_BYTES);
    bool made = keys_generate(options[1], key, &entry, &err);
    if (made) {
        struct bytes text = buf_bytes(&entry);
        printf("key, shown this once:\n  %s\nfor the list in MAYFLY_KEYS_FILE, {\"keys\": [...]}:\n"
               "  %.*s\n",
               key, (int)text.len, (const char *)text.data);
    } else {
        fprintf(stderr, "mayfly: %s\n", err.text);
    }
    buf_release(&entry);
    return made ? 0 : 1;
}
