# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real Postfix with one listener for each behaviour, and what it thinks as a client of each of them."""

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

from mimecast_sandbox.mail_pki import Pki

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
# name -> kind of certificate, and what Postfix is told about the listener
LISTENERS = {
    "good": ("good", ""),
    "self_signed": ("self_signed", ""),
    "expired": ("expired", ""),
    "not_yet_valid": ("not_yet_valid", ""),
    "wrong_host": ("wrong_name", ""),
    "other_ca": ("other_ca", ""),
    "no_starttls": ("", ""),
    "tls10_only": ("rsa", "smtpd_tls_protocols=TLSv1 smtpd_tls_mandatory_protocols=TLSv1 tls_medium_cipherlist=ALL:!aNULL:@SECLEVEL=0"),
    "tls_required": ("good", "smtpd_tls_security_level=encrypt"),
    "implicit_tls": ("good", "smtpd_tls_wrappermode=yes"),
    "auth": ("good", "smtpd_tls_auth_only=yes smtpd_relay_restrictions=permit_sasl_authenticated,reject_unauth_destination"),
    "auth_login": ("good", "smtpd_tls_auth_only=yes smtpd_sasl_mechanism_filter=login"),
    "open_relay": ("good", "smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination"),
    "aes128_only": ("good", "smtpd_tls_protocols=TLSv1.2 tls_medium_cipherlist=ECDHE+AES128"),
}
LEVELS = {"none": "may", "relaxed": "encrypt", "strict": "secure"}  # what a check of each mode is in Postfix's words
FAILED = re.compile(r"certificate verification failed for .*?:\d+: (?:num=\d+:)?(certificate [a-z ]+|[a-z -]+[a-z])")
MAIN = """
compatibility_level = 3.6
myhostname = mx1.acme.example
mydestination =
virtual_mailbox_domains = acme.example
virtual_mailbox_maps = inline:{{ {{ alice@acme.example = alice/ }}, {{ postmaster@acme.example = postmaster/ }} }}
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
def postfix(pki: Pki, sasl: Path) -> Iterator[Running]:
    """A Postfix with all LISTENERS, one of which asks at the socket ``sasl`` who may log in."""
    with tempfile.TemporaryDirectory(prefix="mimecast-postfix-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # Postfix's own user must get in, which pytest's temporary folders do not allow
        with _started(folder, pki, sasl) as ports:
            yield Running(folder, ports)


@dataclass(frozen=True)
class Running:
    """A running Postfix: its folder, and the port of each listener."""

    folder: Path
    ports: Mapping[str, int]

    def address(self, listener: str) -> str:
        return f"127.0.0.1:{self.ports[listener]}"

    def judge(self, listener: str, level: str, name: str, ca: str) -> str:
        """What Postfix as a sender thinks of a listener at a level: how far it trusts it, or why it would not send.

        Enforced levels begin at TLS 1.2, as the service does.
        """
        versions = [] if level == "may" else ["-p", ">=TLSv1.2"]
        wrapped = ["-w"] if listener == "implicit_tls" else []
        command = ["posttls-finger", "-t", "5", "-l", level, *versions, "-F", ca, *wrapped, f"[127.0.0.1]:{self.ports[listener]}", name]
        environment = {**os.environ, "PATH": _search_path(), "MAIL_CONFIG": str(self.folder / "etc")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=15, check=False)
        output = done.stdout + done.stderr
        failed = FAILED.search(output)
        trust = re.search(r"(\w+) TLS connection established", output)
        if failed or trust:
            return failed[1] if failed else trust[1]
        return "protocol version" if "protocol version" in output else "no TLS" if "250-STARTTLS" not in output else output

    def mail_seen(self) -> list[str]:
        """Every trace of a message: files in the queues, and lines of the log about one."""
        spool = self.folder / "spool"
        queues = [spool / name for name in ("maildrop", "incoming", "active", "deferred", "hold", "corrupt", "bounce", "defer")]
        files = [str(path.relative_to(spool)) for queue in queues for path in queue.rglob("*") if path.is_file()]
        log = (self.folder / "maillog").read_text(encoding="utf-8", errors="replace")
        return files + [line for line in log.splitlines() if re.search(r"message-id=|status=|, size=|queue active", line)]


@contextmanager
def _started(folder: Path, pki: Pki, sasl: Path) -> Iterator[dict[str, int]]:
    ports = dict(zip(LISTENERS, _free_ports(len(LISTENERS))))
    etc = folder / "etc"
    for name in ("etc", "spool", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    master = SERVICES
    for name, (certificate, options) in LISTENERS.items():
        tls = f"smtpd_tls_security_level=may smtpd_tls_chain_files={pki.pem(certificate)}" if certificate else "smtpd_tls_security_level=none"
        auth = f"smtpd_sasl_auth_enable=yes smtpd_sasl_type=dovecot smtpd_sasl_path={sasl}" if name.startswith("auth") else ""
        told = " ".join(f"-o {option}" for option in f"{tls} {options} {auth}".split())
        master += f"127.0.0.1:{ports[name]} inet n - n - - smtpd {told}\n"
    (etc / "master.cf").write_text(master)
    (etc / "main.cf").write_text(MAIN.format(folder=folder))
    minute_ago = time.time() - 60
    for path in etc.iterdir():
        os.utime(path, (minute_ago, minute_ago))  # Postfix reads a young file again and again, for 2 s
    _postfix(etc, "start")
    try:
        for name in ports.keys() - {"implicit_tls"}:  # which says nothing before TLS
            _wait_for_greeting(ports[name])
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
