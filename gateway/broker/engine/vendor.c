#include "broker/engine/vendor.h"

#include <string.h>

#include "broker/engine/spec_podman.h"

static const struct vendor vendors[] = {
    [ENGINE_DOCKER] = {.name = "Docker",
                       .create_path = "/containers/create?name=",
                       .create_api = "",
                       .has_name_in_path = true,
                       .tells_limits = true,
                       .has_choice_of_runtime = true,
                       .apparmor = "docker-default",
                       .write_spec = spec_write},
    /* Podman's own API, version 4 and later. With its Docker-compatible API, /run and /var/tmp of a
     * read-only box would become writable, and paths could not be masked. */
    [ENGINE_PODMAN] = {.name = "Podman",
                       .create_path = "/libpod/containers/create",
                       .create_api = "4.0.0",
                       .reads_profile_file = true,
                       .apparmor = "containers-default-",
                       .write_spec = spec_podman_write},
};

const struct vendor *vendor_of(const struct docker_engine *engine)
{
    return &vendors[engine->vendor];
}

enum engine_vendor vendor_recognize(const struct json *version)
{
    const struct json *parts = json_get(version, "Components");
    size_t count = json_type_of(parts) == JSON_ARRAY ? json_array_len(parts) : 0;
    for (size_t i = 0; i < count; i++) {
        const struct json *name = json_get(json_array_at(parts, i), "Name");
        if (json_type_of(name) == JSON_STRING &&
            bytes_equal_string(json_string(name), "Podman Engine"))
            return ENGINE_PODMAN;
    }
    return ENGINE_DOCKER;
}

const char *vendor_architecture(const char *name)
{
    return strcmp(name, "amd64") == 0 ? "x86_64" : strcmp(name, "arm64") == 0 ? "aarch64" : name;
}
