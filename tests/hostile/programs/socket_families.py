# Sockets of every family and kind but those that a program may have.
import socket

from attempts import attempt


def make(*args):
    socket.socket(*args).close()


STREAM, DATAGRAM, RAW, SEQUENCED = 1, 2, 3, 5
for name, family, kind, protocol in (
        ("unix", 1, STREAM, 0), ("tcp", 2, STREAM, 6), ("udp", 2, DATAGRAM, 17), ("tcp6", 10, STREAM, 0),
        ("raw", 2, RAW, 1), ("raw6", 10, RAW, 58), ("ping", 2, DATAGRAM, 1), ("sctp", 2, STREAM, 132),
        ("sctp sequenced", 2, SEQUENCED, 132), ("mptcp", 2, STREAM, 262), ("dccp", 2, 6, 33),
        ("udplite", 2, DATAGRAM, 136), ("smc", 43, STREAM, 0), ("ax25", 3, DATAGRAM, 0),
        ("ipx", 4, DATAGRAM, 0), ("x25", 9, SEQUENCED, 0), ("netrom", 6, SEQUENCED, 0),
        ("key", 15, RAW, 2), ("netlink route", 16, RAW, 0), ("netlink xfrm", 16, RAW, 6),
        ("netlink netfilter", 16, RAW, 12), ("netlink generic", 16, RAW, 16),
        ("netlink audit", 16, RAW, 9), ("netlink diag", 16, RAW, 4), ("packet", 17, RAW, 768),
        ("rds", 21, SEQUENCED, 0), ("pppox", 24, STREAM, 0), ("llc", 26, STREAM, 0),
        ("can", 29, RAW, 1), ("tipc", 30, SEQUENCED, 0), ("bluetooth", 31, RAW, 1),
        ("rxrpc", 33, DATAGRAM, 2), ("phonet", 35, DATAGRAM, 0), ("ieee802154", 36, RAW, 0),
        ("caif", 37, SEQUENCED, 0), ("alg", 38, SEQUENCED, 0), ("nfc", 39, SEQUENCED, 0),
        ("vsock", 40, STREAM, 0), ("kcm", 41, DATAGRAM, 0), ("qipcrtr", 42, DATAGRAM, 0),
        ("xdp", 44, RAW, 0)):
    attempt(name, make, family, kind, protocol)
attempt("vsock pair", socket.socketpair, 40, STREAM, 0)
