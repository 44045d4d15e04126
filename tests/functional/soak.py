# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run in a process of its own, which is killed at a chosen request, and what its tenant holds afterwards.

As a script it is that run: connection, document and the number of runs on stdin, one result for each run on stdout.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT_S = 60
SEED = int(os.environ.get("MIMECAST_SOAK_SEED", "20300131"))
KILLS = int(os.environ.get("MIMECAST_SOAK_KILLS", "5"))
HELD = "the moment of the kill"
MADE_BY_THE_SERVICE = {"ref", "publicKey", "privateKey"}
# before: the write is on its way and never arrives; during: it arrives and is carried out, but nobody hears of it;
# after: its answer has arrived, and the next request never does. A run that dies can leave nothing else behind.
MOMENTS = ("before", "during", "after")


@dataclass(frozen=True)
class Kill:
    """Where a run is killed: ``position`` is the share of its writes that come before the one that is meant."""

    start: str
    moment: str
    position: float

    def __str__(self) -> str:
        return "{0}, {1} the write at {2:.1%}".format(self.start, self.moment, self.position)


def kills(starts: tuple[str, ...]) -> list[Kill]:
    """KILLS random places, the same for the same SEED; every start and every moment gets its share."""
    chance = random.Random(SEED)
    return [Kill(starts[number % len(starts)], MOMENTS[number % len(MOMENTS)], chance.random()) for number in range(KILLS)]


class Process:
    """``runs`` runs of mimecast_tenant, one after the other, in a process of their own."""

    def __init__(self, connection: dict[str, Any], document: dict[str, Any], runs: int) -> None:
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._process = subprocess.Popen(
            [sys.executable, __file__], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._process.stdin
        json.dump([connection, document, runs], self._process.stdin)
        self._process.stdin.close()
        self._process.stdin = None

    def results(self) -> list[dict[str, Any]]:
        """What the runs answered."""
        try:
            out, errors = self._process.communicate(timeout=LIMIT_S)
        finally:
            self._process.kill()
        assert self._process.returncode == 0, errors
        return [json.loads(line) for line in out.splitlines()]

    def kill(self) -> None:
        """SIGKILL: no handler runs, no file is closed, no connection is ended in good order."""
        assert self._process.poll() is None, "it ended before it could be killed"
        self._process.kill()
        out, _errors = self._process.communicate(timeout=LIMIT_S)
        assert self._process.returncode == -signal.SIGKILL and out == ""


def killed(tenant: Any, document: dict[str, Any], writes: list[int], kill: Kill) -> int:
    """Run the document and kill the run; returns how many writes the tenant has seen.

    ``writes`` are the places of the writes among all requests of an undisturbed run, from 0.
    """
    sandbox, number = tenant.sandbox, int(kill.position * len(writes))
    place = writes[number] + (kill.moment == "after")
    sandbox.clear_requests()
    sandbox.faults([{"kind": "hold", "name": HELD, "after": place}])
    process = Process(tenant.connection, document, runs=1)
    try:
        _until(lambda: sandbox.health()["waiting"].get(HELD), "request number {0}".format(place))
    finally:
        process.kill()
    if kill.moment != "during":
        sandbox.expire_tokens(tenant.code)  # what is held is refused when it goes on, as if it had never arrived
    sandbox.clear_faults()
    _until(lambda: all(one["ms"] for one in sandbox.requests()), "the end of what was held")
    seen = sum(one["wrote"] for one in sandbox.requests())
    assert seen == number + (kill.moment != "before"), "the kill struck where it was not meant to"
    return seen


def places_of_writes(tenant: Any) -> list[int]:
    """Where the writes stand among the requests since the last look, from 0."""
    return [place for place, one in enumerate(tenant.sandbox.requests()) if one["wrote"]]


def state(tenant: Any) -> dict[str, list[str]]:
    """What the service stores, seen from behind: names for references, and without what each run makes anew."""
    registry = _registry()
    rows = {kind: tenant.objects(kind) for kind in registry}
    names = {kind: {row["ref"]: row.get("description") for row in found} for kind, found in rows.items()}
    return {
        kind: sorted(json.dumps(_plain(registry[kind].references, row, names), sort_keys=True) for row in found)
        for kind, found in rows.items() if found
    }


def twins(found: dict[str, list[str]]) -> list[Any]:
    """Objects of a state that are there twice: same kind, same owner, same name."""
    keys = Counter(
        (kind, *(row.get(part) for part in ("definitionId", "groupId", "description", "domain", "emailAddress", "outboundIpAddress")))
        for kind, rows in found.items() for row in map(json.loads, rows)
    )
    return [key for key, times in keys.items() if times > 1]


def _plain(references: tuple[Any, ...], row: dict[str, Any], names: dict[str, dict[int, str]]) -> dict[str, Any]:
    plain = {key: dict(value) if isinstance(value, dict) else value for key, value in row.items() if key not in MADE_BY_THE_SERVICE}
    for reference in references:
        place: Any = plain
        for step in reference.path[:-1]:
            place = place.get(step) or {}
        if place.get(reference.path[-1]):
            place[reference.path[-1]] = names[reference.kind][place[reference.path[-1]]]
    return plain


def _registry() -> dict[str, Any]:
    from mimecast_sandbox import operations, resources  # not at the top: the run has no use for it

    assert operations
    return resources.REGISTRY


def _until(true: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < deadline, "waited in vain for " + what
        time.sleep(0.01)


def run() -> None:
    """The process itself."""
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute
    from ansible_collections.mimecast.connect.plugins.modules.mimecast_tenant import JOB

    connection, document, runs = json.load(sys.stdin)
    for _number in range(runs):
        checked = ArgumentSpecValidator(JOB.argument_spec, **JOB.rules).validate({**connection, **document})
        if checked.error_messages:
            sys.exit(checked.errors.msg)
        print(json.dumps(execute(JOB, checked.validated_parameters, False)[0]), flush=True)


if __name__ == "__main__":
    # The folder of a script comes first in its path, and one of its neighbours could hide a module of that name.
    sys.path = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]
    run()
