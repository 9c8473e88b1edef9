/* vendor.h - the differences between Docker and Podman, in one place.
 *
 * Podman answers most of Docker's calls as Docker does. It differs in how a container is created,
 * and in the facts that it reports about its host. The rest of the broker asks this file, and names
 * no vendor.
 */
#ifndef MAYFLY_VENDOR_H
#define MAYFLY_VENDOR_H

#include "broker/engine/spec.h"
#include "common/json.h"

struct vendor {
    const char *name; /* "Podman" */
    /* The path of a create without the API version, and that version ("" for the negotiated one).
     * The name is appended to the path if has_name_in_path. */
    const char *create_path, *create_api;
    bool has_name_in_path;
    /* /info says which limits the kernel enforces. Otherwise only the self-test finds out. */
    bool tells_limits;
    /* The create JSON can name one of the engine's OCI runtimes. */
    bool has_choice_of_runtime;
    /* The seccomp profile is a file on the engine's host, and not text. */
    bool reads_profile_file;
    /* The AppArmor profile of its boxes has a name with this beginning. */
    const char *apparmor;
    bool (*write_spec)(const struct spec *spec, struct buf *out);
};

/* Valid for the life of the process. */
const struct vendor *vendor_of(const struct docker_engine *engine);

/* Recognise the vendor by the engine's answer to /version. */
enum engine_vendor vendor_recognize(const struct json *version);

/* Returns the kernel's name for an architecture that an engine may call by Go's name; otherwise the
 * name itself. */
const char *vendor_architecture(const char *name);

#endif
