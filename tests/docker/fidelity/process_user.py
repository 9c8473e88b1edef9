import getpass, grp, os, pathlib, pwd
user, group = pwd.getpwuid(os.getuid()), grp.getgrgid(os.getgid())
print(user[:2], user.pw_uid == os.getuid(), user.pw_gid == os.getgid(), user[4:], group[:2], group.gr_gid == os.getgid(), group.gr_mem)
print(pwd.getpwnam(user.pw_name) == user, grp.getgrnam(group.gr_name) == group, os.getgrouplist(user.pw_name, os.getgid()) == [os.getgid()])
print(getpass.getuser(), os.environ["USER"], os.environ["LOGNAME"], os.path.expanduser("~"), pathlib.Path.home(), os.path.expanduser("~root"))
for look_up, key in ((pwd.getpwuid, os.getuid() + 1), (grp.getgrgid, os.getgid() + 1), (pwd.getpwnam, "nobody-such"), (grp.getgrnam, "")):
    try: print(look_up(key))
    except KeyError as error: print(str(error).replace(str(os.getuid() + 1), "N"))
print(pwd.getpwuid(0).pw_name, any(each.pw_name == "root" for each in pwd.getpwall()))
