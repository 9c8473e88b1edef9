#include "front/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/number.h"

/* The leak checker traces its own process, which is impossible if that is not dumpable.
 */
#ifdef __SANITIZE_ADDRESS__
#define DUMPABLE 1
#else
#define DUMPABLE 0
#endif

/* Find a user by name, or by number if there is no user database (in a minimal container). */
static bool find_user(const char *name, uid_t *uid, gid_t *gid, struct error *err)
{
    uint64_t number;
    const struct passwd *entry = getpwnam(name); /* cppcheck-suppress getpwnamCalled */
    if (entry) {
        *uid = entry->pw_uid;
        *gid = entry->pw_gid;
    } else if (number_parse_uint(name, strlen(name), &number) && number < UINT32_MAX) {
        *uid = *gid = (uid_t)number;
    } else {
        return error_set(err, ERR_INVALID, "MAYFLY_USER: there is no user \"%s\"", name);
    }
    return *uid != 0 || error_set(err, ERR_INVALID, "MAYFLY_USER must not be root");
}

static bool become(const char *name, struct error *err)
{
    uid_t uid = 0;
    gid_t gid = 0;
    if (!find_user(name, &uid, &gid, err))
        return false;
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return error_errno(err, "cannot become user \"%s\"", name);
    if (setuid(0) == 0)
        return error_set(err, ERR_SYSTEM, "could become root again after dropping it");
    return true;
}

/* Die when the supervisor dies. A change of user has cleared the setting that was made after the
 * fork. */
static bool die_with(pid_t supervisor, struct error *err)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return error_errno(err, "cannot tie this process to its supervisor");
    if (getppid() != supervisor)
        return error_set(err, ERR_SYSTEM, "the supervisor is gone");
    return true;
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

bool privileges_drop(const struct config *config, pid_t supervisor, struct error *err)
{
    raise_descriptor_limit();
    if (geteuid() == 0 && !become(config->user, err))
        return false;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, DUMPABLE) != 0)
        return error_errno(err, "cannot give up privileges");
    if (supervisor != 0 && !die_with(supervisor, err))
        return false;
    if (access(config->engine_socket, W_OK) == 0)
        return error_set(err, ERR_INVALID,
                         "the front can open the engine's socket, and must not: start it as root, "
                         "with a MAYFLY_USER who cannot, or deny this user access to the socket");
    return true;
}
