# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real DNS for tests: BIND as the authoritative server, unbound with a cache of its own in front of it.

    with bind({"acme.test": "@ MX 10 mx1\nmx1 A 192.0.2.1"}, updatable=True) as server, resolver(server) as cache:
        server.dig("acme.test", "MX")                # ["10 mx1.acme.test."], asked at BIND
        cache.dig("acme.test", "MX")                 # the same, kept by unbound for its TTL
        server.update("acme.test", "delete acme.test. MX")
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("named", "unbound", "dig", "nsupdate")
# What a zone text begins with unless it brings a SOA of its own; negative answers are kept for 5 s.
HEADER = "$TTL 300\n@ SOA ns1 hostmaster 1 3600 600 86400 5\n@ NS ns1\nns1 A 127.0.0.1\n"
OPTIONS = """
key "{key.name}" {{ algorithm {key.algorithm}; secret "{key.secret}"; }};
key "{stranger.name}" {{ algorithm {stranger.algorithm}; secret "{stranger.secret}"; }};
options {{
    directory "{folder}"; pid-file "{folder}/named.pid"; session-keyfile "{folder}/session.key"; lock-file none;
    managed-keys-directory "{folder}"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
    recursion no; dnssec-validation no; notify no; empty-zones-enable no; allow-transfer {{ any; }}; querylog yes;
    {options}
}};
controls {{ }};
logging {{ channel all {{ file "{folder}/log"; severity info; print-category yes; }}; category default {{ all; }}; category queries {{ all; }};
    category update {{ all; }}; category update-security {{ all; }}; category security {{ all; }}; }};
"""
UNBOUND = """
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: "{folder}/unbound.pid"
  logfile: "{folder}/log"
  use-syslog: no
  num-threads: 1
  interface: 127.0.0.1
  port: {port}
  do-ip6: no
  do-not-query-localhost: no
  module-config: "iterator"
  local-zone: "test." nodefault
  local-zone: "invalid." nodefault
  log-servfail: yes
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{upstream}
"""  # BIND refuses what it does not hold, so a foreign name is SERVFAIL at once and nothing leaves the machine


@dataclass(frozen=True)
class Key:
    """A TSIG key; secret is base64."""

    name: str
    secret: str
    algorithm: str = "hmac-sha256"


@dataclass(frozen=True)
class Dns:
    """A running server: its port on 127.0.0.1, its folder, and for BIND its zones and keys.

    key may change every zone if the server is updatable; stranger is known to the server but may change nothing.
    """

    port: int
    folder: Path
    zones: tuple[str, ...] = ()
    key: Key = Key("", "")
    stranger: Key = Key("", "")

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def dig(self, name: str, kind: str, *options: str) -> list[str]:
        """Data of the answer as dig shows them with +short, sorted; CNAMEs on the way are among them."""
        return sorted(line for line in self.ask(name, kind, "+short", *options).splitlines() if line)

    def ask(self, name: str, kind: str, *options: str) -> str:
        """All that dig shows."""
        return _dig(self.port, name, kind, *options)

    def status(self, name: str, kind: str) -> str:
        """NOERROR, NXDOMAIN, SERVFAIL, ... as dig shows it."""
        return self.ask(name, kind, "+comments").partition("status: ")[2].partition(",")[0]

    def serial(self, zone: str) -> int:
        """The serial of a zone, which every change raises."""
        return int(self.dig(zone, "SOA")[0].split()[2])

    def records(self, zone: str) -> list[str]:
        """Every record of a zone by transfer, SOA apart: owner, TTL, class, type, data."""
        lines = self.ask(zone, "AXFR", "+onesoa", "+noall", "+answer").splitlines()
        return sorted(" ".join(line.split()) for line in lines if line and line.split()[3] != "SOA")

    def update(self, zone: str, *lines: str, key: Key | None = None) -> None:
        """Change a zone as somebody else would: nsupdate's commands, such as `add x.acme.test. 60 A 192.0.2.1`."""
        used = key or self.key
        script = [f"server 127.0.0.1 {self.port}", f"key {used.algorithm}:{used.name} {used.secret}", f"zone {zone}.", *lines, "send"]
        done = subprocess.run(
            [_program("nsupdate"), "-t", "5"], input="\n".join(script) + "\n", capture_output=True, text=True, timeout=15, check=False
        )
        if done.returncode:
            raise RuntimeError(f"nsupdate: {done.stderr}{done.stdout}")

    def log(self) -> str:
        """What the server has logged so far; BIND logs every question and every update."""
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""


def why_not() -> str:
    """Why these servers cannot be used here; empty when they can."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=_search_path())]
    return f"{' and '.join(missing)} not installed" if missing else ""


def zone_text(text: str) -> str:
    """The text of a zone, with a header where it has no SOA."""
    return text if " SOA " in text else HEADER + text + "\n"


@contextmanager
def bind(zones: Mapping[str, str], *, updatable: bool = False, options: str = "") -> Iterator[Dns]:
    """BIND as the authoritative server of these zones (name -> text of the zone), on a free port of 127.0.0.1.

    updatable: the server's key may change everything. options: more statements for BIND's options block.
    """
    with _folder() as folder:
        key, stranger = (Key(name, base64.b64encode(secrets.token_bytes(32)).decode()) for name in ("update-key", "stranger-key"))
        server = Dns(_free_port(), folder, tuple(zones), key, stranger)
        conf = OPTIONS.format(folder=folder, port=server.port, key=key, stranger=stranger, options=options)
        for number, (name, text) in enumerate(zones.items()):
            (folder / f"zone{number}").write_text(zone_text(text))
            policy = f"update-policy {{ grant {key.name} zonesub ANY; }};" if updatable else ""
            conf += f'zone "{name}" {{ type primary; file "zone{number}"; {policy} }};\n'
        (folder / "conf").write_text(conf)
        with _running(["named", "-4", "-f", "-n", "1", "-c", str(folder / "conf")], server):
            yield server


@contextmanager
def resolver(*servers: Dns) -> Iterator[Dns]:
    """unbound, which asks these servers for their zones and keeps the answers for their TTL; other names are SERVFAIL."""
    with _folder() as folder:
        cache = Dns(_free_port(), folder)
        conf = UNBOUND.format(folder=folder, port=cache.port, upstream=servers[0].port)
        for server in servers:
            for zone in server.zones:
                conf += f'stub-zone:\n  name: "{zone}"\n  stub-addr: 127.0.0.1@{server.port}\n'
        (folder / "conf").write_text(conf)
        with _running(["unbound", "-d", "-c", str(folder / "conf")], cache):
            yield cache


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mimecast-dns-") as name:
        yield Path(name)


@contextmanager
def _running(command: list[str], server: Dns) -> Iterator[None]:
    """The process, once it answers and has loaded every zone."""
    with (server.folder / "output").open("wb") as output:
        words = [_program(command[0]), *command[1:]]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait_until_ready(process, server)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait_until_ready(process: subprocess.Popen[bytes], server: Dns) -> None:
    deadline = time.monotonic() + 20
    while "status:" not in _dig(server.port, "version.bind", "TXT", "CH", "+comments") or server.zones and "all zones loaded" not in server.log():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args[0]} did not start: {(server.folder / 'output').read_text()}{server.log()}")
        time.sleep(0.05)
    faults = [line for line in server.log().splitlines() if line.startswith(("zoneload", "general")) and re.search("fail|error", line)]
    if faults:
        raise RuntimeError("BIND did not load every zone: " + "\n".join(faults))


def _dig(port: int, name: str, kind: str, *options: str) -> str:
    words = [_program("dig"), "+time=2", "+tries=1", "+noall", *(["+answer"] if "+short" not in options else []), "-p", str(port), "@127.0.0.1", name, kind]
    done = subprocess.run([*words, *options], capture_output=True, text=True, timeout=15, check=False)
    return done.stdout


def _program(name: str) -> str:
    return shutil.which(name, path=_search_path()) or name


def _search_path() -> str:
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def _free_port() -> int:
    """A port that is free for UDP and TCP alike."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            port: int = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
