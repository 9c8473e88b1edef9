#include "client/client.h"

#include <signal.h>
#include <unistd.h>

#include "client/address.h"
#include "client/ending.h"
#include "client/errand.h"
#include "client/folder.h"
#include "client/session.h"
#include "client/setup.h"
#include "client/signals.h"
#include "client/submission.h"
#include "common/notice.h"

#define LINE_MAX_BYTES ((size_t)16 << 10)

/* An errand needs these besides the setup. */
struct luggage {
    struct buf url, body; /* url with its NUL */
    int folder, signals;
};

/* Open the folder before the program runs: a run whose files cannot be saved should not begin. */
static bool open_folder(const struct options *options, struct luggage *luggage, struct error *err)
{
    bool is_wanted = options->directory || (options->outputs_count > 0 && !options->json);
    if (!is_wanted)
        return true;
    luggage->folder = folder_open(options->directory ? options->directory : ".", err);
    return luggage->folder >= 0;
}

static bool put_url(const struct setup *setup, struct luggage *luggage, struct error *err)
{
    struct buf path;
    buf_init(&path, LINE_MAX_BYTES);
    bool is_put = setup->options.session
                      ? session_put_path(&path, setup->options.session, "/executions")
                      : buf_append(&path, ADDRESS_EXECUTE, sizeof(ADDRESS_EXECUTE));
    is_put = is_put ? setup_put_url(setup, &luggage->url, setup_text(&path), err)
                    : error_set(err, ERR_SYSTEM, "out of memory");
    buf_release(&path);
    return is_put;
}

static bool pack(struct setup *setup, struct luggage *luggage, struct error *err)
{
    if (!put_url(setup, luggage, err) ||
        !submission_write(&luggage->body, &setup->options, &setup->inputs, err) ||
        !open_folder(&setup->options, luggage, err))
        return false;
    luggage->signals = signals_open();
    return luggage->signals >= 0 || error_errno(err, "signalfd");
}

static int run(struct setup *setup, struct luggage *luggage)
{
    struct error why;
    struct errand_end end;
    if (!pack(setup, luggage, &why)) {
        notice_print("%s", why.text);
        return EXIT_TROUBLE;
    }
    const struct errand_request request = {
        .options = &setup->options,
        .calls = setup->calls,
        .signals = luggage->signals,
        .url = setup_text(&luggage->url),
        .interrupt_url = setup->options.session ? setup_text(&luggage->url) : NULL,
        .key = setup->key,
        .body = buf_bytes(&luggage->body),
        .inputs = &setup->inputs,
        .folder = luggage->folder,
    };
    errand_run(&request, &end);
    return end.was_interrupted ? EXIT_BY_SIGNAL + SIGINT : end.exit_code;
}

static int execute(enum options_command command, char **words)
{
    int exit_code;
    struct setup setup;
    struct luggage luggage = {.folder = -1, .signals = -1};
    buf_init(&luggage.url, LINE_MAX_BYTES);
    buf_init(&luggage.body, SUBMISSION_MAX_BYTES);
    if (setup_init(&setup, command, words, &exit_code))
        exit_code = run(&setup, &luggage);
    setup_release(&setup);
    buf_release(&luggage.url);
    buf_release(&luggage.body);
    if (luggage.folder >= 0)
        close(luggage.folder);
    if (luggage.signals >= 0)
        close(luggage.signals);
    return exit_code;
}

int client_main(char **words)
{
    return execute(OPTIONS_RUN, words);
}

int client_run_in_session(char **words)
{
    return execute(OPTIONS_SESSION_RUN, words);
}
