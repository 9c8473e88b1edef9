/* vendor.h - all differences between Docker and Podman.
 *
 * Podman answers most calls like Docker. It differs in how a container is created, and in what it
 * reports about its host. The rest of the broker asks this file and never mentions a vendor.
 */
#ifndef MAYFLY_VENDOR_H
#define MAYFLY_VENDOR_H

#include "broker/engine/spec.h"
#include "common/json.h"

struct vendor {
    const char *name; /* "Podman" */
    /* create_path is the path for creating a container, without the API version. create_api is the
     * API version for it; "" means the negotiated version. If has_name_in_path, the container's
     * name is appended to the path. */
    const char *create_path, *create_api;
    bool has_name_in_path;
    /* The answer to /info says which limits the kernel enforces. If this is false, only the
     * self-test can find out. */
    bool tells_limits;
    /* The create JSON can choose one of the engine's OCI runtimes. */
    bool has_choice_of_runtime;
    /* The seccomp profile must be a file on the engine's host, and cannot be given as text. */
    bool reads_profile_file;
    /* The AppArmor profile of a box has a name that begins with this text. */
    const char *apparmor;
    bool (*write_spec)(const struct spec *spec, struct buf *out);
};

/* Valid for the life of the process. */
const struct vendor *vendor_of(const struct docker_engine *engine);

/* Recognise the vendor from the engine's answer to /version. */
enum engine_vendor vendor_recognize(const struct json *version);

/* Returns the kernel's name of an architecture for which an engine may use Go's name; other names
 * are returned unchanged. */
const char *vendor_architecture(const char *name);

#endif
