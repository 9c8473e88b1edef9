"""Each option, request and command that the profile allows by its value, with a program that uses it; and what uses it.

The programs run inside boxes, with the names of seccomp_programs.PRELUDE and of this PRELUDE at hand.
"""

PRELUDE = r'''
import pty, termios, tty

TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
ON = struct.pack("i", 1)
NUL = bytes(64)


def option(level, name, value=1, family=socket.AF_INET, kind=TCP):
    with socket.socket(family, kind) as made:
        made.setsockopt(level, name, value)


def option6(name, value=1, kind=UDP):
    option(41, name, value, socket.AF_INET6, kind)


def terminal():
    main, other = os.openpty()
    return main, other


def request(number, fd, argument=NUL):
    """A request of a length that needs none of Python's conversions."""
    return fcntl.ioctl(fd, number, bytearray(argument))


def interface(number):
    with socket.socket(socket.AF_INET, UDP) as made:
        return fcntl.ioctl(made, number, b"lo" + bytes(38))


def in_a_session(function):
    """In a child without a controlling terminal."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.setsid()
        try:
            function(os.openpty()[1])
            os._exit(0)
        except OSError as problem:
            os._exit(problem.errno)
    same(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)


def take(fd):
    fcntl.ioctl(fd, termios.TIOCSCTTY, 0)


def lock(command):
    return fcntl.fcntl(new_file(), command, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 1, 0))


def attributes(fd):
    """A terminal's, in the newer form."""
    found = bytearray(64)
    fcntl.ioctl(fd, 0x802C542A, found)
    return bytes(found)


def leases():
    """A lease on a file of one's own, taken and given back."""
    os.close(os.open(HERE, os.O_RDWR | os.O_CREAT, 0o600))
    at = os.open(HERE, os.O_RDONLY)
    fcntl.fcntl(at, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    fcntl.fcntl(at, fcntl.F_SETLEASE, fcntl.F_UNLCK)
'''

# (level, name): a program.
SOCKET_OPTIONS = {
    # ---- any socket ----
    (1, 2): "socket.create_server(('127.0.0.1', 0))  # SO_REUSEADDR",
    (1, 6): "option(1, socket.SO_BROADCAST, kind=UDP)  # asyncio's allow_broadcast",
    (1, 7): "option(1, socket.SO_SNDBUF, 8192)",
    (1, 8): "option(1, socket.SO_RCVBUF, 8192)",
    (1, 9): "option(1, socket.SO_KEEPALIVE)  # HTTP clients",
    (1, 10): "option(1, socket.SO_OOBINLINE)  # telnetlib",
    (1, 12): "option(1, socket.SO_PRIORITY)  # curl",
    (1, 13): "option(1, socket.SO_LINGER, struct.pack('ii', 1, 0))  # servers",
    (1, 15): "option(1, socket.SO_REUSEPORT)  # asyncio's reuse_port",
    (1, 16): "option(1, socket.SO_PASSCRED, family=socket.AF_UNIX)  # credentials, D-Bus",
    (1, 18): "option(1, socket.SO_RCVLOWAT)",
    (1, 20): "option(1, socket.SO_RCVTIMEO, struct.pack('qq', 1, 0))",
    (1, 21): "option(1, socket.SO_SNDTIMEO, struct.pack('qq', 1, 0))",
    # ---- TCP ----
    (6, 1): "option(6, socket.TCP_NODELAY)  # asyncio, http.client",
    (6, 2): "option(6, socket.TCP_MAXSEG, 1000)",
    (6, 3): "option(6, socket.TCP_CORK)  # servers of files",
    (6, 4): "option(6, socket.TCP_KEEPIDLE, 10)  # clients of databases",
    (6, 5): "option(6, socket.TCP_KEEPINTVL, 10)",
    (6, 6): "option(6, socket.TCP_KEEPCNT, 3)",
    (6, 7): "option(6, socket.TCP_SYNCNT, 3)",
    (6, 8): "option(6, socket.TCP_LINGER2, 3)",
    (6, 9): "option(6, socket.TCP_DEFER_ACCEPT, 3)  # servers",
    (6, 12): "option(6, socket.TCP_QUICKACK)",
    (6, 18): "option(6, socket.TCP_USER_TIMEOUT, 1000)  # gRPC, clients of databases",
    (6, 25): "option(6, socket.TCP_NOTSENT_LOWAT, 16384)  # servers of HTTP/2",
    # ---- IP ----
    (0, 1): "option(0, socket.IP_TOS, 16)",
    (0, 2): "option(0, socket.IP_TTL, 10)",
    (0, 8): "option(0, 8, kind=UDP)  # IP_PKTINFO: name servers",
    (0, 10): "option(0, 10, 2, kind=UDP)  # IP_MTU_DISCOVER: QUIC",
    (0, 11): "option(0, 11, kind=UDP)  # IP_RECVERR: glibc's name resolution",
    (0, 12): "option(0, 12, kind=UDP)  # IP_RECVTTL",
    (0, 13): "option(0, socket.IP_RECVTOS, kind=UDP)  # QUIC",
    (0, 24): "option(0, 24)  # IP_BIND_ADDRESS_NO_PORT: HTTP clients",
    (0, 32): "option(0, socket.IP_MULTICAST_IF, socket.inet_aton('127.0.0.1'), kind=UDP)",
    (0, 33): "option(0, socket.IP_MULTICAST_TTL, kind=UDP)",
    (0, 34): "option(0, socket.IP_MULTICAST_LOOP, kind=UDP)",
    (41, 16): "option6(socket.IPV6_UNICAST_HOPS, 10)",
    (41, 17): "option6(socket.IPV6_MULTICAST_IF)",
    (41, 18): "option6(socket.IPV6_MULTICAST_HOPS)",
    (41, 19): "option6(socket.IPV6_MULTICAST_LOOP)",
    (41, 23): "option6(23, 2)  # IPV6_MTU_DISCOVER: QUIC",
    (41, 25): "option6(25)  # IPV6_RECVERR: glibc's name resolution",
    (41, 26): "option6(socket.IPV6_V6ONLY, kind=TCP)  # asyncio, http.server",
    (41, 49): "option6(socket.IPV6_RECVPKTINFO)",
    (41, 51): "option6(socket.IPV6_RECVHOPLIMIT)",
    (41, 62): "option6(socket.IPV6_DONTFRAG)  # QUIC",
    (41, 66): "option6(socket.IPV6_RECVTCLASS)  # QUIC",
    (41, 67): "option6(socket.IPV6_TCLASS, 16)",
}

# Request of ioctl: a program.
REQUESTS = {
    0x5401: "termios.tcgetattr(terminal()[1])",
    0x5402: "at = terminal()[1]; termios.tcsetattr(at, termios.TCSANOW, termios.tcgetattr(at))",
    0x5403: "at = terminal()[1]; termios.tcsetattr(at, termios.TCSADRAIN, termios.tcgetattr(at))",
    0x5404: "tty.setraw(terminal()[1])",
    0x5409: "termios.tcdrain(terminal()[1])",
    0x540A: "termios.tcflow(terminal()[1], termios.TCOON)",
    0x540B: "termios.tcflush(terminal()[1], termios.TCIFLUSH)",
    0x540C: "fcntl.ioctl(terminal()[1], termios.TIOCEXCL)  # pyserial",
    0x540D: "fcntl.ioctl(terminal()[1], termios.TIOCNXCL)",
    0x540E: "in_a_session(take)  # pty.fork",
    0x540F: "in_a_session(lambda at: (take(at), os.tcgetpgrp(at)))",
    0x5410: "in_a_session(lambda at: (take(at), os.tcsetpgrp(at, os.getpgrp())))",
    0x5411: "request(0x5411, terminal()[1])  # TIOCOUTQ: pyserial",
    0x5413: "os.get_terminal_size(terminal()[1])",
    0x5414: "fcntl.ioctl(terminal()[1], termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))  # pexpect",
    0x541B: "fcntl.ioctl(os.pipe()[0], termios.FIONREAD, b'1234')",
    0x5421: "connected()[0].setblocking(False)",
    0x5422: "in_a_session(lambda at: (take(at), fcntl.ioctl(at, termios.TIOCNOTTY)))",
    0x5425: "termios.tcsendbreak(terminal()[1], 0)",
    0x5429: "in_a_session(lambda at: (take(at), request(0x5429, at)))  # tcgetsid",
    0x5441: "os.close(fcntl.ioctl(terminal()[0], 0x5441, os.O_RDWR | os.O_NOCTTY))  # openpty of newer C libraries",
    0x5450: "os.set_inheritable(0, True)",
    0x5451: "os.set_inheritable(os.pipe()[0], False)",
    0x5452: "at, other = connected(); request(0x5452, at.fileno(), ON)  # FIOASYNC",
    0x8910: "socket.if_indextoname(1)",
    0x8912: "with socket.socket() as s: request(0x8912, s.fileno(), struct.pack('i4xP', 0, 0))  # SIOCGIFCONF",
    0x8913: "interface(0x8913)  # SIOCGIFFLAGS: psutil",
    0x8915: "interface(0x8915)  # SIOCGIFADDR: a recipe for one's own address",
    0x8919: "interface(0x8919)  # SIOCGIFBRDADDR",
    0x891B: "interface(0x891B)  # SIOCGIFNETMASK",
    0x8921: "interface(0x8921)  # SIOCGIFMTU: psutil",
    0x8927: "interface(0x8927)  # SIOCGIFHWADDR: uuid",
    0x8933: "same(socket.if_nametoindex('lo'), 1)",
    0x40045431: "c('unlockpt', terminal()[0])",
    0x40049409: "at = new_file()\n"
                "try: fcntl.ioctl(at, 0x40049409, 0)  # FICLONE: cp, pathlib; no clones in memory\n"
                "except OSError as e: assert e.errno in (errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL), e",
    0x402C542B: "at = terminal()[1]; request(0x402C542B, at, attributes(at))",
    0x402C542C: "at = terminal()[1]; request(0x402C542C, at, attributes(at))",
    0x402C542D: "at = terminal()[1]; request(0x402C542D, at, attributes(at))",
    0x80045430: "c('ptsname_r', terminal()[0], ctypes.create_string_buffer(64), 64)",
    0x80045439: "request(0x80045439, terminal()[0])  # TIOCGPTLCK",
    0x802C542A: "attributes(terminal()[1])  # tcgetattr of newer C libraries",
}

# Command of fcntl: a program.
COMMANDS = {
    0: "fcntl.fcntl(0, fcntl.F_DUPFD, 100)",
    1: "fcntl.fcntl(0, fcntl.F_GETFD)",
    2: "fcntl.fcntl(0, fcntl.F_SETFD, 0)",
    3: "os.get_blocking(0)",
    4: "os.set_blocking(os.pipe()[0], False)",
    5: "lock(fcntl.F_GETLK)  # sqlite3",
    6: "fcntl.lockf(new_file(), fcntl.LOCK_EX | fcntl.LOCK_NB)  # sqlite3",
    7: "fcntl.lockf(new_file(), fcntl.LOCK_EX)",
    8: "fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getpid())",
    9: "fcntl.fcntl(os.pipe()[0], fcntl.F_GETOWN)",
    10: "fcntl.fcntl(os.pipe()[0], 10, 0)  # F_SETSIG",
    11: "fcntl.fcntl(os.pipe()[0], 11)  # F_GETSIG",
    15: "fcntl.fcntl(os.pipe()[0], 15, struct.pack('ii', 1, os.getpid()))  # F_SETOWN_EX",
    16: "fcntl.fcntl(os.pipe()[0], 16, struct.pack('ii', 0, 0))  # F_GETOWN_EX",
    1024: "leases()",
    1025: "fcntl.fcntl(new_file(), fcntl.F_GETLEASE)",
    1026: "fcntl.fcntl(os.open('/tmp', os.O_RDONLY), fcntl.F_NOTIFY, 0)",
    1030: "os.dup(0)",
    1031: "fcntl.fcntl(os.pipe()[1], fcntl.F_SETPIPE_SZ, 8192)",
    1032: "fcntl.fcntl(os.pipe()[1], fcntl.F_GETPIPE_SZ)",
    1033: "fcntl.fcntl(os.memfd_create('x', os.MFD_ALLOW_SEALING), fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)",
    1034: "fcntl.fcntl(os.memfd_create('x'), fcntl.F_GET_SEALS)",
}
