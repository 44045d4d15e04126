# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A DNS and a mail server, in a process of their own, that take their time for every answer: standard library only.

    with slow_mail(pem, delay=0.05) as running:
        running.dns, running.port       # acme.example and the like have one MX each, acme.mail.example, which leads to 127.0.0.1
    running.peak, running.messages      # connections at one time; commands that begin a message

The certificate in ``pem`` should carry NAMES. More servers are reached at other loopback addresses: ``others`` gives the pem file
of each, or "" for no TLS; they are told to no one by this DNS.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

NAMES = "*.mail.example"
STEPS = 9  # answers that a check by domain waits for: MX, A, AAAA, greeting, EHLO, STARTTLS, handshake, EHLO, QUIT
MX, A = 15, 1


@dataclass
class Running:
    """Where the servers are; peak, connections and messages are known when they have ended."""

    dns: str
    port: int
    pid: int
    peak: int = 0
    connections: int = 0
    messages: int = 0


@contextmanager
def slow_mail(pem: str, delay: float = 0.0, others: Mapping[str, str] | None = None) -> Iterator[Running]:
    """The servers, which end with the context."""
    servers = [f"{address}={file}" for address, file in {"127.0.0.1": pem, **(others or {})}.items()]
    command = [sys.executable, __file__, f"--delay={delay}", *servers]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    running = Running(**json.loads(process.stdout.readline() or "{}"), pid=process.pid)
    try:
        yield running
    finally:
        process.stdin.close()
        for name, count in json.loads(process.stdout.readline() or "{}").items():
            setattr(running, name, count)
        process.stdout.close()
        process.wait(10)


class Dns(asyncio.DatagramProtocol):
    """Answers after the delay: a domain has one MX, its host has one address."""

    def __init__(self, delay: float) -> None:
        self._delay = delay

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asyncio.get_running_loop().call_later(self._delay, lambda: self._transport.sendto(answer(data), addr))


def answer(question: bytes) -> bytes:
    """acme.example has the MX acme.mail.example, which has the A 127.0.0.1; nothing else has anything."""
    end = question.index(b"\0", 12) + 5
    asked, kind = question[12:end], int.from_bytes(question[end - 4:end - 2], "big")
    first, rest = question[12:13 + question[12]], question[13 + question[12]:end - 5]
    data = b""
    if kind == MX and rest == b"\x07example":
        data = b"\x00\x0a" + first + b"\x04mail\x07example\x00"
    elif kind == A and rest == b"\x04mail\x07example":
        data = b"\x7f\x00\x00\x01"
    record = b"\xc0\x0c" + question[end - 4:end] + b"\x00\x00\x01\x2c" + len(data).to_bytes(2, "big") + data if data else b""
    return question[:2] + b"\x85\x80\x00\x01" + (b"\x00\x01" if data else b"\x00\x00") + b"\x00\x00\x00\x00" + asked + record


class Mail:
    """An SMTP server that says what a probe wants to hear, each time after the delay."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self.open = 0
        self.seen = {"peak": 0, "connections": 0, "messages": 0}

    async def serve(self, context: ssl.SSLContext | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.seen["connections"] += 1
        self.seen["peak"] = max(self.seen["peak"], self.open)
        try:
            await self._talk(context, reader, writer)
        except (OSError, EOFError):
            pass  # the probe has left
        finally:
            self.open -= 1
            writer.close()

    async def _talk(self, context: ssl.SSLContext | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        encrypted = False
        await self._say(writer, b"220 mx ESMTP")
        while line := await reader.readline():
            verb = line.strip().upper().partition(b" ")[0]
            if verb == b"EHLO":
                await self._say(writer, b"250-mx\r\n250 SIZE" if encrypted or not context else b"250-mx\r\n250 STARTTLS")
            elif verb == b"STARTTLS" and context:
                await self._say(writer, b"220 go ahead")
                writer.transport.pause_reading()  # the handshake belongs to TLS, not to the reader
                await asyncio.sleep(self._delay)
                await writer.start_tls(context)
                encrypted = True
            elif verb == b"QUIT":
                return await self._say(writer, b"221 bye")
            else:
                self.seen["messages"] += verb in (b"DATA", b"BDAT")
                await self._say(writer, b"250 ok")

    async def _say(self, writer: asyncio.StreamWriter, text: bytes) -> None:
        await asyncio.sleep(self._delay)
        writer.write(text + b"\r\n")
        await writer.drain()


async def main() -> None:
    """Serve until standard input ends; the ports are told first, what was seen last."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("servers", nargs="+")
    options = parser.parse_args()
    loop = asyncio.get_running_loop()
    mail, port = Mail(options.delay), 0
    for server in options.servers:
        address, _equals, pem = server.partition("=")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if pem else None
        if context:
            context.load_cert_chain(pem)
        listening = await asyncio.start_server(lambda reader, writer, context=context: mail.serve(context, reader, writer), address, port, backlog=512)
        port = listening.sockets[0].getsockname()[1]
    transport, _protocol = await loop.create_datagram_endpoint(lambda: Dns(options.delay), ("127.0.0.1", 0))
    print(json.dumps({"dns": "127.0.0.1:{1}".format(*transport.get_extra_info("sockname")), "port": port}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps(mail.seen), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
