/* seccomp_values.h - the options, requests and commands that boxes may give to calls which are
 * allowed by their arguments. Private to seccomp.c.
 *
 * The numbers are the same on every architecture of ours. A value is here because CPython's
 * standard library or a common package of it uses the value, and tests/docker/seccomp_values.py has
 * a program for each.
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

/* Level and name of setsockopt. What is not here reaches code that no program of a box without a
 * network needs: upper layers that are loaded on demand (TCP_ULP, UDP_ENCAP), packet filters, which
 * are compiled in the kernel and counted nowhere (SO_ATTACH_*), zero copy, and memberships in
 * multicast groups, whose kernel memory no limit counts. */
static const struct {
    uint64_t level, name;
} socket_options[] = {
    {SOL_SOCKET, SO_REUSEADDR},
    {SOL_SOCKET, SO_BROADCAST},
    {SOL_SOCKET, SO_SNDBUF},
    {SOL_SOCKET, SO_RCVBUF},
    {SOL_SOCKET, SO_KEEPALIVE},
    {SOL_SOCKET, SO_OOBINLINE},
    {SOL_SOCKET, SO_PRIORITY},
    {SOL_SOCKET, SO_LINGER},
    {SOL_SOCKET, SO_REUSEPORT},
    {SOL_SOCKET, SO_PASSCRED},
    {SOL_SOCKET, SO_RCVLOWAT},
    {SOL_SOCKET, SO_RCVTIMEO},
    {SOL_SOCKET, SO_SNDTIMEO},
    {IPPROTO_TCP, TCP_NODELAY},
    {IPPROTO_TCP, TCP_MAXSEG},
    {IPPROTO_TCP, TCP_CORK},
    {IPPROTO_TCP, TCP_KEEPIDLE},
    {IPPROTO_TCP, TCP_KEEPINTVL},
    {IPPROTO_TCP, TCP_KEEPCNT},
    {IPPROTO_TCP, TCP_SYNCNT},
    {IPPROTO_TCP, TCP_LINGER2},
    {IPPROTO_TCP, TCP_DEFER_ACCEPT},
    {IPPROTO_TCP, TCP_QUICKACK},
    {IPPROTO_TCP, TCP_USER_TIMEOUT},
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT},
    {IPPROTO_IP, IP_TOS},
    {IPPROTO_IP, IP_TTL},
    {IPPROTO_IP, IP_PKTINFO},
    {IPPROTO_IP, IP_MTU_DISCOVER},
    {IPPROTO_IP, IP_RECVERR},
    {IPPROTO_IP, IP_RECVTTL},
    {IPPROTO_IP, IP_RECVTOS},
    {IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT},
    {IPPROTO_IP, IP_MULTICAST_IF},
    {IPPROTO_IP, IP_MULTICAST_TTL},
    {IPPROTO_IP, IP_MULTICAST_LOOP},
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    {IPPROTO_IPV6, IPV6_MULTICAST_IF},
    {IPPROTO_IPV6, IPV6_MULTICAST_HOPS},
    {IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
    {IPPROTO_IPV6, IPV6_MTU_DISCOVER},
    {IPPROTO_IPV6, IPV6_RECVERR},
    {IPPROTO_IPV6, IPV6_V6ONLY},
    {IPPROTO_IPV6, IPV6_RECVPKTINFO},
    {IPPROTO_IPV6, IPV6_RECVHOPLIMIT},
    {IPPROTO_IPV6, IPV6_DONTFRAG},
    {IPPROTO_IPV6, IPV6_RECVTCLASS},
    {IPPROTO_IPV6, IPV6_TCLASS},
};

/* The newer forms of TCGETS and TCSETS*, which newer C libraries use; their structures clash with
 * termios.h. */
#define REQUEST_TCGETS2 0x802C542A
#define REQUEST_TCSETS2 0x402C542B
#define REQUEST_TCSETSW2 0x402C542C
#define REQUEST_TCSETSF2 0x402C542D

/* Requests of ioctl: flags of descriptors, terminals, what an interface is, and a clone of a file,
 * which copying tries first. TIOCSTI is not here: it types for others. Neither is TIOCSETD, which
 * loads line disciplines on demand. */
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

/* Commands of fcntl, as (command & mask) == value. Without F_OFD_*: the kernel lists such locks in
 * every namespace, and the standard library does not use them. */
static const struct {
    uint32_t mask, value;
} fcntl_commands[] = {
    {0xFFFFFFF8, F_DUPFD},  /* 0 to 7, the last of which is F_SETLKW */
    {0xFFFFFFFC, F_SETOWN}, /* 8 to 11: F_SETOWN, F_GETOWN, F_SETSIG, F_GETSIG */
    {0xFFFFFFFF, F_SETOWN_EX},  {0xFFFFFFFF, F_GETOWN_EX},
    {0xFFFFFFFE, F_SETLEASE}, /* and F_GETLEASE */
    {0xFFFFFFFF, F_NOTIFY},     {0xFFFFFFFF, F_DUPFD_CLOEXEC},
    {0xFFFFFFFF, F_SETPIPE_SZ}, {0xFFFFFFFE, F_GETPIPE_SZ}, /* and F_ADD_SEALS */
    {0xFFFFFFFF, F_GET_SEALS},
};

#endif
