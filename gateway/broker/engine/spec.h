/* spec.h - the container-create JSON of a box, composed from numbers and names of ours, never from
 * a client's bytes.
 *
 * The one place where the sandbox is written down. Each field is explained where it is set.
 */
#ifndef MAYFLY_SPEC_H
#define MAYFLY_SPEC_H

#include "broker/engine/facts.h"
#include "common/job.h"
#include "common/json.h"

/* These are the same in every box; the self-test (canary.h) looks for them from inside. */
#define SPEC_HOSTNAME "box"
#define SPEC_DIRECTORY "/box"
#define SPEC_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define SPEC_HOME "/tmp"
#define SPEC_LANG "C.UTF-8"
/* The image's name service has it for whatever uid the box runs as (runner-image/names). */
#define SPEC_USER "mayfly"
/* Nobody is there; an engine might write the host's into the box. The image has it too. */
#define SPEC_NAME_SERVER "127.0.0.1"
/* A file may fill its tmpfs and no more; neither may files without content: about 1 KiB each of the
 * box's memory. */
#define SPEC_TMPFS_INODES 16384
/* The OOM killer takes boxes before the gateway and the engine; init raises the program's to 1000.
 */
#define SPEC_OOM_SCORE 500
/* A quarter of the default: under load the gateway comes first. */
#define SPEC_CPU_SHARES 256

struct spec_ulimit {
    const char *name; /* as setrlimit(2) has it, in lower case */
    uint64_t value;   /* soft and hard */
};
#define SPEC_ULIMITS_COUNT 7
struct spec_ulimit spec_ulimit(size_t index, uint64_t tmpfs_bytes);

struct spec {
    const char *name;                   /* the container's */
    const struct docker_engine *engine; /* what it can enforce */
    const struct docker_image *image;
    struct limits limits;
    uint32_t uid;             /* and gid; of this slot alone */
    uint64_t tmpfs_bytes;     /* /box and /tmp, each */
    uint32_t idle_ms;         /* init ends an unused box at this age by itself */
    const char *instance;     /* the gateway's */
    uint64_t deadline_ms;     /* of clock_wall_ms: from then on anybody may remove it */
    struct bytes seccomp;     /* the profile's text, escaped: the inside of a JSON string */
    const char *seccomp_path; /* its file, for engines that read one; "" for others */
    const char *oci_runtime;  /* "" for the engine's default */
};

/* Put a member whose value is a list of texts; `items` ends with NULL. */
void spec_put_list(struct json_out *json, const char *key, const char *const *items);
/* Put the labels by which gateways know their boxes, as an object. */
void spec_put_labels(struct json_out *json, const struct spec *spec);
/* Put the list of paths in /proc and /sys that a box must not see. */
void spec_put_masked_paths(struct json_out *json, const struct spec *spec);

/* Append the JSON for Docker's interface. Returns false when out's cap forbids. */
bool spec_write(const struct spec *spec, struct buf *out);

#endif
