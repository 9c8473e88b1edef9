/* spec.h - the create JSON of a box's container. It consists only of our own numbers and names, and
 * never contains bytes of a client.
 *
 * This is the only place that defines the sandbox. Each field is explained where it is set.
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
/* The user has this name, whatever the box's uid is: the image's name service answers so
 * (runner-image/names). */
#define SPEC_USER "mayfly"
/* No server listens at this address. Without it, an engine might write the host's name servers into
 * the box. The image's resolv.conf has the same address. */
#define SPEC_NAME_SERVER "127.0.0.1"
/* The maximal number of files in a tmpfs: even an empty file uses about 1 KiB of the box's
 * memory. */
#define SPEC_TMPFS_INODES 16384
/* With this score, the OOM killer kills boxes before the gateway and the engine. Init raises the
 * program's score to 1000.
 */
#define SPEC_OOM_SCORE 500
/* A quarter of the default. So under load, the gateway and the engine get CPU time before boxes. */
#define SPEC_CPU_SHARES 256

struct spec_ulimit {
    const char *name; /* as in setrlimit(2), in lower case */
    uint64_t value;   /* for the soft and the hard limit */
};
#define SPEC_ULIMITS_COUNT 7
struct spec_ulimit spec_ulimit(size_t index, uint64_t tmpfs_bytes);

struct spec {
    const char *name;                   /* the container's name */
    const struct docker_engine *engine; /* has the limits that can be enforced */
    const struct docker_image *image;
    struct limits limits;
    uint32_t uid;         /* also the gid; used only by this slot */
    uint64_t tmpfs_bytes; /* the size of /box; /tmp has the same */
    uint32_t idle_ms;     /* an unused box ends by itself after this time */
    const char *instance; /* the gateway's name */
    /* in clock_wall_ms; after this time any gateway may remove the container */
    uint64_t deadline_ms;
    struct bytes seccomp; /* the profile, escaped for the inside of a JSON string */
    /* a file with the profile, for engines that read one; "" for others */
    const char *seccomp_path;
    const char *oci_runtime; /* "" for the engine's default */
};

/* Write a member that is a list of texts. `items` ends with NULL. */
void spec_put_list(struct json_out *json, const char *key, const char *const *items);
/* Write the labels by which gateways recognise boxes, as an object. */
void spec_put_labels(struct json_out *json, const struct spec *spec);
/* Write the list of paths in /proc and /sys that are hidden from a box. */
void spec_put_masked_paths(struct json_out *json, const struct spec *spec);

/* Append the JSON for Docker's API. Returns false when it does not fit into out. */
bool spec_write(const struct spec *spec, struct buf *out);

#endif
