# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers for the tests, from Debian packages. Without root or apt-get the tests that need them say so and skip."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

# a program that the tests start -> the packages that bring it
PACKAGES = {
    "posttls-finger": "postfix", "dovecot": "dovecot-core", "pop3-login": "dovecot-pop3d", "slapd": "slapd", "ldapsearch": "ldap-utils", "ip": "iproute2",
    "named": "bind9", "unbound": "unbound", "dig": "bind9-dnsutils",
    "samba": "samba samba-ad-dc samba-ad-provision samba-dsdb-modules samba-vfs-modules", "samba-tool": "samba-common-bin", "ldbmodify": "ldb-tools",
    "nft": "nftables", "iptables": "iptables", "ipset": "ipset", "firewall-cmd": "firewalld", "dbus-daemon": "dbus", "ufw": "ufw",
}
POLICY = Path("/usr/sbin/policy-rc.d")
PLACES = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/lib/dovecot")

Run = Callable[[list[str], Path, Mapping[str, str]], None]


def missing() -> list[str]:
    """Packages whose program is not on this machine."""
    absent = [packages for program, packages in PACKAGES.items() if not shutil.which(program, path=os.pathsep.join(PLACES))]
    return sorted({package for packages in absent for package in packages.split()})


def install(run: Run, env: Mapping[str, str]) -> None:
    """Install what is missing if this is a Debian machine and we are root; raises what ``run`` raises."""
    wanted = missing()
    if not wanted or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**env, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_daemons():
        run(["apt-get", "update", "-qq"], Path("/"), quiet)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted], Path("/"), quiet)


@contextlib.contextmanager
def _no_daemons() -> Iterator[None]:
    """Packages must not start their servers: the tests start their own, on their own ports."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


if __name__ == "__main__":
    install(lambda command, folder, env: subprocess.run(command, cwd=folder, env=dict(env), check=True) and None, os.environ)
