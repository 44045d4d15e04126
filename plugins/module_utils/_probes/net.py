# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""From a host name to a connected socket, within one deadline for everything."""

from __future__ import annotations

import errno
import ipaddress
import queue
import socket
import threading
import time
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable

MAX_ADDRESSES = 8
QUIT_SECONDS = 0.3
NAME_UNKNOWN = {getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA") if hasattr(socket, name)}
# What a failed connection is called; anything else counts as network_unreachable.
CONNECT_CODES = {
    errno.ECONNREFUSED: "connection_refused",
    errno.ECONNRESET: "connection_refused",
    errno.ETIMEDOUT: "connection_timed_out",
}


class ProbeFailure(Exception):
    """A finding that ends a check: a code of the verdict table and the facts for its sentence."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Deadline:
    """One end for a whole check, `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; socket.timeout when none are, so that it reads like any other timeout."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise socket.timeout("the time for the check is over")
        return left


@contextmanager
def timed(timings: Dict[str, int], phase: str) -> Iterator[None]:
    """Note how long the phase took, in milliseconds, also when it fails."""
    start = time.monotonic()
    try:
        yield
    finally:
        timings[phase] = round((time.monotonic() - start) * 1000)


def to_alabel(host: str) -> str:
    """The host name in its ASCII form, without the final dot (IDNA 2003, which is what the standard library knows)."""
    name = host.strip().rstrip(".")
    if is_address(name):
        return name
    if any(mark in name for mark in ":/@"):
        raise ProbeFailure("host_name_invalid", reason="give just the name; a port has an option of its own")
    if not name or len(name) > 253:
        raise ProbeFailure("host_name_invalid", reason="it needs 1 to 253 characters")
    try:
        ascii_name = name.encode("ascii" if name.isascii() else "idna").decode("ascii").lower()
    except UnicodeError as exc:
        raise ProbeFailure("host_name_invalid", reason=printable(str(exc), 200)) from exc
    if not all(_is_label(label) for label in ascii_name.split(".")):
        raise ProbeFailure("host_name_invalid", reason="a label has 1 to 63 letters, digits and hyphens")
    return ascii_name


def is_address(host: str) -> bool:
    """Whether this is an IPv4 or IPv6 address, as opposed to a name."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def split_address(address: str, default_port: int) -> Tuple[str, int]:
    """`host`, `host:port`, `v6` or `[v6]:port` as (host, port); ProbeFailure check_invalid for anything else."""
    text = address.strip()
    host, port = text, ""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ProbeFailure("check_invalid", reason=f"'{printable(text, 100)}' is no address")
        port = rest[1:]
    elif text.count(":") == 1:
        host, _colon, port = text.partition(":")
    if port and not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise ProbeFailure("check_invalid", reason=f"'{printable(text, 100)}' has no valid port")
    return host, int(port) if port else default_port


def join_address(host: str, port: int) -> str:
    """`host:port`, with the brackets that an IPv6 address needs."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def resolve(host: str, port: int, deadline: Deadline) -> List[Tuple[int, Any]]:
    """(family, socket address) pairs of the host in the system's order, at most MAX_ADDRESSES.

    getaddrinfo knows no timeout. It gets a daemon thread of its own, which may outlive the check but never holds it up.
    An address is none of its business, unless it has a zone that is to become a number.
    """
    if is_address(host) and "%" not in host:
        return [socket_address(host, port)]
    answers: queue.Queue[Any] = queue.Queue()
    threading.Thread(target=_look_up, args=(host, port, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except (queue.Empty, socket.timeout) as exc:
        raise ProbeFailure("name_resolution_failed", reason="no answer in time") from exc
    if isinstance(answer, socket.gaierror) and answer.errno in NAME_UNKNOWN:
        raise ProbeFailure("name_not_found")
    if isinstance(answer, Exception):
        raise ProbeFailure("name_resolution_failed", reason=printable(str(answer), 200))
    addresses: List[Tuple[int, Any]] = answer[:MAX_ADDRESSES]
    return addresses


def socket_address(address: str, port: int) -> Tuple[int, Any]:
    """Family and socket address of an IPv4 or IPv6 address."""
    return (socket.AF_INET6, (address, port, 0, 0)) if ":" in address else (socket.AF_INET, (address, port))


def connect(addresses: List[Tuple[int, Any]], deadline: Deadline, tried: Optional[List[Dict[str, str]]] = None) -> socket.socket:
    """A socket to the first address that answers; the time left is shared out, so one dead address cannot use it all up.

    Each attempt is noted in `tried`. The failure told is that of the first address that could be reached at all.
    """
    failures: List[ProbeFailure] = []
    for index, (family, where) in enumerate(addresses):
        result = "connected"
        try:
            return _connect_one(family, where, deadline.left() / (len(addresses) - index))
        except OSError as exc:
            timed_out = isinstance(exc, socket.timeout)
            code = "connection_timed_out" if timed_out else CONNECT_CODES.get(exc.errno or 0, "network_unreachable")
            failures.append(ProbeFailure(code, reason=printable(exc.strerror or str(exc), 200)))
            result = code
        finally:
            if tried is not None:
                tried.append({"address": join_address(where[0], where[1]), "result": result})
    reached = [failure for failure in failures if failure.code != "network_unreachable"]
    raise (reached or failures)[0]


def has_waiting_bytes(sock: socket.socket) -> bool:
    """Whether the other side has sent what nobody has read yet. The socket does not block afterwards."""
    try:
        sock.setblocking(False)
        return bool(sock.recv(1, socket.MSG_PEEK))
    except OSError:
        return False


def send_quit(sock: socket.socket, deadline: Deadline) -> None:
    """Say QUIT and hear the answer, if it comes soon."""
    try:
        sock.settimeout(min(QUIT_SECONDS, deadline.left()))
        sock.sendall(b"QUIT\r\n")
        sock.recv(4096)
    except OSError:
        pass


def _connect_one(family: int, where: Any, seconds: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(where)
    except BaseException:
        sock.close()
        raise
    return sock


def _look_up(host: str, port: int, answers: queue.Queue[Any]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        answers.put([(family, where) for family, _type, _protocol, _name, where in found])
    except Exception as exc:  # everything must reach the waiting check
        answers.put(exc)


def _is_label(label: str) -> bool:
    return 0 < len(label) <= 63 and all(character.isalnum() or character in "-_" for character in label)
