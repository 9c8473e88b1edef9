/* user.c - a module of the C library's name service that gives the box's user and group a name.
 *
 * Each box has its own user id, out of millions, so /etc/passwd cannot list it. This module
 * (libnss_mayfly.so.2, named in /etc/nsswitch.conf) answers for one user and one group: their ids
 * are those of the calling process, and their name is the value of the variable USER. It reads no
 * files and stores nothing. Root and other users of /etc/passwd are found there first.
 */
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define NAME "mayfly"
#define HOME "/tmp"
#define SHELL "/bin/sh"
#define NOT_A_PASSWORD "x"

/* The C library calls these functions; nss.h does not declare them. */
enum nss_status _nss_mayfly_getpwuid_r(uid_t uid, struct passwd *user, char *room, size_t len,
                                       int *error);
enum nss_status _nss_mayfly_getpwnam_r(const char *name, struct passwd *user, char *room,
                                       size_t len, int *error);
enum nss_status _nss_mayfly_getgrgid_r(gid_t gid, struct group *group, char *room, size_t len,
                                       int *error);
enum nss_status _nss_mayfly_getgrnam_r(const char *name, struct group *group, char *room,
                                       size_t len, int *error);

/* The strings of a user, or of a group with an empty member list. The caller may change them. */
struct user_texts {
    char name[sizeof NAME], password[sizeof NOT_A_PASSWORD], about[1], home[sizeof HOME],
        shell[sizeof SHELL];
};
struct group_texts {
    char *no_members[1];
    char name[sizeof NAME], password[sizeof NOT_A_PASSWORD];
};

static enum nss_status want_room(int *error)
{
    *error = ERANGE;
    return NSS_STATUS_TRYAGAIN;
}

static enum nss_status give_user(struct passwd *user, char *room, size_t len, int *error)
{
    static const struct user_texts texts = {NAME, NOT_A_PASSWORD, "", HOME, SHELL};
    struct user_texts *own = (struct user_texts *)room;
    if (len < sizeof *own)
        return want_room(error);
    *own = texts;
    *user = (struct passwd){.pw_name = own->name,
                            .pw_passwd = own->password,
                            .pw_uid = geteuid(),
                            .pw_gid = getegid(),
                            .pw_gecos = own->about,
                            .pw_dir = own->home,
                            .pw_shell = own->shell};
    return NSS_STATUS_SUCCESS;
}

static enum nss_status give_group(struct group *group, char *room, size_t len, int *error)
{
    static const struct group_texts texts = {{NULL}, NAME, NOT_A_PASSWORD};
    size_t skew = (size_t) - (uintptr_t)room % _Alignof(struct group_texts);
    if (len < skew + sizeof texts)
        return want_room(error);
    struct group_texts *own = (struct group_texts *)(room + skew);
    *own = texts;
    *group = (struct group){.gr_name = own->name,
                            .gr_passwd = own->password,
                            .gr_gid = getegid(),
                            .gr_mem = own->no_members};
    return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_mayfly_getpwuid_r(uid_t uid, struct passwd *user, char *room, size_t len,
                                       int *error)
{
    return uid == geteuid() ? give_user(user, room, len, error) : NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_mayfly_getpwnam_r(const char *name, struct passwd *user, char *room,
                                       size_t len, int *error)
{
    return strcmp(name, NAME) == 0 ? give_user(user, room, len, error) : NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_mayfly_getgrgid_r(gid_t gid, struct group *group, char *room, size_t len,
                                       int *error)
{
    return gid == getegid() ? give_group(group, room, len, error) : NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_mayfly_getgrnam_r(const char *name, struct group *group, char *room,
                                       size_t len, int *error)
{
    return strcmp(name, NAME) == 0 ? give_group(group, room, len, error) : NSS_STATUS_NOTFOUND;
}
