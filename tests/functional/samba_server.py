# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Samba Active Directory domain controller in a network namespace of its own; it answers with the error texts of AD."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
PROGRAMS = ("samba", "samba-tool", "ldbmodify", "ldapsearch", "ip", "unshare")
REALM, DOMAIN, BASE = "SAMDOM.EXAMPLE.TEST", "SAMDOM", "DC=samdom,DC=example,DC=test"
ADMIN_PASSWORD, PASSWORD = "Adm1n-Passw0rd", "R3ader-Passw0rd"
SERVER, CLIENT = "198.51.100.10", "198.51.100.9"  # others than those of netns.py
SCHEMA = Path("/usr/share/samba/setup/ad-schema")
INTERFACES = ("--option=interfaces=lo eth0", "--option=bind interfaces only=yes")


def why_not() -> str:
    """Why Samba cannot be used here; empty when it can."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=PLACES)]
    if not missing and not SCHEMA.is_dir():
        missing = ["samba-ad-provision"]
    if missing:
        return f"{' and '.join(missing)} not installed"
    if os.geteuid() != 0:
        return "a network namespace needs root"
    probe = _run("ip", "netns", "add", _namespace(), check=False)
    if probe.returncode:
        return "no network namespace can be made here: " + probe.stderr.strip()
    _run("ip", "netns", "del", _namespace())
    return ""


@dataclass(frozen=True)
class Samba:
    """Reached at ``address``, port 389, 636 and 3269, from the namespace in which it was started."""

    address: str
    folder: Path

    def user(self, name: str, *options: str, addresses: tuple[str, ...] = ()) -> None:
        """A new user with PASSWORD and these proxyAddresses."""
        where = ("-s", str(self.folder / "etc/smb.conf"), "-H", str(self.folder / "private/sam.ldb"))
        _run("samba-tool", "user", "create", name, PASSWORD, *options, *where)
        if addresses:
            rows = "".join(f"proxyAddresses: {one}\n" for one in addresses)
            text = f"dn: CN={name},CN=Users,{BASE}\nchangetype: modify\nadd: proxyAddresses\n{rows}"
            _run("ldbmodify", "-H", where[-1], f"--configfile={where[1]}", input=text)

    def disable(self, name: str) -> None:
        _run("samba-tool", "user", "disable", name, "-s", str(self.folder / "etc/smb.conf"), "-H", str(self.folder / "private/sam.ldb"))


@contextmanager
def samba(pem: Path) -> Iterator[Samba]:
    """A running domain controller with this key and chain; provisioning takes several seconds."""
    namespace = _namespace()
    with tempfile.TemporaryDirectory(prefix="mimecast-samba-") as name:
        folder = Path(name)
        _run("ip", "netns", "add", namespace)
        try:
            _network(namespace)
            _provision(namespace, folder)
            shutil.copy(pem, folder / "private/tls/pair.pem")
            os.chmod(folder / "private/tls/pair.pem", 0o600)
            with _running(namespace, folder):
                yield Samba(SERVER, folder)
        finally:
            _run("ip", "link", "del", f"h{namespace}", check=False)
            _run("ip", "netns", "del", namespace, check=False)


def _namespace() -> str:
    return f"mcdc{os.getpid()}"


def _network(namespace: str) -> None:
    outer = f"h{namespace}"
    _run("ip", "-n", namespace, "link", "set", "lo", "up")
    _run("ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", namespace)
    _run("ip", "-n", namespace, "addr", "add", f"{SERVER}/32", "dev", "eth0")
    _run("ip", "-n", namespace, "link", "set", "eth0", "up")
    _run("ip", "-n", namespace, "route", "add", CLIENT, "dev", "eth0")
    # One address, not the whole network: others may use it for their own namespaces.
    _run("ip", "addr", "add", f"{CLIENT}/32", "peer", f"{SERVER}/32", "dev", outer)
    _run("ip", "link", "set", outer, "up")


def _inside(namespace: str, *command: str) -> list[str]:
    """The command with a host name of its own, as the same process."""
    return ["ip", "netns", "exec", namespace, "unshare", "--uts", "sh", "-c", 'hostname dc1; exec "$@"', "sh", *command]


def _provision(namespace: str, folder: Path) -> None:
    _run(*_inside(
        namespace, "samba-tool", "domain", "provision", "--configfile=/dev/null", f"--targetdir={folder}", f"--realm={REALM}",
        f"--domain={DOMAIN}", "--host-name=dc1", f"--host-ip={SERVER}", "--server-role=dc", "--dns-backend=SAMBA_INTERNAL",
        f"--adminpass={ADMIN_PASSWORD}", "--option=dns forwarder=127.0.0.1", *INTERFACES,
    ))
    for part in ("log", "run", "private/tls"):
        (folder / part).mkdir(parents=True, exist_ok=True)


@contextmanager
def _running(namespace: str, folder: Path) -> Iterator[None]:
    options = {
        "server services": "ldap,cldap,kdc,rpc", "pid directory": folder / "run", "lock directory": folder / "run",
        "ncalrpc dir": folder / "run/ncalrpc", "log file": folder / "log/log.%m", "tls keyfile": folder / "private/tls/pair.pem",
        "tls certfile": folder / "private/tls/pair.pem", "tls cafile": "", "server role check:inhibit": "yes",
        "dcerpc endpoint servers": "epmapper,lsarpc,netlogon,samr,drsuapi",
    }
    command = _inside(
        namespace, "samba", "-i", "-M", "single", "--debug-stdout", "-d", "1", "-s", str(folder / "etc/smb.conf"),
        *(f"--option={name}={value}" for name, value in options.items()),
    )
    with open(folder / "log/out", "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment())
    try:
        _wait(process, folder / "log/out")
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    command = ["ldapsearch", "-x", "-H", f"ldaps://{SERVER}", "-b", "", "-s", "base", "defaultNamingContext"]
    end = time.monotonic() + 60
    while subprocess.run(
        command, check=False, env={**_environment(), "LDAPTLS_REQCERT": "never"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ).returncode:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("samba does not answer:\n" + log.read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.1)


def _run(*command: str, check: bool = True, input: str | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(list(command), check=False, input=input, capture_output=True, text=True, env=_environment())
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)[:300]}: {done.stdout}{done.stderr}")
    return done


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": PLACES}
