#include "front/api/scrape.h"

#include "common/process.h"
#include "front/api/health.h"
#include "front/api/metrics_text.h"
#include "front/http/problem.h"
#include "front/runs/archive.h"

#define OWN_MAX_BYTES ((size_t)1 << 20) /* enough for the metrics of KEYS_MAX keys */
#define TEXT_MAX_BYTES ((size_t)4 << 20)

static void report_ledgers(const struct service *service, struct samples *samples)
{
    const struct ledger *unread = &service->executions.unread, *portions = &service->portions;
    samples_put(samples, METRIC_UNREAD_BYTES, LABELS("answers"), unread->bytes);
    samples_put(samples, METRIC_UNREAD_BYTES, LABELS("portions"), portions->bytes);
    samples_put(samples, METRIC_UNREAD_GAVE_WAY, LABELS("answers"), unread->gave_way_count);
    samples_put(samples, METRIC_UNREAD_GAVE_WAY, LABELS("portions"), portions->gave_way_count);
}

static bool write_own(const struct service *service, struct buf *out)
{
    struct samples samples;
    samples_begin(&samples, out);
    metrics_report(service->metrics, &samples);
    http_report(service->http, &samples);
    archive_report(service->archive, &samples);
    report_counts_put(&service->suites.reports, &samples);
    report_ledgers(service, &samples);
    gate_report(service->gate, &samples);
    samples_put(&samples, METRIC_READY, LABELS(NULL), health_would_run(service, NULL));
    link_report(service->executions.link, &samples);
    process_report("front", &samples);
    return samples.ok;
}

void scrape_handle(const struct call *call)
{
    const struct service *service = call->service;
    struct buf own, text;
    buf_init(&own, OWN_MAX_BYTES);
    buf_init(&text, TEXT_MAX_BYTES);
    bool ok = write_own(service, &own);
    const struct bytes senders[] = {buf_bytes(&own), link_samples(service->executions.link)};
    ok = ok && metrics_text_write(&text, senders, sizeof senders / sizeof senders[0]);
    buf_release(&own);
    if (ok)
        exchange_answer(call->exchange, 200, METRICS_TEXT_TYPE, &text);
    else
        exchange_answer_problem(call->exchange, &problem_no_memory);
    buf_release(&text);
}
