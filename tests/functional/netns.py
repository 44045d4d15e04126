# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network namespaces of their own for tests: a gateway, and a client with addresses of allowed people and of strangers."""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
CLONE_NEWNET = 0x40000000
GATEWAY = {4: "198.51.100.1", 6: "2001:db8:5::1"}
ALLOWED = {4: "198.51.100.2", 6: "2001:db8:5::2"}
STRANGER = {4: "198.51.100.66", 6: "2001:db8:5::66"}
LENGTH = {4: 24, 6: 64}
KIND = {4: socket.AF_INET, 6: socket.AF_INET6}
HARDWARE = "02:00:00:00:05:02"
SOON = 0.4  # seconds; below the second in which a lost SYN is sent again

_numbers = itertools.count()
_libc = ctypes.CDLL(None, use_errno=True)


def why_not(*programs: str) -> str:
    """Why these programs cannot be used in a namespace here; empty when they can."""
    missing = [name for name in ("ip", *programs) if not shutil.which(name, path=PLACES)]
    if missing:
        return f"{' and '.join(missing)} not installed"
    if os.geteuid() != 0:
        return "a network namespace needs root"
    with suppress(OSError), namespace():
        return ""
    return "no network namespace can be made here"


@contextmanager
def namespace() -> Iterator[str]:
    """A new one, by its name."""
    name = f"mcfw{os.getpid()}n{next(_numbers)}"
    run("ip", "netns", "add", name)
    try:
        run("ip", "-n", name, "link", "set", "lo", "up")
        yield name
    finally:
        run("ip", "netns", "del", name)


@contextmanager
def entered(name: str) -> Iterator[None]:
    """This thread within a namespace. Sockets and programs that it starts there belong to it for good."""
    with open("/proc/thread-self/ns/net", "rb") as home, open(f"/run/netns/{name}", "rb") as there:
        _set(there.fileno())
        try:
            yield
        finally:
            _set(home.fileno())


def _set(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns failed")


def run(*command: str, text: str = "") -> str:
    """What a program prints; raises if it fails."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, input=text, env={**os.environ, "PATH": PLACES})
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


@dataclass(frozen=True)
class Net:
    """Two namespaces with a cable between them."""

    gateway: str
    client: str

    def connect(self, source: str, port: int = 25, timeout: float = SOON) -> socket.socket:
        """A connection from one of the client's addresses; raises as socket does."""
        family = 6 if ":" in source else 4
        with entered(self.client):
            made = socket.socket(KIND[family])
        try:
            made.settimeout(timeout)
            made.bind((source, 0))
            made.connect((GATEWAY[family], port))
        except OSError:
            made.close()
            raise
        return made

    def reaches(self, source: str, port: int = 25) -> bool:
        """Whether a connection is answered; a refusal by the system is an answer, silence is not."""
        try:
            self.connect(source, port).close()
        except TimeoutError:
            return False
        except ConnectionRefusedError as error:
            raise AssertionError(f"nobody listens at port {port}") from error
        return True

    def inside(self, *command: str, text: str = "") -> str:
        """A program in the gateway's namespace."""
        return run("ip", "netns", "exec", self.gateway, *command, text=text)


@contextmanager
def gateway_and_client() -> Iterator[Net]:
    """Both, connected, with IPv4 and IPv6."""
    with namespace() as gateway, namespace() as client:
        run("ip", "link", "add", "c0", "netns", client, "address", HARDWARE, "type", "veth", "peer", "name", "s0", "netns", gateway)
        for name, device, addresses in ((gateway, "s0", (GATEWAY,)), (client, "c0", (ALLOWED, STRANGER))):
            for address in addresses:
                for family in (4, 6):
                    nodad = ("nodad",) if family == 6 else ()
                    run("ip", "-n", name, "addr", "add", f"{address[family]}/{LENGTH[family]}", "dev", device, *nodad)
            run("ip", "-n", name, "link", "set", device, "up")
        for address in (ALLOWED, STRANGER):
            # A solicitation that comes before the interface is ready is repeated after a second, which would look like a drop.
            run("ip", "-n", gateway, "neigh", "add", address[6], "lladdr", HARDWARE, "dev", "s0", "nud", "permanent")
        yield Net(gateway, client)


@contextmanager
def echo(net: Net, *ports: int) -> Iterator[None]:
    """A server at the gateway that sends back what it gets, at all these ports, IPv4 and IPv6."""
    with entered(net.gateway):
        listeners = [socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256) for port in ports]
    threads = [threading.Thread(target=_accept, args=(one,), daemon=True) for one in listeners]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for one in listeners:
            one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in threads:
            thread.join(5)


def _accept(listener: socket.socket) -> None:
    with suppress(OSError):
        while True:
            accepted, _address = listener.accept()
            threading.Thread(target=_serve, args=(accepted,), daemon=True).start()


def _serve(accepted: socket.socket) -> None:
    with accepted, suppress(OSError):
        while data := accepted.recv(4096):
            accepted.sendall(data)
