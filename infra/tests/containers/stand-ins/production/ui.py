"""Connects as Temporal's Web UI does, with the settings under its own names, and then stays."""

import os
import signal
import socket
import ssl

assert os.environ["TEMPORAL_TLS_ENABLE_HOST_VERIFICATION"] == "true"
host, port = os.environ["TEMPORAL_ADDRESS"].split(":")
context = ssl.create_default_context(cafile=os.environ["TEMPORAL_TLS_CA"])
context.load_cert_chain(os.environ["TEMPORAL_TLS_CERT"], os.environ["TEMPORAL_TLS_KEY"])
context.set_alpn_protocols(["h2"])
with socket.create_connection((host, int(port)), timeout=10) as plain:
    with context.wrap_socket(plain, server_hostname=os.environ["TEMPORAL_TLS_SERVER_NAME"]) as tls:
        # The server judges a client certificate when it hears the client.
        tls.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5))
        assert tls.recv(9), "the server has hung up"
        print(f"ui: {tls.version()} with {host}, both certificates are good", flush=True)
signal.pause()
