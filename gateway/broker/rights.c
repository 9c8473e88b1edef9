#include "broker/rights.h"

#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Returns the capabilities, as bits, that may be needed to open this socket: none if this user owns
 * it and its mode lets the owner read and write, else CAP_DAC_OVERRIDE. */
static uint32_t needed_for(const char *path)
{
    struct stat status;
    bool owns = stat(path, &status) == 0 && status.st_uid == geteuid() &&
                (status.st_mode & (S_IRUSR | S_IWUSR)) == (S_IRUSR | S_IWUSR);
    return owns ? 0 : UINT32_C(1) << CAP_DAC_OVERRIDE;
}

/* Drop capabilities from the bounding set too, so that a program which this process executes cannot
 * gain them. This needs CAP_SETPCAP. Failures are ignored: without CAP_SETPCAP nothing can be
 * dropped. */
static void drop_bounds(uint32_t kept)
{
    for (unsigned each = 0; each <= CAP_LAST_CAP; each++) {
        if (each >= 32 || !(kept >> each & 1))
            prctl(PR_CAPBSET_DROP, each, 0, 0, 0);
    }
}

bool rights_drop(const char *socket_path, struct error *err)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    uint32_t kept = needed_for(socket_path);
    if (syscall(SYS_capget, &header, sets) < 0)
        return error_errno(err, "capget");
    drop_bounds(kept);
    sets[0].permitted &= kept;
    sets[0].effective = sets[0].permitted;
    sets[0].inheritable = 0;
    memset(&sets[1], 0, sizeof sets[1]);
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
        syscall(SYS_capset, &header, sets) < 0)
        return error_errno(err, "capset");
    return true;
}
