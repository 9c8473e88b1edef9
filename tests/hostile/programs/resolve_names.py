# Asks for a name's address.
import socket

try:
    print(socket.getaddrinfo("example.com", 80))
except socket.gaierror as error:
    print(error.errno)
