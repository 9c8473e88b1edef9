# Options and flags of sockets that reach upper layers, packet filters, pages in flight and urgent data.
import ctypes
import os
import socket
import struct

from attempts import attempt

UDP = socket.SOCK_DGRAM
tcp, udp, udp6 = socket.socket(), socket.socket(type=UDP), socket.socket(socket.AF_INET6, UDP)
local, other = socket.socketpair()
text = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0xFFFF))  # ret 65535
accept_all = struct.pack("HxxxxxxP", 1, ctypes.addressof(text))
group = socket.inet_aton("224.0.0.251") + socket.inet_aton("127.0.0.1")
group6 = socket.inet_pton(socket.AF_INET6, "ff01::1") + struct.pack("i", 1)
ABOVE = 1 << 32


def option(made, level, name, value):
    made.setsockopt(level, name, value)


def longer(made, level, name, value):
    """With a bit above an int, which the kernel drops."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = 54 if os.uname().machine == "x86_64" else 208
    if libc.syscall(number, made.fileno(), ctypes.c_ulong(ABOVE | level), ctypes.c_ulong(ABOVE | name), value, len(value)):
        raise OSError(ctypes.get_errno(), "setsockopt")


attempt("tls", option, tcp, 6, 31, b"tls")
attempt("espintcp", option, tcp, 6, 31, b"espintcp")
attempt("longer tls", longer, tcp, 6, 31, b"tls")
attempt("ESP in UDP", option, udp, 17, 100, 2)
attempt("L2TP in UDP", option, udp, 17, 100, 3)
attempt("filter", option, tcp, 1, 26, accept_all)
attempt("filter of a group", option, udp, 1, 51, accept_all)
attempt("BPF program", option, tcp, 1, 50, 0)
attempt("zero copy", option, tcp, 1, 60, 1)
attempt("repair", option, tcp, 6, 19, 1)
attempt("MD5", option, tcp, 6, 14, bytes(216))
attempt("IP options", option, udp, 0, 4, bytes(40))
attempt("tables", option, tcp, 0, 64, bytes(100))
attempt("group", option, udp, 0, 35, group)
attempt("group of IPv6", option, udp6, 41, 20, group6)
attempt("routing header", option, udp6, 41, 57, bytes(8))
attempt("urgent data", local.send, b"x", socket.MSG_OOB)
attempt("urgent message", local.sendmsg, [b"x"], [], socket.MSG_OOB)
attempt("pages in flight", local.send, b"x", 0x4000000)
attempt("data", local.send, b"x")
