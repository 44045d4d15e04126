# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""delivery-route/verify: one real SMTP conversation up to STARTTLS. No mail is sent, and only loopback is dialled.

The fields of request and answer are assumptions; the outcomes follow service-facts section 3 (strict trusted, relaxed,
TLS not supported, connection failed).
"""
from __future__ import annotations

import asyncio
import ssl

from .call import Call
from .errors import Answer
from .state import State

_LIMIT_S = 10
_MOST_LINES = 100


class SmtpError(Exception):
    """The server did not speak SMTP as expected."""


class TlsError(Exception):
    """STARTTLS was offered and accepted, and then the handshake failed."""


async def verify_route(call: Call) -> Answer:
    name, port = call.body["hostname"].lower(), call.body["port"]
    target = dial_target(call.state, name, port)
    if target is None:
        return _answer("connection_failed", f"{name} is not in the address book; the sandbox only connects to loopback")
    try:
        async with asyncio.timeout(_LIMIT_S):
            return await _probe(target, name, call.state.trust)
    except TimeoutError:
        return _answer("connection_failed", f"{name} port {port} did not answer within {_LIMIT_S} seconds")
    except (OSError, SmtpError, EOFError) as error:
        return _answer("connection_failed", f"{name} port {port}: {error}")


def _answer(result: str, message: str) -> Answer:
    return Answer(200, {"result": result, "message": message})


def dial_target(state: State, name: str, port: int) -> tuple[str, int] | None:
    """Where a name is, by the address book; None for what is out of bounds."""
    book = state.address_book
    address = book.get(f"{name}:{port}") or book.get(name)
    if address is None:
        host = "127.0.0.1" if name == "localhost" else name
        address = f"{host}:{port}"
    try:
        return state.target(address)
    except ValueError:
        return None


async def _probe(target: tuple[str, int], name: str, trust: str | None) -> Answer:
    strict = ssl.create_default_context(cafile=trust)
    try:
        if await _converse(target, name, strict):
            return _answer("strict_trusted", "STARTTLS with a trusted certificate for this name")
        return _answer("tls_not_supported", "the server does not offer STARTTLS")
    except TlsError as error:
        reason = str(error)
    relaxed = ssl.create_default_context()
    relaxed.check_hostname = False
    relaxed.verify_mode = ssl.CERT_NONE
    try:
        encrypted = await _converse(target, name, relaxed)
    except TlsError as error:
        return _answer("tls_not_supported", f"STARTTLS is offered but the handshake fails: {error}")
    if not encrypted:
        return _answer("tls_not_supported", "the server offered STARTTLS only once")
    return _answer("relaxed", f"STARTTLS works, the certificate is not trusted: {reason}")


async def _converse(target: tuple[str, int], name: str, context: ssl.SSLContext) -> bool:
    """EHLO, STARTTLS, EHLO, QUIT. False when STARTTLS is not offered."""
    reader, writer = await asyncio.open_connection(*target)
    try:
        await _reply(reader, "220")
        offers = await _command(reader, writer, "EHLO sandbox.invalid", "250")
        if "STARTTLS" not in [line[4:].strip().upper() for line in offers]:
            await _quit(reader, writer)
            return False
        await _command(reader, writer, "STARTTLS", "220")
        try:
            await writer.start_tls(context, server_hostname=name)
        except (OSError, EOFError) as error:
            raise TlsError(getattr(error, "verify_message", "") or str(error)) from error
        await _command(reader, writer, "EHLO sandbox.invalid", "250")
        await _quit(reader, writer)
        return True
    finally:
        writer.transport.abort()


async def _quit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await _command(reader, writer, "QUIT", "221")
    except (OSError, SmtpError):
        pass  # the verdict is known; how the server says goodbye does not change it


async def _command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: str, code: str) -> list[str]:
    writer.write(line.encode("ascii") + b"\r\n")
    await writer.drain()
    return await _reply(reader, code)


async def _reply(reader: asyncio.StreamReader, code: str) -> list[str]:
    lines: list[str] = []
    while len(lines) < _MOST_LINES:
        try:
            raw = await reader.readline()
        except ValueError as error:
            raise SmtpError("the server sent an endless line") from error
        line = raw.decode("ascii", "replace").rstrip()
        lines.append(line)
        if line[3:4] != "-":
            break
    if not lines[-1].startswith(code):
        raise SmtpError(f"expected {code}, got {lines[-1][:120]!r}")
    return lines
