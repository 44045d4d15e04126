# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real slapds with the attributes of Active Directory, one for each behaviour, on free ports of loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BASE = "dc=example,dc=com"
READER, READER_PASSWORD = f"cn=mimecast,{BASE}", "r3ader-Secret"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{BASE}", "adm1n-Secret"
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"])
PROGRAMS = ("slapd", "slapadd", "ldapsearch")

SCHEMA = """
objectidentifier MSAD 1.2.840.113556.1
attributetype ( MSAD:2.210 NAME 'proxyAddresses' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( MSAD:4.8 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( MSAD:5.9 NAME 'user' SUP inetOrgPerson STRUCTURAL MAY ( userAccountControl $ proxyAddresses ) )
"""
CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include {folder}/ad.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
tool-threads 2
{tls}
{settings}
database mdb
suffix {base}
rootdn {admin}
rootpw {password}
directory {folder}/db
maxsize 2147483648
index objectClass eq
{limits}
access to attrs=userPassword by anonymous auth by * none
{access}
"""
# What AD has: at most so many entries without pages, any number with them.
LIMITS = f'limits dn.exact="{READER}" size.soft=10 size.hard=10 size.pr=1000 size.prtotal=unlimited'
READABLE = "access to * by users read by * none"


def why_not() -> str:
    """Why slapd cannot be used here; empty when it can."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=PLACES)]
    return f"{' and '.join(missing)} not installed" if missing else ""


def program(name: str) -> str:
    return shutil.which(name, path=PLACES) or name


@dataclass(frozen=True)
class Slapd:
    """plain and secure are `host:port`; secure is empty where there is no certificate."""

    plain: str
    secure: str
    folder: Path
    pid: int


@contextmanager
def slapd(
    entries: Iterable[str], pem: Path | None = None, settings: str = "", limits: str = LIMITS, access: str = READABLE,
) -> Iterator[Slapd]:
    """A server with these LDIF entries below BASE beside its reader. ``pem`` has key and chain; ``settings`` are global lines."""
    with tempfile.TemporaryDirectory(prefix="mimecast-slapd-") as name:
        folder = Path(name)
        _write(folder, entries, pem, settings, limits, access)
        ports = _free_ports(2)
        plain, secure = (f"127.0.0.1:{port}" for port in ports)
        listeners = f"ldap://{plain}/" + (f" ldaps://{secure}/" if pem else "")
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen([program("slapd"), "-f", folder / "slapd.conf", "-h", listeners, "-d", "0"], stdout=log, stderr=log)
        try:
            _wait(plain, process, folder / "log")
            yield Slapd(plain, secure if pem else "", folder, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def people(count: int, domain: str = "example.com") -> Iterator[str]:
    """LDIF of users with an address and an alias in old.DOMAIN; each tenth is disabled."""
    for number in range(count):
        yield (
            f"dn: cn=user{number},{BASE}\nobjectClass: user\ncn: user{number}\nsn: {number}\nmail: user{number}@{domain}\n"
            f"proxyAddresses: SMTP:user{number}@{domain}\nproxyAddresses: smtp:u{number}@old.{domain}\n"
            f"proxyAddresses: X500:/o=example/cn=user{number}\nuserAccountControl: {514 if number % 10 == 0 else 512}\n"
        )


def _write(folder: Path, entries: Iterable[str], pem: Path | None, settings: str, limits: str, access: str) -> None:
    (folder / "db").mkdir()
    (folder / "ad.schema").write_text(SCHEMA, encoding="ascii")
    tls = f"TLSCertificateFile {pem}\nTLSCertificateKeyFile {pem}" if pem else ""
    config = CONFIG.format(
        folder=folder, base=BASE, admin=ADMIN, password=ADMIN_PASSWORD, tls=tls, settings=settings, limits=limits, access=access)
    (folder / "slapd.conf").write_text(config, encoding="ascii")
    with open(folder / "entries.ldif", "w", encoding="utf-8") as ldif:
        ldif.write(f"dn: {BASE}\nobjectClass: domain\ndc: example\n\n")
        ldif.write(f"dn: {READER}\nobjectClass: person\ncn: mimecast\nsn: mimecast\nuserPassword: {READER_PASSWORD}\n\n")
        ldif.writelines(f"{entry}\n" for entry in entries)
    command = [program("slapadd"), "-q", "-f", folder / "slapd.conf", "-b", BASE, "-l", folder / "entries.ldif"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _number in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    command = [program("ldapsearch"), "-x", "-H", f"ldap://{address}", "-b", "", "-s", "base", "1.1"]
    end = time.monotonic() + 20
    # 255 is that nobody listens; any result of LDAP, a refusal too, is an answer.
    while subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 255:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("slapd does not answer:\n" + log.read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.05)
