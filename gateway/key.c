#include "key.h"

#include <stdio.h>
#include <string.h>

#include "common/notice.h"
#include "front/keys/keys.h"

#define ENTRY_MAX_BYTES 512

static const char *fault_of(char **words)
{
    if (!words[0] || strcmp(words[0], "new") != 0)
        return "\"new\" is missing";
    if (!words[1])
        return "NAME is missing";
    return words[2] ? "there are too many arguments" : NULL;
}

int key_main(const struct config *config, char **options)
{
    char key[KEY_TEXT_BYTES + 1];
    struct buf entry;
    struct error err;
    (void)config;
    const char *wrong = fault_of(options);
    if (wrong) {
        notice_print("key: %s: mayfly key new NAME", wrong);
        return 2;
    }
    buf_init(&entry, ENTRY_MAX_BYTES);
    bool made = keys_generate(options[1], key, &entry, &err);
    if (made) {
        struct bytes text = buf_bytes(&entry);
        printf("key (shown only once):\n  %s\nentry for the list in MAYFLY_KEYS_FILE, {\"keys\": "
               "[...]}:\n"
               "  %.*s\n",
               key, (int)text.len, (const char *)text.data);
    } else {
        notice_print("key: %s", err.text);
    }
    buf_release(&entry);
    return made ? 0 : 1;
}
