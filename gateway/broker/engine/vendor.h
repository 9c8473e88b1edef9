/* vendor.h - what differs between the makers of engines, in one place.
 *
 * Podman answers most of Docker's calls as Docker does. It differs where a container is created and
 * in what it reports of its host. The rest of the broker asks here, and names no vendor.
 */
#ifndef MAYFLY_VENDOR_H
#define MAYFLY_VENDOR_H

#include "broker/engine/spec.h"
#include "common/json.h"

struct vendor {
    const char *name; /* "Podman" */
    /* The path of a create: without the API version, and the version; "" for the
     * negotiated one. A name is appended to the path where has_name_in_path. */
    const char *create_path, *create_api;
    bool has_name_in_path;
    /* /info says which limits the kernel enforces. Otherwise the self-test alone finds out. */
    bool tells_limits;
    /* Each box can name one of the engine's OCI runtimes. */
    bool has_choice_of_runtime;
    /* The seccomp profile is a file on the engine's host, and not text. */
    bool reads_profile_file;
    /* The beginning of the name of its boxes' AppArmor profile. */
    const char *apparmor;
    bool (*write_spec)(const struct spec *spec, struct buf *out);
};

/* For the life of the process. */
const struct vendor *vendor_of(const struct docker_engine *engine);

/* By the engine's answer to /version. */
enum engine_vendor vendor_recognize(const struct json *version);

/* The name that the kernel has for an architecture, which engines may call as Go does; else the
 * name itself. */
const char *vendor_architecture(const char *name);

#endif
