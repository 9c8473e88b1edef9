#include "client/setup.h"

#include <fcntl.h>
#include <unistd.h>

#include "client/address.h"
#include "client/ending.h"
#include "client/submission.h"
#include "common/notice.h"

#define KEY_MAX_BYTES ((size_t)16 << 10)

/* A new socket would get the number of a closed descriptor. So open /dev/null in its place, in a
 * mode that fails as the closed one would. */
static void occupy_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

const char *setup_text(const struct buf *text)
{
    return (const char *)buf_bytes(text).data;
}

static bool begin(struct setup *setup, struct error *err)
{
    const struct options *options = &setup->options;
    if (!inputs_init(&setup->inputs, submission_inputs_most(options)))
        return error_set(err, ERR_SYSTEM, "out of memory");
    if (options->key_file &&
        (!submission_read_key(&setup->key_text, options->key_file, &setup->inputs, err) ||
         !buf_append(&setup->key_text, "", 1)))
        return false;
    if (options->key_file)
        setup->key = setup_text(&setup->key_text);
    setup->calls = calls_new(err);
    return setup->calls != NULL;
}

bool setup_init(struct setup *setup, enum options_command command, char **words, int *exit_code)
{
    struct error why;
    *setup = (struct setup){.key = NULL};
    buf_init(&setup->key_text, KEY_MAX_BYTES);
    occupy_standard_descriptors();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    *exit_code = EXIT_TROUBLE;
    if (!options_parse(&setup->options, command, words, &why)) {
        notice_print("%s: %s", options_name(command), why.text);
        return false;
    }
    if (setup->options.help) {
        options_print_help(command, stdout);
        *exit_code = 0;
        return false;
    }
    if (!begin(setup, &why)) {
        notice_print("%s", why.text);
        return false;
    }
    return true;
}

void setup_release(struct setup *setup)
{
    calls_free(setup->calls);
    curl_global_cleanup();
    buf_release(&setup->key_text);
    inputs_release(&setup->inputs);
    options_release(&setup->options);
}

bool setup_put_url(const struct setup *setup, struct buf *out, const char *path, struct error *err)
{
    return address_find(out, setup->options.url, setup->options.listen, path, err);
}
