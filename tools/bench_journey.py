# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journey of one customer through all steps of both services with nothing to change, beside as many empty tasks in the same run."""

from __future__ import annotations

import contextlib
import io
import json
import statistics
import subprocess
import time

from demo_story import Proofs, apply, cut_over, lock_down, soak
from demo_world import Run, World, world
from paths import BUILD

FOLDER = BUILD / "bench"
CUSTOMER = "acme"
ROUNDS = 3
TASKS = REQUESTS = 60  # tests/functional/test_roles_journeys.py asserts both for all steps that there are


def compare() -> None:
    """Measure and print."""
    print(f"A journey without a change, medians of {ROUNDS} interleaved rounds", flush=True)
    with world(FOLDER) as at, contextlib.redirect_stdout(io.StringIO()):
        for act in (apply, soak, cut_over, lock_down):
            act(at, Proofs())
        run = at.connect("--limit", CUSTOMER)
        rounds = [(at.connect("--limit", CUSTOMER).seconds, _empty(at, run.tasks[CUSTOMER])) for _round in range(ROUNDS)]
    _show(run, *(statistics.median(column) for column in zip(*rounds, strict=True)))


def _empty(at: World, count: int) -> float:
    """Seconds for a play of as many tasks that do nothing, with the same inventory."""
    tasks = [{"name": f"Task {number}", "ansible.builtin.set_fact": {"number": number}} for number in range(count)]
    path = at.folder / "empty.yml"
    path.write_text(json.dumps([{"name": "Empty", "hosts": CUSTOMER, "connection": "local", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    start = time.monotonic()
    subprocess.run(["ansible-playbook", "-i", "hosts.mimecast_customers.yml", str(path)], env=at.env, cwd=at.folder, capture_output=True, check=True)
    return time.monotonic() - start


def _show(run: Run, journey: float, empty: float) -> None:
    tasks, requests = run.tasks[CUSTOMER], len(run.requests)
    print(f"  {journey:6.1f} s  the journey: {run.where[CUSTOMER]}")
    print(f"  {empty:6.1f} s  as many set_fact; the journey takes {journey / empty:.1f} times as long")
    print(f"  {tasks:6d}    tasks, expected at most {TASKS}: {'yes' if tasks <= TASKS else 'NO'}")
    print(f"  {requests:6d}    API requests, expected at most {REQUESTS}: {'yes' if requests <= REQUESTS else 'NO'}; writes: {run.writes}")
