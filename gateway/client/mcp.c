#include "client/mcp.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/address.h"
#include "client/bridge.h"
#include "client/ending.h"
#include "client/submission.h"
#include "common/notice.h"

#define DEFAULT_LISTEN "127.0.0.1:8000"
#define SETTING_MAX_BYTES ((size_t)16 << 10)

struct words {
    const char *url, *listen, *key_file;
    bool help;
};

static const char *from_environment(const char *name, const char *fallback)
{
    const char *text = getenv(name);
    return text && text[0] ? text : fallback;
}

static bool read_words(struct words *read, char **words, struct error *err)
{
    *read = (struct words){.url = from_environment("MAYFLY_URL", NULL),
                           .listen = from_environment("MAYFLY_LISTEN", DEFAULT_LISTEN),
                           .key_file = from_environment("MAYFLY_KEY_FILE", NULL)};
    while (*words) {
        char *word = *words++;
        bool is_url = strcmp(word, "--url") == 0;
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            read->help = true;
            return true;
        }
        if (!is_url && strcmp(word, "--key-file") != 0)
            return error_set(err, ERR_INVALID, "there is no option %s; see mayfly mcp --help",
                             word);
        if (!*words)
            return error_set(err, ERR_INVALID, "%s needs a value", word);
        *(is_url ? &read->url : &read->key_file) = *words++;
    }
    return true;
}

static void print_help(void)
{
    fputs("Usage: mayfly mcp [OPTIONS]\n"
          "Lets a host of the Model Context Protocol that starts a command use a gateway:\n"
          "messages on standard input and output, one a line, as POSTs to its /mcp.\n"
          "  --url URL        the gateway; default: MAYFLY_URL, then MAYFLY_LISTEN\n"
          "  --key-file FILE  file with the key; default: MAYFLY_KEY_FILE, or no key\n"
          "  --help           print this page\n",
          stdout);
}

static bool read_settings(const struct words *words, struct buf *url, struct buf *key,
                          struct error *err)
{
    struct inputs inputs;
    bool is_found = address_find(url, words->url, words->listen, ADDRESS_MCP, err);
    if (!is_found || !words->key_file)
        return is_found;
    bool is_read = inputs_init(&inputs, 1) || error_set(err, ERR_SYSTEM, "out of memory");
    is_read = is_read && submission_read_key(key, words->key_file, &inputs, err) &&
              buf_append(key, "", 1);
    inputs_release(&inputs);
    return is_read;
}

int mcp_main(char **words)
{
    struct words read;
    struct buf url, key;
    struct error why;
    int exit_code = EXIT_TROUBLE;
    buf_init(&url, SETTING_MAX_BYTES);
    buf_init(&key, SETTING_MAX_BYTES);
    if (!read_words(&read, words, &why) ||
        (!read.help && !read_settings(&read, &url, &key, &why))) {
        notice_print("mcp: %s", why.text);
    } else if (read.help) {
        print_help();
        exit_code = 0;
    } else {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        exit_code = bridge_run((const char *)url.data + url.start,
                               key.len > 0 ? (const char *)key.data + key.start : NULL);
        curl_global_cleanup();
    }
    buf_release(&url);
    buf_release(&key);
    return exit_code;
}
