/* Error texts of real engines, and the remedies for them. */
#include "unit.h"

#include "broker/pool/remedy.h"

static const struct {
    const char *error, *part; /* of its remedy; NULL: none is known */
} rows[] = {
    {"the engine answered 404: No such image: mayfly-python:latest", "runner-image/build.sh"},
    {"the engine answered 400: Unknown runtime specified nosuch", "MAYFLY_OCI_RUNTIME"},
    {"the engine answered 400: unknown or invalid runtime name: nosuch", "MAYFLY_OCI_RUNTIME"},
    {"the engine answered 400: failed to create shim: OCI runtime create failed: unable to "
     "retrieve OCI runtime error (open /run/containerd/log.json: no such file or directory): "
     "exec: \"crun\": executable file not found in $PATH: unknown",
     "install the OCI runtime"},
    {"failed to create shim task: OCI runtime create failed: unable to retrieve OCI runtime error "
     "(open log.json: no such file or directory): fork/exec /opt/x: no such file or directory",
     "install the OCI runtime"},
    {"the engine answered 500: error setting seccomp filter: loading seccomp filter: errno 22",
     "MAYFLY_SECCOMP"},
    {"the engine answered 500: write /var/lib/docker/x: no space left on device", "free space"},
    {"the engine answered 400: NanoCPUs can not be set, as your kernel does not support CPU CFS "
     "scheduler or the cgroup is not mounted",
     "CFS"},
    {"the engine answered 500: OCI runtime create failed: cgroups in hybrid mode not supported",
     "crun"},
    {"runc create failed: unable to apply cgroup configuration: pids: no such device",
     "controllers"},
    {"the engine does not enforce a limit: Your kernel does not support swap limit", "controller"},
    {"the engine answered 409: Conflict", NULL},
    {"", NULL},
};

static void knows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *remedy = remedy_for(rows[i].error);
        const char *part = rows[i].part;
        check(remedy && part ? strstr(remedy, part) != NULL : remedy == part, "%s: %s",
              rows[i].error, remedy ? remedy : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(knows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
