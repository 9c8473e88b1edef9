#include "client/client.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include "client/address.h"
#include "client/ending.h"
#include "client/folder.h"
#include "common/notice.h"
#include "client/options.h"
#include "client/session.h"
#include "client/submission.h"

#define LINE_MAX_BYTES ((size_t)16 << 10)

/* Everything that a session needs, made from the options. */
struct errand {
    struct options options;
    struct buf url, key, body; /* `url` and `key` end with a NUL */
    struct inputs inputs;
    int folder;
};

/* If stdin, stdout or stderr is closed, a new socket would get its number. So open /dev/null there,
 * in a mode in which reading or writing still fails. */
static void occupy_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Open the folder for the results first: if they cannot be saved, the program should not run at
 * all. */
static bool open_folder(struct errand *errand, struct error *err)
{
    const struct options *options = &errand->options;
    bool is_wanted = options->directory || (options->outputs_count > 0 && !options->json);
    if (!is_wanted)
        return true;
    errand->folder = folder_open(options->directory ? options->directory : ".", err);
    return errand->folder >= 0;
}

static bool prepare(struct errand *errand, struct error *err)
{
    const struct options *options = &errand->options;
    bool is_found = options->url
                        ? address_write(&errand->url, options->url, ADDRESS_EXECUTE, err)
                        : address_write_near(&errand->url, options->listen, ADDRESS_EXECUTE, err);
    if (!is_found)
        return false;
    if (!inputs_init(&errand->inputs, submission_inputs_most(options)))
        return error_set(err, ERR_SYSTEM, "out of memory");
    if (options->key_file &&
        (!submission_read_key(&errand->key, options->key_file, &errand->inputs, err) ||
         !buf_append(&errand->key, "", 1)))
        return false;
    return submission_write(&errand->body, options, &errand->inputs, err) &&
           open_folder(errand, err);
}

static int run(struct errand *errand)
{
    struct error why;
    if (!prepare(errand, &why)) {
        notice_print("%s", why.text);
        return EXIT_TROUBLE;
    }
    const struct session_request request = {
        .options = &errand->options,
        .url = (const char *)errand->url.data + errand->url.start,
        .key = errand->key.len > 0 ? (const char *)errand->key.data + errand->key.start : NULL,
        .body = buf_bytes(&errand->body),
        .inputs = &errand->inputs,
        .folder = errand->folder,
    };
    return session_run(&request);
}

int client_main(char **words)
{
    struct errand errand = {.folder = -1};
    struct error why;
    occupy_standard_descriptors();
    if (!options_parse(&errand.options, words, &why)) {
        notice_print("run: %s", why.text);
        return EXIT_TROUBLE;
    }
    if (errand.options.help) {
        options_print_help(stdout);
        options_release(&errand.options);
        return 0;
    }
    buf_init(&errand.url, LINE_MAX_BYTES);
    buf_init(&errand.key, LINE_MAX_BYTES);
    buf_init(&errand.body, SUBMISSION_MAX_BYTES);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int exit_code = run(&errand);
    curl_global_cleanup();
    buf_release(&errand.url);
    buf_release(&errand.key);
    buf_release(&errand.body);
    inputs_release(&errand.inputs);
    options_release(&errand.options);
    if (errand.folder >= 0)
        close(errand.folder);
    return exit_code;
}
