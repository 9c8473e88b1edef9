# Files that go out by a socket: the socket module, asyncio, and http.server.
import asyncio
import http.server
import os
import socket
import threading
import urllib.request

CONTENT = bytes(range(256)) * 4096
with open("file", "wb") as file:
    file.write(CONTENT)


def receive(end, found):
    while data := end.recv(65536):
        found.append(data)


for pair in (socket.socketpair, None):
    if pair:
        a, b = pair()
    else:
        with socket.create_server(("127.0.0.1", 0)) as server:
            a = socket.create_connection(server.getsockname())
            b, _ = server.accept()
    found = []
    reader = threading.Thread(target=receive, args=(b, found))
    reader.start()
    with open("file", "rb") as file:
        print(a.sendfile(file), file.tell())
    a.close()
    reader.join()
    print(b"".join(found) == CONTENT)


async def by_asyncio():
    found = asyncio.get_running_loop().create_future()

    async def serve(reader, writer):
        found.set_result(await reader.read())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    with open("file", "rb") as file:
        print(await asyncio.get_running_loop().sendfile(writer.transport, file))
    writer.close()
    print(await found == CONTENT)
    server.close()


asyncio.run(by_asyncio())


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
    threading.Thread(target=server.serve_forever).start()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/file") as answer:
        print(answer.status, answer.read() == CONTENT)
    server.shutdown()
os.unlink("file")
