#include "broker/vendor.h"

#include "broker/spec_podman.h"

#include <stdio.h>
#include <string.h>

static const struct vendor vendors[] = {
    [ENGINE_DOCKER] = {.name = "Docker",
                       .create_path = "/containers/create?name=",
                       .create_api = "",
                       .has_name_in_path = true,
                       .tells_limits = true,
                       .has_choice_of_runtime = true,
                       .apparmor = "docker-default",
                       .write_spec = spec_write},
    /* Its own interface, of version 4 and later: the one that is like Docker's cannot leave a
     * read-only box's /run and /var/tmp as they are, nor mask paths. */
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

bool vendor_is_gvisor(const struct docker_engine *engine, const char *oci_runtime)
{
    char name[72];
    snprintf(name, sizeof(name), ",%s,", oci_runtime);
    return strstr(engine->gvisor_runtimes, name) != NULL;
}

const char *vendor_architecture(const char *name)
{
    return strcmp(name, "amd64") == 0 ? "x86_64" : strcmp(name, "arm64") == 0 ? "aarch64" : name;
}
