#include "broker/pool/remedy.h"

#include <stddef.h>
#include <string.h>

/* The first row whose words are all in the error applies. The more specific rows come first. */
static const struct {
    const char *words[2];
    const char *remedy;
} remedies[] = {
    {{"No such image", NULL},
     "runner-image/build.sh builds the boxes' images on the engine of DOCKER_HOST"},
    {{"no space left on device", NULL}, "free space on the engine's disk (docker system df)"},
    {{"unknown or invalid runtime", NULL},
     "set MAYFLY_OCI_RUNTIME to a runtime that docker info lists, or leave it empty"},
    {{"Unknown runtime", NULL},
     "set MAYFLY_OCI_RUNTIME to a runtime that docker info lists, or leave it empty"},
    {{"OCI runtime create failed", "executable file not found in $PATH"},
     "install the OCI runtime on the engine's host, or name another in MAYFLY_OCI_RUNTIME; or the "
     "image lacks mayfly-init: rebuild it with runner-image/build.sh"},
    {{"fork/exec", "no such file or directory"},
     "install the OCI runtime on the engine's host, or name another in MAYFLY_OCI_RUNTIME"},
    {{"unable to retrieve OCI runtime error", NULL},
     "install the OCI runtime on the engine's host, or name another in MAYFLY_OCI_RUNTIME"},
    {{"seccomp", NULL},
     "the engine or its OCI runtime is too old for the seccomp profile: upgrade it, or name "
     "another profile in MAYFLY_SECCOMP"},
    {{"hybrid", "cgroup"},
     "crun does not work with hybrid cgroups: use runc, or a private engine (deploy/engine.sh)"},
    {{"does not support", "CPU"},
     "the kernel lacks the CFS quota (CONFIG_CFS_BANDWIDTH), or its cgroup is not delegated"},
    {{"does not enforce a limit", NULL},
     "the kernel or the engine's cgroup driver lacks that controller, which every box needs"},
    {{"cgroup", NULL},
     "the engine's cgroups do not accept a limit: check that memory, pids and cpu are among its "
     "controllers (docker info)"},
    {{"permission denied", "docker.sock"},
     "the gateway's user needs access to the engine's socket"},
    {{"too many open files", NULL}, "raise the engine's limit of open files (LimitNOFILE)"},
};

const char *remedy_for(const char *error_text)
{
    for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++) {
        const char *const *words = remedies[i].words;
        if (strstr(error_text, words[0]) && (!words[1] || strstr(error_text, words[1])))
            return remedies[i].remedy;
    }
    return NULL;
}
