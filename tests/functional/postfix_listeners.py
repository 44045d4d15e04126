# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Postfix with one listener per behaviour, for the parity test."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVICES = """
postlog   unix-dgram n - n - 1 postlogd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
proxymap  unix - - n - - proxymap
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
"""
MAIN = """
compatibility_level = 3.6
myhostname = mx1.acme.example
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_host_lookup = native
smtp_dns_support_level = disabled
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file_prefixes = {folder}
maillog_file = {folder}/maillog
smtpd_relay_restrictions = reject_unauth_destination
"""


def why_not() -> str:
    """Why Postfix cannot be used here; empty when it can."""
    missing = [name for name in ("postfix", "posttls-finger") if not shutil.which(name, path=_search_path())]
    if missing:
        return f"{' and '.join(missing)} not installed"
    return "" if os.geteuid() == 0 else "Postfix starts as root only"


@contextmanager
def postfix(listeners: Mapping[str, Path | None]) -> Iterator[Running]:
    """A Postfix with these listeners; each is given its key-and-chain file, or None for no TLS."""
    with tempfile.TemporaryDirectory(prefix="mimecast-postfix-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # Postfix's own user must get in, which pytest's temporary folders do not allow
        with _started(folder, listeners) as ports:
            yield Running(folder / "etc", ports)


@dataclass(frozen=True)
class Running:
    """A running Postfix: its configuration folder, and the port of each listener."""

    etc: Path
    ports: Mapping[str, int]

    def judge(self, listener: str, name: str, ca: str) -> str:
        """What Postfix as a strict sender thinks of a listener: verified, no_tls, or why the verification failed."""
        command = ["posttls-finger", "-t", "5", "-l", "secure", "-F", ca, f"[127.0.0.1]:{self.ports[listener]}", name]
        environment = {**os.environ, "PATH": _search_path(), "MAIL_CONFIG": str(self.etc)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=15, check=False)
        output = done.stdout + done.stderr
        if "Verified TLS connection established" in output:
            return "verified"
        failed = re.search(r"certificate verification failed for .*?:\d+: (.*)", output)
        if failed:
            return failed.group(1)
        return "no_tls" if "250-STARTTLS" not in output and "TLS connection established" not in output else output


@contextmanager
def _started(folder: Path, listeners: Mapping[str, Path | None]) -> Iterator[dict[str, int]]:
    ports = dict(zip(listeners, _free_ports(len(listeners))))
    etc = folder / "etc"
    for name in ("etc", "spool", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    master = SERVICES
    for name, pem in listeners.items():
        tls = f"-o smtpd_tls_security_level=may -o smtpd_tls_chain_files={pem}" if pem else "-o smtpd_tls_security_level=none"
        master += f"127.0.0.1:{ports[name]} inet n - n - - smtpd {tls}\n"
    (etc / "master.cf").write_text(master)
    (etc / "main.cf").write_text(MAIN.format(folder=folder))
    minute_ago = time.time() - 60
    for path in etc.iterdir():
        os.utime(path, (minute_ago, minute_ago))  # Postfix reads a young file again and again, for 2 s
    _postfix(etc, "start")
    try:
        for port in ports.values():
            _wait_for_greeting(port)
        yield ports
    finally:
        _postfix(etc, "stop")


def _postfix(etc: Path, command: str) -> None:
    words = ["postfix", "-c", str(etc), command]
    environment = {**os.environ, "PATH": _search_path()}
    done = subprocess.run(
        words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False
    )
    if done.returncode:
        log = etc.parent / "maillog"
        raise RuntimeError(f"Cannot {command} Postfix: {done.stderr}{log.read_text() if log.exists() else ''}")


def _search_path() -> str:
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _number in range(count)]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


def _wait_for_greeting(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 2) as sock:
                if sock.recv(4).startswith(b"220"):
                    sock.sendall(b"QUIT\r\n")
                    return
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)
