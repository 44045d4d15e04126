# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL at a task of the journey, then the same again: it ends where a run ends that nobody kills.

Some tasks here, each in its turn by the seed; `make soak` takes every one. MIMECAST_SOAK_SEED chooses others.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

for package in ("dns", "netaddr"):
    pytest.importorskip(package, reason="the DNS or the ranges need it")

import bind_server
from dns_cases import SERVICE
from journeys import Fleet, Journey, customer
from mimecast_sandbox.control import Sandbox
from soak import SEED, state, twins

pytestmark = pytest.mark.skipif(bool(bind_server.why_not()), reason=bind_server.why_not() or "-")
SAMPLE = 3
EVERY_TASK = os.environ.get("MIMECAST_SOAK_TASKS") == "all"
TIMES = re.compile(r'"(created|updated)DateTime": "[^"]*"(, )?')
MORE = {"tls_policies": {"strict": {"add": ["partner.example"]}, "verify": False}}


class Bench:
    """One customer, whose journey begins anew with each tenant and each zone."""

    def __init__(self, sandbox: Sandbox, folder: Any) -> None:
        self.sandbox, self.folder, self.runs = sandbox, folder, 0

    def journey(self, kill: int = 0) -> tuple[dict[str, Any], Journey]:
        """Run until the end, perhaps after a kill at that task. What there is in the end, and the last run."""
        self.runs += 1
        self.sandbox.reset()
        zones = {**SERVICE, "acme.test": "@ MX 10 mx.vendor.test.\n"}
        with bind_server.bind(zones, updatable=True) as authority, bind_server.resolver(authority) as cache:
            self.sandbox.settings(resolver=cache.address)
            fleet = Fleet(self.sandbox, self.folder / str(self.runs))
            dns = {"resolver": cache.address, "backend": "nsupdate", "server": "127.0.0.1", "port": authority.port, "key_name": authority.key.name,
                   "key_secret": authority.key.secret, "nameservers": {"ns1.acme.test": authority.address}}
            fleet.add("acme", "CUKACME", customer("both", "exchange", "acme.test", dns, **MORE), internal_domains=[])
            if kill:
                broken = fleet.connect(JOURNEY_KILL=str(kill))
                assert broken.run.code == -9, broken.run.output
            found = fleet.connect()
            whole = SimpleNamespace(objects=lambda kind: self.sandbox.objects("CUKACME", kind))
            there = {"tenant": state(whole), "twins": twins(state(whole)), **{kind: sorted(authority.dig("acme.test", kind)) for kind in ("MX", "TXT")}}
            return there, found


@pytest.fixture(scope="module")
def bench(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(running_sandbox, tmp_path_factory.mktemp("kills"))


@pytest.fixture(scope="module")
def undisturbed(bench: Bench) -> Iterator[tuple[dict[str, Any], int]]:
    """The end of a journey that nobody kills, and the number of its tasks."""
    there, found = bench.journey()
    assert found.run.code == 0 and "not_reached" not in found.states("acme").values(), found.run.output
    assert there["MX"] != ["10 mx.vendor.test."] and there["twins"] == []
    yield there, sum("started" in row for row in found.rows)


def comparable(there: dict[str, Any]) -> dict[str, Any]:
    """Without what each run makes anew: verification codes, times, and the files that users came in."""
    tenant = {kind: [TIMES.sub("", row) for row in rows] for kind, rows in there["tenant"].items() if kind != "user_imports"}
    return {**there, "tenant": tenant, "TXT": len(there["TXT"])}


def test_a_killed_journey_is_finished_by_the_next_run(bench: Bench, undisturbed: tuple[dict[str, Any], int]) -> None:
    wanted, tasks = undisturbed
    places = range(2, tasks + 1) if EVERY_TASK else sorted(random.Random(SEED).sample(range(2, tasks + 1), SAMPLE))
    for place in places:
        print("seed {0}: killed at task {1} of {2}".format(SEED, place, tasks), flush=True)
        there, found = bench.journey(kill=place)
        assert found.run.recap("acme")["failed"] == 0, found.run.output
        assert comparable(there) == comparable(wanted), place
