# Fills the buffers of 40 connections to itself, and says whether they took more than twice the box's memory. Somewhat
# more than all of it they may: the kernel leaves each socket its least.
import socket

LIMIT_BYTES = 64 << 20
held, kept = 0, []
with socket.create_server(("127.0.0.1", 0)) as server:
    while held < 2 * LIMIT_BYTES and len(kept) < 80:
        client = socket.create_connection(server.getsockname())
        other, _ = server.accept()
        kept += [client, other]
        for end in (client, other):
            end.settimeout(0.02)
            try:
                while True:
                    held += end.send(bytes(65536))
            except OSError:
                pass
print("more" if held >= 2 * LIMIT_BYTES else "less", flush=True)
