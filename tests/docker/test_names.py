"""Names in a box: localhost and the box itself have an address at once; the lookup of any other name fails at once.

Each test asks a real box; at_once() lets a look-up that waits for somebody run into the deadline of its own.
"""

import pytest

from box import PYTHON, Box

# A look-up that asks a server which is not there waits five seconds for it.
AT_ONCE = """
import asyncio, signal, socket
signal.alarm(4)
"""
OTHERS = ("example.org", "db-1", "host.docker.internal", "x.localdomain")


def run(engine, source):
    with Box(engine.socket) as box:
        result = box.run(AT_ONCE + source)
    assert (result.returncode, bytes(result.stderr)) == (0, b""), result.stderr
    return bytes(result.stdout).decode()


def test_localhost_has_both_addresses(engine):
    assert run(engine, """
print(socket.gethostbyname("localhost"), socket.gethostbyname_ex("localhost")[2])
print(sorted({entry[4][0] for entry in socket.getaddrinfo("localhost", 80)}))
print(socket.getaddrinfo("localhost", 80, socket.AF_INET6, socket.SOCK_STREAM)[0][4][:2])
print(socket.gethostbyaddr("127.0.0.1")[0], socket.gethostbyaddr("::1")[0], socket.getnameinfo(("127.0.0.1", 80), 0)[0])
""") == "127.0.0.1 ['127.0.0.1']\n['127.0.0.1', '::1']\n('::1', 80)\nlocalhost localhost localhost\n"


def test_the_box_has_an_address_that_can_be_listened_on(engine):
    assert run(engine, """
name = socket.gethostname()
address = socket.gethostbyname(name)
server = socket.create_server((name, 0))
client = socket.create_connection((name, server.getsockname()[1]))
accepted, peer = server.accept()
client.sendall(b"hello")
print(address.startswith("127."), accepted.recv(5), socket.getfqdn() in (name, "localhost"))
""") == "True b'hello' True\n"


@pytest.mark.parametrize("name", OTHERS)
def test_no_other_name_has_one(engine, name):
    assert run(engine, f"""
async def find():
    await asyncio.get_running_loop().getaddrinfo({name!r}, 80)
for call in (lambda: socket.gethostbyname({name!r}), lambda: socket.getaddrinfo({name!r}, 80),
             lambda: socket.create_connection(({name!r}, 80)), lambda: asyncio.run(find())):
    try:
        print(call())
    except socket.gaierror as error:
        print(error)
""") == "[Errno -2] Name or service not known\n" * 4


def test_servers_of_the_standard_library_serve(engine):
    assert run(engine, """
import http.server, threading, urllib.request, xmlrpc.client, xmlrpc.server

class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass

def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]

port = serve(http.server.ThreadingHTTPServer(("localhost", 0), Quiet))
print(b"main.py" in urllib.request.urlopen(f"http://localhost:{port}/").read())
rpc = xmlrpc.server.SimpleXMLRPCServer(("localhost", 0), logRequests=False)
rpc.register_function(pow)
print(xmlrpc.client.ServerProxy(f"http://localhost:{serve(rpc)}").pow(2, 5))

async def echo():
    async def answer(reader, writer):
        writer.write(await reader.readline())
        writer.close()
    server = await asyncio.start_server(answer, "localhost", 0)
    family_ports = {each.family.name: each.getsockname()[1] for each in server.sockets}
    reader, writer = await asyncio.open_connection("localhost", family_ports["AF_INET"], family=socket.AF_INET)
    writer.write(b"hello\\n")
    return await reader.readline()
print(asyncio.run(echo()))
""") == "True\n32\nb'hello\\n'\n"


MAIL = """
import smtplib, threading, warnings
warnings.simplefilter("ignore")
import asyncore, smtpd
mail = smtpd.SMTPServer(("localhost", 0), None)
threading.Thread(target=asyncore.loop, args=(0.01,), daemon=True).start()
with smtplib.SMTP("localhost", mail.socket.getsockname()[1]) as client:
    print(client.noop()[0])
"""
# From 3.12 on the library has no mail server of its own: one that knows as much.
MAIL_LATER = """
import smtplib, socketserver, threading
class Answer(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 here\\r\\n")
        while line := self.rfile.readline():
            self.wfile.write(b"221 bye\\r\\n" if line.startswith(b"QUIT") else b"250 yes\\r\\n")
server = socketserver.ThreadingTCPServer(("localhost", 0), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
with smtplib.SMTP("localhost", server.server_address[1]) as client:
    print(client.noop()[0])
"""


def test_mail_is_answered(engine):
    assert run(engine, MAIL if PYTHON < (3, 12) else MAIL_LATER) == "250\n"
