#include "client/visit.h"

#include <stdio.h>

#include "client/ending.h"
#include "client/inquiry.h"
#include "client/submission.h"
#include "common/notice.h"

#define LINE_MAX_BYTES ((size_t)16 << 10)
#define NOTICES_MAX_BYTES ((size_t)64 << 10)

bool visit_init(struct visit *visit, enum options_command command, char **words, int *exit_code)
{
    *visit = (struct visit){.signals = -1};
    buf_init(&visit->path, LINE_MAX_BYTES);
    buf_init(&visit->body, SUBMISSION_MAX_BYTES);
    buf_init(&visit->answer, INQUIRY_ANSWER_MAX_BYTES);
    return setup_init(&visit->setup, command, words, exit_code);
}

void visit_release(struct visit *visit)
{
    buf_release(&visit->path);
    buf_release(&visit->body);
    buf_release(&visit->answer);
    setup_release(&visit->setup);
}

/* Print all notices with one write. */
static void print_notices(struct buf *notices)
{
    fwrite(notices->data + notices->start, 1, notices->len, stderr);
    buf_release(notices);
}

static bool ask(struct visit *visit, const char *method, const char *url)
{
    struct buf notices;
    const struct inquiry inquiry = {.calls = visit->setup.calls,
                                    .method = method,
                                    .url = url,
                                    .key = visit->setup.key,
                                    .body = buf_bytes(&visit->body),
                                    .body_type = visit->body_type,
                                    .wait_ms = visit->setup.options.wait_ms,
                                    .signals = visit->signals};
    long status;
    buf_init(&notices, NOTICES_MAX_BYTES);
    enum inquiry_end end = inquiry_run(&inquiry, &visit->answer, &notices, &status);
    visit->status = end == INQUIRY_SIGNALED ? 0 : status;
    visit->signal = end == INQUIRY_SIGNALED ? (int)status : 0;
    if (notices.len > 0)
        print_notices(&notices);
    return end == INQUIRY_ANSWERED;
}

bool visit_ask(struct visit *visit, const char *method, const char *path)
{
    struct buf url;
    struct error why;
    buf_init(&url, LINE_MAX_BYTES);
    buf_consume(&visit->answer, visit->answer.len);
    visit->status = 0;
    visit->signal = 0;
    bool is_found = setup_put_url(&visit->setup, &url, path, &why);
    if (!is_found)
        notice_print("%s", why.text);
    bool is_answered = is_found && ask(visit, method, setup_text(&url));
    buf_release(&url);
    return is_answered;
}

int visit_print(struct visit *visit, bool (*print)(const struct json *answer, struct error *err))
{
    struct error why = {.kind = ERR_NONE};
    struct bytes text = buf_bytes(&visit->answer);
    struct json *answer = json_parse(text.data, text.len, &why);
    bool is_good = answer != NULL;
    if (is_good && visit->setup.options.json)
        is_good = fwrite(text.data, 1, text.len, stdout) == text.len && puts("") >= 0;
    else if (is_good)
        is_good = print(answer, &why);
    else
        error_prefix(&why, "the gateway's answer is not JSON");
    json_free(answer);
    if (!is_good && why.kind != ERR_NONE)
        notice_print("%s", why.text);
    return is_good ? 0 : EXIT_TROUBLE;
}
