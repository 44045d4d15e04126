# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ldap check of a directory of 50,000 users, against a bare paged read of the same attributes by ldap3."""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from paths import COLLECTIONS, ROOT

sys.path.insert(0, str(ROOT / "tests" / "functional"))

USERS = 50_000
ROUNDS = 3
TIMES_BARE = 3  # the check may take this many times the bare read
MOST_MEGABYTES = 200


def check(address: str) -> tuple[float, int]:
    """Seconds of the whole check, and the entries that it counted."""
    import slapd_server
    from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap import LdapCheck, check_ldap

    importlib.import_module("ldap3")  # not measured, as it is not for the bare read
    user, password = slapd_server.READER, slapd_server.READER_PASSWORD
    start = time.monotonic()
    found = check_ldap(LdapCheck(
        "localhost", address=address, tls="none", username=user, password=password, base_dn=slapd_server.BASE, timeout=300,
        internal_domains=("example.com",)))
    return time.monotonic() - start, found.evidence["coverage"]["entries"]


def bare(address: str) -> tuple[float, int]:
    """The same of a read by ldap3 that keeps nothing."""
    import ldap3
    import ldap_opinions
    import slapd_server

    host, _colon, port = address.partition(":")
    start = time.monotonic()
    server = ldap3.Server(host, port=int(port), get_info=ldap3.NONE)
    with ldap3.Connection(server, slapd_server.READER, slapd_server.READER_PASSWORD, auto_bind=True, auto_referrals=False) as connection:
        entries, _values = ldap_opinions.bare_paged_read(connection, slapd_server.BASE, ["mail", "proxyAddresses", "userAccountControl"])
    return time.monotonic() - start, entries


def measure(way: str, address: str) -> tuple[float, float]:
    """Seconds and megabytes of a way, in a process of its own."""
    path = os.pathsep.join([str(COLLECTIONS), str(ROOT / "tests" / "functional")])
    command = [sys.executable, str(Path(__file__).resolve()), way, address]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})
    seconds, entries, megabytes = json.loads(done.stdout)
    if entries != USERS:
        sys.exit(f"{way}: {entries} entries instead of {USERS}")
    return seconds, megabytes


def compare() -> None:
    """Print both, and whether the check keeps within what the design expects."""
    import slapd_server

    if slapd_server.why_not():
        print(f"The ldap check is not measured: {slapd_server.why_not()}")
        return
    found: dict[str, list[tuple[float, float]]] = {"check": [], "bare": []}
    with slapd_server.slapd(slapd_server.people(USERS)) as server:
        for number in range(ROUNDS):
            for way, results in found.items():
                print(f"round {number + 1} of {ROUNDS}: ldap, {way}", flush=True)
                results.append(measure(way, server.plain))
    seconds = {way: statistics.median(one[0] for one in results) for way, results in found.items()}
    most = max(one[1] for one in found["check"])
    ratio = seconds["check"] / seconds["bare"]
    print(f"\nThe ldap check of {USERS} users takes {seconds['check']:.1f} s, a bare paged read by ldap3 {seconds['bare']:.1f} s:")
    print(f"  {ratio:6.2f} times the bare read; expected less than {TIMES_BARE}: {'yes' if ratio < TIMES_BARE else 'NO'}")
    print(f"  {most:6.0f} MB at most; expected less than {MOST_MEGABYTES}: {'yes' if most < MOST_MEGABYTES else 'NO'}")


if __name__ == "__main__":
    spent, counted = {"check": check, "bare": bare}[sys.argv[1]](sys.argv[2])
    print(json.dumps([spent, counted, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
