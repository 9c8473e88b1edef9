/* Checks jobs: a job that decodes must satisfy what job.h promises, and must be the same after it
 * is encoded and decoded again.
 */
#include "fuzz.h"

#include "common/job.h"

static bool has_nul(struct bytes value)
{
    return value.len && memchr(value.data, 0, value.len);
}

/* Append the job's lists to out again, in their order, and check each value. */
static void put_lists(struct buf *out, const struct job *job)
{
    struct bytes rest = job->fields, value, content;
    uint16_t tag;
    while (wire_next(&rest, &tag, &value)) {
        if (tag == WIRE_TAG_ARG) {
            must(!has_nul(value) && job_put_arg(out, value));
        } else if (tag == WIRE_TAG_OUTPUT_GLOB) {
            must(!has_nul(value) && job_put_output_glob(out, value));
        } else if (tag == WIRE_TAG_ENV) {
            const uint8_t *equals = memchr(value.data, '=', value.len);
            must(!has_nul(value) && equals && equals > value.data);
            size_t name_len = (size_t)(equals - value.data);
            must(job_put_env(out, bytes_of(value.data, name_len),
                             bytes_of(equals + 1, value.len - name_len - 1)));
        } else if (tag == WIRE_TAG_FILE_PATH) {
            must(!has_nul(value) && value.len);
            must(wire_next(&rest, &tag, &content) && tag == WIRE_TAG_FILE_CONTENT);
            must(wire_put(out, WIRE_TAG_FILE_PATH, value.data, value.len) &&
                 wire_put(out, WIRE_TAG_FILE_CONTENT, content.data, content.len));
        }
    }
    must(rest.len == 0);
}

static size_t count(const struct job *job, enum wire_tag tag)
{
    struct bytes cursor = job->fields, value;
    size_t seen = 0;
    while (job_next(&cursor, tag, &value))
        seen++;
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const enum wire_tag lists[] = {WIRE_TAG_ARG, WIRE_TAG_ENV, WIRE_TAG_FILE_PATH,
                                          WIRE_TAG_OUTPUT_GLOB};
    struct job job, again;
    struct error err = {0};
    if (!job_decode(bytes_of(data, len), &job, &err)) {
        must(err.kind == ERR_PROTOCOL && err.text[0]);
        return 0;
    }
    must(job.runtime[0] && job.timeout_ms && job.queue_timeout_ms && job.source.len);
    must(job.limits.memory_bytes && job.limits.cpu_millis && job.limits.pids && job.output_bytes);

    struct buf out;
    buf_init(&out, 2 * len + 1024);
    must(job_encode(&out, &job));
    put_lists(&out, &job);
    must(job_decode(buf_bytes(&out), &again, &err));
    must(strcmp(job.runtime, again.runtime) == 0 && strcmp(job.owner, again.owner) == 0);
    must(limits_equal(&job.limits, &again.limits) && job.output_bytes == again.output_bytes);
    must(job.timeout_ms == again.timeout_ms && job.queue_timeout_ms == again.queue_timeout_ms);
    must(same_bytes(job.source, again.source) && same_bytes(job.stdin_data, again.stdin_data));
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        must(count(&job, lists[i]) == count(&again, lists[i]));
    buf_release(&out);
    return 0;
}
