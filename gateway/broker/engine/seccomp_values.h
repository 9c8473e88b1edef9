/* seccomp_values.h - the options, requests and commands that boxes may pass to calls that are
 * filtered by their arguments. Private to seccomp.c.
 *
 * The numbers are the same on all our architectures. Each is used by CPython's standard library or
 * a common package, and tests/docker/seccomp_values.py has a program for it.
 */
#ifndef MAYFLY_SECCOMP_VALUES_H
#define MAYFLY_SECCOMP_VALUES_H

#include <stdint.h>

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* Options of setsockopt, by level. The options that are not listed reach code that no program needs
 * in a box without a network: protocols that are loaded on demand (TCP_ULP, UDP_ENCAP), packet
 * filters, which are compiled in the kernel and not counted (SO_ATTACH_*), zero copy, and multicast
 * groups, whose kernel memory no limit counts. */
static const uint64_t options_of_sockets[] = {
    SO_REUSEADDR, SO_BROADCAST, SO_SNDBUF,   SO_RCVBUF,   SO_KEEPALIVE, SO_OOBINLINE, SO_PRIORITY,
    SO_LINGER,    SO_REUSEPORT, SO_PASSCRED, SO_RCVLOWAT, SO_RCVTIMEO,  SO_SNDTIMEO};
static const uint64_t options_of_tcp[] = {
    TCP_NODELAY, TCP_MAXSEG,  TCP_CORK,         TCP_KEEPIDLE, TCP_KEEPINTVL,    TCP_KEEPCNT,
    TCP_SYNCNT,  TCP_LINGER2, TCP_DEFER_ACCEPT, TCP_QUICKACK, TCP_USER_TIMEOUT, TCP_NOTSENT_LOWAT};
static const uint64_t options_of_ip[] = {
    IP_TOS,          IP_TTL,           IP_PKTINFO,       IP_MTU_DISCOVER,
    IP_RECVERR,      IP_RECVTTL,       IP_RECVTOS,       IP_BIND_ADDRESS_NO_PORT,
    IP_MULTICAST_IF, IP_MULTICAST_TTL, IP_MULTICAST_LOOP};
static const uint64_t options_of_ipv6[] = {
    IPV6_UNICAST_HOPS, IPV6_MULTICAST_IF, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP,
    IPV6_MTU_DISCOVER, IPV6_RECVERR,      IPV6_V6ONLY,         IPV6_RECVPKTINFO,
    IPV6_RECVHOPLIMIT, IPV6_DONTFRAG,     IPV6_RECVTCLASS,     IPV6_TCLASS};

/* The newer forms of TCGETS and TCSETS*, which newer C libraries use. They are defined here because
 * their header clashes with termios.h. */
#define REQUEST_TCGETS2 0x802C542A
#define REQUEST_TCSETS2 0x402C542B
#define REQUEST_TCSETSW2 0x402C542C
#define REQUEST_TCSETSF2 0x402C542D

/* Requests of ioctl for descriptor flags, terminals, facts about an interface, and cloning a file,
 * which copy programs try first. Two requests are left out on purpose: TIOCSTI types into other
 * terminals, and TIOCSETD loads line disciplines on demand. */
static const uint64_t ioctl_requests[] = {
    FIOCLEX,         FIONCLEX,         FIONBIO,     FIOASYNC,      FIONREAD,
    TCGETS,          TCSETS,           TCSETSW,     TCSETSF,       REQUEST_TCGETS2,
    REQUEST_TCSETS2, REQUEST_TCSETSW2, TCSBRK,      TCSBRKP,       REQUEST_TCSETSF2,
    TCXONC,          TCFLSH,           TIOCEXCL,    TIOCNXCL,      TIOCSCTTY,
    TIOCNOTTY,       TIOCGPGRP,        TIOCSPGRP,   TIOCGSID,      TIOCOUTQ,
    TIOCGWINSZ,      TIOCSWINSZ,       TIOCGPTN,    TIOCSPTLCK,    TIOCGPTLCK,
    TIOCGPTPEER,     SIOCGIFNAME,      SIOCGIFCONF, SIOCGIFFLAGS,  SIOCGIFADDR,
    SIOCGIFBRDADDR,  SIOCGIFNETMASK,   SIOCGIFMTU,  SIOCGIFHWADDR, SIOCGIFINDEX,
    FICLONE,
};

/* Commands of fcntl. F_OFD_* is left out: the kernel shows such locks in every namespace, and the
 * standard library does not use them. */
static const uint64_t fcntl_commands[] = {
    F_DUPFD,      F_GETFD,      F_SETFD,     F_GETFL,    F_SETFL,  F_GETLK,
    F_SETLK,      F_SETLKW,     F_SETOWN,    F_GETOWN,   F_SETSIG, F_GETSIG,
    F_SETOWN_EX,  F_GETOWN_EX,  F_SETLEASE,  F_GETLEASE, F_NOTIFY, F_DUPFD_CLOEXEC,
    F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS};

#endif
