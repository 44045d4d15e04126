# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Dovecot with POP3 and POP3S, and with one loopback address for each behaviour."""

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

USER, PASSWORD, MESSAGES = "journal@example.com", "Pa55+word/of=mine", 3
PLACES = os.pathsep.join(["/usr/sbin", "/usr/lib/dovecot", "/usr/local/sbin"])
# Dovecot takes a peer with its own address for local and then allows passwords in clear text. Connections to 127.0.0.2 and
# so on come from 127.0.0.1, so they are like those of strangers. The penalty would make them wait after each wrong password.
CONFIG = """
protocols = pop3
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = {addresses}
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
ssl = yes
ssl_min_protocol = TLSv1.2
ssl_cert = <{default}
ssl_key = <{default}
auth_mechanisms = plain
auth_failure_delay = 0
disable_plaintext_auth = no
default_process_limit = 20
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail/%u
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""
WITH_CERTIFICATE = "local {address} {{\n  ssl_cert = <{pem}\n  ssl_key = <{pem}\n}}\n"
WITHOUT_TLS = "local {address} {{\n  ssl = no\n}}\n"
WITHOUT_CLEAR_LOGIN = "local {address} {{\n  disable_plaintext_auth = yes\n}}\n"


@dataclass(frozen=True)
class Running:
    """A running Dovecot: the address of each behaviour, and the ports of POP3 and POP3S."""

    addresses: Mapping[str, str]
    pop3: int
    pop3s: int
    folder: Path

    def address(self, behaviour: str, implicit_tls: bool = False) -> str:
        return f"{self.addresses[behaviour]}:{self.pop3s if implicit_tls else self.pop3}"

    def sessions(self) -> list[str]:
        """What Dovecot's log says of each session that was logged in, such as `top=0/0, retr=0/0, del=0/3, size=126`."""
        return re.findall(r"Disconnected: Logged out (.*)", (self.folder / "log").read_text(encoding="utf-8"))


def why_not() -> str:
    """Why Dovecot cannot be used here; empty when it can."""
    missing = [name for name in ("dovecot", "pop3-login") if not shutil.which(name, path=PLACES)]
    if missing:
        return f"{' and '.join(missing)} not installed"
    return "" if os.geteuid() == 0 else "Dovecot starts as root only"


@contextmanager
def dovecot(certificates: Mapping[str, Path]) -> Iterator[Running]:
    """A Dovecot with these certificates (key-and-chain files; 'good' is among them), and with no_tls and no_clear_login."""
    behaviours = [*certificates, "no_tls", "no_clear_login"]
    addresses = {behaviour: f"127.0.0.{number}" for number, behaviour in enumerate(behaviours, 2)}
    with tempfile.TemporaryDirectory(prefix="mimecast-dovecot-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # Dovecot's own users must get in
        pop3, pop3s = _free_ports(list(addresses.values()))
        running = Running(addresses, pop3, pop3s, folder)
        _prepare(running, certificates)
        program = [str(shutil.which("dovecot", path=PLACES)), "-F", "-c", str(folder / "dovecot.conf")]
        process = subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for_greeting(running, process)
            yield running
        finally:
            process.terminate()
            process.wait(10)


def _prepare(running: Running, certificates: Mapping[str, Path]) -> None:
    folder = running.folder
    config = CONFIG.format(folder=folder, addresses=", ".join(running.addresses.values()), default=certificates["good"],
                           pop3=running.pop3, pop3s=running.pop3s)
    for behaviour, address in running.addresses.items():
        template = {"no_tls": WITHOUT_TLS, "no_clear_login": WITHOUT_CLEAR_LOGIN}.get(behaviour, WITH_CERTIFICATE)
        config += template.format(address=address, pem=certificates.get(behaviour))
    (folder / "dovecot.conf").write_text(config, encoding="utf-8")
    users = folder / "users"
    users.write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
    users.chmod(0o644)
    box = folder / "mail" / USER
    for part in ("new", "cur", "tmp"):
        (box / part).mkdir(parents=True)
    for number in range(MESSAGES):
        (box / "new" / f"{number}.test").write_text(f"From: a@example.com\nSubject: {number}\n\nhello\n", encoding="ascii")
    for path in (folder / "mail", *(folder / "mail").rglob("*")):
        shutil.chown(path, "nobody", "nogroup")


def _free_ports(addresses: list[str]) -> tuple[int, int]:
    """Two ports that are free at every one of the addresses."""
    found: list[int] = []
    while len(found) < 2:
        with socket.create_server((addresses[0], 0)) as first:
            port = first.getsockname()[1]
            try:
                for address in addresses[1:]:
                    socket.create_server((address, port)).close()
            except OSError:
                continue
        found.append(port)
    return found[0], found[1]


def _wait_for_greeting(running: Running, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            with socket.create_connection((running.addresses["good"], running.pop3), 2) as sock:
                if sock.recv(3) == b"+OK":
                    sock.sendall(b"QUIT\r\n")
                    return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            log = running.folder / "log"
            raise RuntimeError(f"Cannot start Dovecot: {log.read_text(encoding='utf-8') if log.exists() else process.poll()}")
        time.sleep(0.05)
