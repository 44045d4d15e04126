# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""delivery-route/verify against small real SMTP servers on loopback."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
import trustme
from conftest import ROUTES

NAME = "mx.example.com"


@contextmanager
def smtp(context=None, banner=b"220 ready\r\n", starttls=True):
    """A server that knows EHLO, STARTTLS and QUIT; yields its port and the commands that it got."""
    listener = socket.create_server(("127.0.0.1", 0))
    commands: list[str] = []

    def converse(sock):
        sock.sendall(banner)
        stream = sock.makefile("rb")
        while line := stream.readline():
            word = line.decode().split()[0].upper()
            commands.append(word)
            if word == "STARTTLS":
                sock.sendall(b"220 go\r\n")
                if context is None:
                    sock.sendall(b"this is not TLS\r\n" * 4)
                    return
                sock = context.wrap_socket(sock, server_side=True)
                stream = sock.makefile("rb")
            else:
                offer = b"250-me\r\n250 STARTTLS\r\n" if starttls else b"250 me\r\n"
                sock.sendall({"EHLO": offer, "QUIT": b"221 bye\r\n"}[word])

    def serve():
        while True:
            try:
                sock, _peer = listener.accept()
            except OSError:
                return
            with sock:
                try:
                    converse(sock)
                except OSError:
                    pass

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1], commands
    listener.close()


def tls(authority, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def verify(api, name=NAME, port=25):
    reply = api.call("POST", f"{ROUTES}/verify", {"hostname": name, "port": port})
    assert reply.status == 200 and set(reply.json) == {"result", "message"}
    return reply.json["result"]


@pytest.mark.parametrize(
    ("issuer", "name", "result"),
    [
        ("trusted", NAME, "strict_trusted"),
        ("trusted", "other.example.com", "relaxed"),
        ("stranger", NAME, "relaxed"),
    ],
)
def test_certificates(box, api, authority, issuer, name, result):
    context = tls(authority if issuer == "trusted" else trustme.CA(), name)
    with smtp(context) as (port, commands):
        box.address_book({f"{NAME}:25": f"127.0.0.1:{port}"})
        assert verify(api) == result
    assert set(commands) <= {"EHLO", "STARTTLS", "QUIT"} and commands[-1] == "QUIT"


@pytest.mark.parametrize(
    ("options", "result"),
    [
        ({"starttls": False}, "tls_not_supported"),
        ({}, "tls_not_supported"),
        ({"banner": b"554 no service\r\n"}, "connection_failed"),
        ({"banner": b"x" * 100_000 + b"\r\n"}, "connection_failed"),
    ],
)
def test_bad_servers(box, api, options, result):
    with smtp(**options) as (port, _commands):
        box.address_book({NAME: f"127.0.0.1:{port}"})
        assert verify(api) == result


def test_closed_port(box, api):
    with socket.create_server(("127.0.0.1", 0)) as spare:
        port = spare.getsockname()[1]
    assert verify(api, "127.0.0.1", port) == "connection_failed"


def test_book_prefers_name_and_port(box, api, authority):
    with smtp(tls(authority, NAME)) as (good, _good), smtp(starttls=False) as (plain, _plain):
        box.address_book({NAME: f"127.0.0.1:{plain}", f"{NAME}:2525": f"127.0.0.1:{good}"})
        assert (verify(api, port=25), verify(api, port=2525)) == ("tls_not_supported", "strict_trusted")
        assert verify(api, NAME.upper(), 2525) == "strict_trusted"
        assert verify(api, "localhost", plain) == "tls_not_supported"


@pytest.mark.parametrize("name", [NAME, "192.0.2.1", "10.0.0.1", "2001:db8::1"])
def test_never_leaves_loopback(api, name):
    started = time.monotonic()
    reply = api.call("POST", f"{ROUTES}/verify", {"hostname": name, "port": 25}).json
    assert reply["result"] == "connection_failed" and "only connects to loopback" in reply["message"]
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "body", [{"hostname": NAME}, {"hostname": NAME, "port": 25, "x": 1}, {"hostname": "", "port": 25}]
)
def test_request_is_checked(api, body):
    assert api.call("POST", f"{ROUTES}/verify", body).status == 400


def test_silent_server_does_not_block_others(box, api):
    """The probe waits in the background; its limit of 10 s is not waited for here."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = threading.Thread(target=lambda: verify(api, "127.0.0.1", silent.getsockname()[1]))
        client.start()
        started = time.monotonic()
        box.health()
        assert time.monotonic() - started < 1
        silent.settimeout(5)
        silent.accept()[0].close()
        client.join(5)
        assert not client.is_alive()
