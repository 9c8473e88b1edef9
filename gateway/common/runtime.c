#include "common/runtime.h"

#include <string.h>

static bool put_text(struct buf *out, enum wire_tag tag, const char *text)
{
    return wire_put(out, tag, text, strlen(text));
}

bool runtimes_encode(struct buf *out, const struct runtimes *runtimes)
{
    size_t before = out->len;
    bool ok = true;
    for (size_t i = 0; ok && i < runtimes->count; i++) {
        const struct runtime *runtime = &runtimes->all[i];
        ok = put_text(out, WIRE_TAG_RUNTIME, runtime->name) &&
             put_text(out, WIRE_TAG_LANGUAGE, runtime->language) &&
             put_text(out, WIRE_TAG_VERSION, runtime->version) &&
             put_text(out, WIRE_TAG_PACKAGES, runtime->packages) &&
             wire_put_u64(out, WIRE_TAG_READY, runtime->ready);
    }
    if (!ok)
        buf_truncate(out, before);
    return ok;
}

static bool take_field(struct runtime *runtime, uint16_t tag, struct bytes value)
{
    switch (tag) {
    case WIRE_TAG_LANGUAGE:
        bytes_copy_cut(runtime->language, sizeof runtime->language, value);
        return true;
    case WIRE_TAG_VERSION:
        bytes_copy_cut(runtime->version, sizeof runtime->version, value);
        return true;
    case WIRE_TAG_PACKAGES:
        bytes_copy_cut(runtime->packages, sizeof runtime->packages, value);
        return true;
    case WIRE_TAG_READY:
        return wire_get_u64(value, &runtime->ready);
    default:
        return true;
    }
}

bool runtimes_decode(struct bytes payload, struct runtimes *runtimes, struct error *err)
{
    struct runtimes read = {0};
    uint16_t tag;
    struct bytes value;
    bool ok = true;
    while (ok && wire_next(&payload, &tag, &value)) {
        if (tag == WIRE_TAG_RUNTIME) {
            ok = read.count < CONFIG_RUNTIMES_MAX && value.len <= JOB_RUNTIME_NAME_MAX;
            if (ok)
                bytes_copy_cut(read.all[read.count++].name, sizeof read.all[0].name, value);
        } else {
            ok = read.count > 0 && take_field(&read.all[read.count - 1], tag, value);
        }
    }
    if (!ok || payload.len != 0)
        return error_set(err, ERR_PROTOCOL, "runtimes frame: a field is broken or misplaced");
    *runtimes = read;
    return true;
}

const struct runtime *runtimes_find(const struct runtimes *runtimes, const char *name)
{
    for (size_t i = 0; i < runtimes->count; i++) {
        if (strcmp(runtimes->all[i].name, name) == 0)
            return &runtimes->all[i];
    }
    return NULL;
}
