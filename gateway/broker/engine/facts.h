/* facts.h - facts about an engine and about an image: plain data, filled in by docker.h's calls. */
#ifndef MAYFLY_FACTS_H
#define MAYFLY_FACTS_H

#include <stdbool.h>
#include <stdint.h>

enum engine_vendor { ENGINE_DOCKER, ENGINE_PODMAN }; /* vendor.h has the differences */

struct docker_engine {
    enum engine_vendor vendor;
    char version[48]; /* "20.10.24" */
    char api_version
        /* the version that we use: the lower of the engine's newest and the newest that we have
         * tested */
        [16];
    char oci_runtime[32];      /* the engine's default */
    char oci_runtimes[256];    /* ",runc,crun," */
    char gvisor_runtimes[256]; /* names of the gVisor runtimes, in the same form */
    uint32_t cpus;
    bool cgroup_v2;
    bool memory_limit, swap_limit, pids_limit, cpu_limit; /* the limits that the kernel enforces */
    bool socket_memory_limit; /* cgroup v1's separate limit for socket buffers; v2 needs none */
    bool seccomp, userns, rootless;
    /* boxes get an AppArmor profile; never true for an engine without root */
    bool apparmor;
    char architecture[16]; /* "x86_64" */
};

/* Returns true if the engine reports that this OCI runtime is gVisor. */
bool facts_is_gvisor(const struct docker_engine *engine, const char *oci_runtime);

struct docker_image {
    char id[80];        /* "sha256:…" */
    char template[128]; /* label mayfly.template: the command by which init starts the template */
    char protocol[16];  /* label mayfly.protocol */
    char language[24], version[24], packages[512]; /* labels with these names, for people */
    bool has_volumes; /* it has a VOLUME, which would be a writable directory on the host's disk */
};

#endif
