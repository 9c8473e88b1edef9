/* spec.h - the create JSON of a box's container. It consists of our own numbers and names, and
 * never contains bytes from a client.
 *
 * This is the one place that defines the sandbox. Each field is explained where it is set.
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
/* The name of the user, whatever the box's uid is: the image's name service knows it
 * (runner-image/names). */
#define SPEC_USER "mayfly"
/* There is no server at this address. Otherwise an engine might write the host's name servers into
 * the box. The image has the same address. */
#define SPEC_NAME_SERVER "127.0.0.1"
/* The maximum number of files of a tmpfs, because even an empty file takes about 1 KiB of the box's
 * memory. */
#define SPEC_TMPFS_INODES 16384
/* The OOM killer then kills boxes before the gateway and the engine. Init raises the program's
 * score to 1000.
 */
#define SPEC_OOM_SCORE 500
/* A quarter of the default: under load the gateway comes first. */
#define SPEC_CPU_SHARES 256

struct spec_ulimit {
    const char *name; /* as in setrlimit(2), in lower case */
    uint64_t value;   /* soft and hard */
};
#define SPEC_ULIMITS_COUNT 7
struct spec_ulimit spec_ulimit(size_t index, uint64_t tmpfs_bytes);

struct spec {
    const char *name;                   /* of the container */
    const struct docker_engine *engine; /* what it can enforce */
    const struct docker_image *image;
    struct limits limits;
    uint32_t uid;             /* the gid too; used by this slot only */
    uint64_t tmpfs_bytes;     /* /box and /tmp, each */
    uint32_t idle_ms;         /* init ends an unused box at this age by itself */
    const char *instance;     /* the gateway's */
    uint64_t deadline_ms;     /* in clock_wall_ms; after it, any gateway may remove the container */
    struct bytes seccomp;     /* the profile's text, escaped for use inside a JSON string */
    const char *seccomp_path; /* the profile's file, for engines that read one; "" for others */
    const char *oci_runtime;  /* "" for the engine's default */
};

/* Write a member whose value is a list of texts. `items` ends with NULL. */
void spec_put_list(struct json_out *json, const char *key, const char *const *items);
/* Write the labels by which gateways recognise their boxes, as an object. */
void spec_put_labels(struct json_out *json, const struct spec *spec);
/* Write the list of paths in /proc and /sys that a box must not see. */
void spec_put_masked_paths(struct json_out *json, const struct spec *spec);

/* Append the JSON for Docker's interface. Returns false when it does not fit into out. */
bool spec_write(const struct spec *spec, struct buf *out);

#endif
