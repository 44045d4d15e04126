# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one object, and a whole tenant, with nothing to change cost in CPU, several ways, in one run on one machine; and the
time that checks of thousands of domains take (bench_smtp.py), and the journey of a customer (bench_journey.py).

The figure is the slope between a short and a long run, so that start-up does not count; medians of interleaved rounds.
The ratios can be compared between machines, the milliseconds cannot. CPU is that of the whole process tree.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bench_firewall
import bench_ldap
import bench_one
import bench_smtp
import bench_tenant
import envs
import tree
from bench_ways import Task
from paths import COLLECTIONS, ROOT

sys.path.insert(0, str(ROOT / "extensions" / "sandbox"))

ROUNDS = 3
CLOSE_ROUNDS = 9  # where a difference of milliseconds decides
TIMES_PLAIN = 3  # a whole tenant in process may cost this many times the plain script, and one task of Ansible


@dataclass(frozen=True)
class Way:
    """A way to do the work some number of times, and how often the short and the long run do it."""

    name: str
    command: Callable[[int], list[str]]
    short: int
    long: int

    def milliseconds(self, env: dict[str, str], log: Path) -> float:
        """CPU for doing the work once."""
        less, more = (spend(self.command(count), env, log) for count in (self.short, self.long))
        return (more - less) / (self.long - self.short) * 1000


class Playbooks:
    """Ways that are playbooks, written into one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def command(self, name: str, tasks: list[Task], in_process: bool = True) -> list[str]:
        """The playbook of these tasks, written, and how to run it."""
        path = self._folder / f"{name.replace(' ', '_')}.json"
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks, "vars": {"mimecast_in_process": in_process}}
        path.write_text(json.dumps([play]), encoding="utf-8")
        return [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", str(path)]

    def way(self, name: str, tasks: Callable[[int], list[Task]], short: int, long: int, in_process: bool = True) -> Way:
        return Way(name, lambda count: self.command(f"{name}{count}", tasks(count), in_process), short, long)


def script(name: str, text: str, short: int, long: int, *arguments: str) -> Way:
    """A way that is a plain script, which takes the number of times as its first argument."""
    return Way(name, lambda count: [sys.executable, "-c", text, str(count), *arguments], short, long)


def spend(command: list[str], env: dict[str, str], log: Path) -> float:
    """CPU seconds of a command and all its children; exits when it fails."""
    child = os.fork()
    if child == 0:
        with open(log, "wb") as out:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
            os.execve(command[0], command, env)
    _pid, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"{' '.join(command)[:300]} failed:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")
    return usage.ru_utime + usage.ru_stime


def measure(title: str, ways: list[Way], folder: Path, env: dict[str, str], rounds: int = ROUNDS) -> dict[str, float]:
    """Milliseconds of CPU by way, printed as they are found."""
    start = time.monotonic()
    found: dict[str, list[float]] = {way.name: [] for way in ways}
    for number in range(rounds):
        for way in ways:
            print(f"round {number + 1} of {rounds}: {way.name}", flush=True)
            found[way.name].append(way.milliseconds(env, folder / "log"))
    cost = {name: statistics.median(values) for name, values in found.items()}
    print(f"\n{title} (median of {rounds}, {time.monotonic() - start:.0f} s in all):")
    for name, spent in cost.items():
        print(f"  {name:18}{spent:9.2f} ms")
    return cost


def compare(cost: dict[str, float], base: str, expected: dict[str, float], floor: str) -> None:
    """How many times the cost of ``base`` the others are."""
    print(f"\nHow many times the cost of {base}:")
    for way, least in expected.items():
        ratio = cost[way] / cost[base]
        print(f"  {way:18}{ratio:9.1f}      expected at least {least:g}: {'yes' if ratio >= least else 'NO'}")
    print(f"  {floor:18}{cost[floor] / cost[base]:9.3f}      the floor: the requests alone, without Ansible")


def one_object(folder: Path, env: dict[str, str]) -> None:
    """A delivery route with one policy."""
    books = Playbooks(folder)
    spend(books.command("first", bench_one.own_tasks(0)), env, folder / "log")
    cost = measure("CPU for each object with nothing to change", [
        books.way("in process", bench_one.own_tasks, 2, 12),
        books.way("module", bench_one.own_tasks, 2, 12, in_process=False),
        books.way("uri", bench_one.uri_tasks, 2, 12),
        script("plain script", bench_one.SCRIPT, 40, 240),
    ], folder, env)
    compare(cost, "in process", {"module": 8, "uri": 12}, "plain script")


def whole_tenant(folder: Path, env: dict[str, str]) -> None:
    """The usual Connect document."""
    books = Playbooks(folder)
    spend(books.command("first", bench_tenant.whole_tasks(0)), env, folder / "log")
    whole = books.way("whole tenant", bench_tenant.whole_tasks, 2, 22)
    plain = script("plain script", bench_tenant.SCRIPT, 10, 110, json.dumps(bench_tenant.SCRIPT_INPUT))
    cost = measure(f"CPU for the whole document with nothing to change, which takes {bench_tenant.REQUESTS} requests", [
        whole,
        books.way("single modules", bench_tenant.single_tasks, 1, 3),
        books.way("uri tasks", bench_tenant.uri_tasks, 1, 2),
        plain,
    ], folder, env)
    compare(cost, "whole tenant", {"single modules": 1, "uri tasks": 1}, "plain script")
    print()
    beside_ansible(measure("CPU for the whole document beside Ansible's own tasks", [
        whole,
        plain,
        books.way("empty task", bench_tenant.empty_tasks, 2, 42),
        books.way("task with document", bench_tenant.document_tasks, 2, 22),
    ], folder, env, CLOSE_ROUNDS))


def beside_ansible(cost: dict[str, float]) -> None:
    """Whether the whole tenant costs no more than a few plain scripts and one task; of the two tasks, neither is chosen."""
    spent = cost["whole tenant"]
    print(f"\nThe whole tenant costs {spent:.2f} ms. Expected at most {TIMES_PLAIN} times the plain script and one task of Ansible:")
    for task, meaning in (("empty task", "an empty task"), ("task with document", "set_fact, which is given the same document")):
        limit = TIMES_PLAIN * cost["plain script"] + cost[task]
        print(f"  {limit:9.2f} ms with {meaning}: {'yes' if spent <= limit else 'NO'}")


def main() -> int:
    """Measure and print; nothing is judged but what the design expects."""
    venv = envs.ensure("run")
    if Path(sys.prefix) != venv:
        tree.build_and_install("run")
        python = str(venv / "bin" / "python")
        os.execve(python, [python, __file__], envs.environment(venv))
    from mimecast_sandbox.control import Sandbox

    with Sandbox() as sandbox:
        for part in (one_object, whole_tenant):
            made = sandbox.tenant(internal_domains=bench_tenant.INTERNAL_DOMAINS)
            with tempfile.TemporaryDirectory(prefix="mimecast-bench-") as name:
                env = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "MIMECAST_"))} | {
                    "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_HOME": name, "MIMECAST_BASE_URL": sandbox.url,
                    "MIMECAST_CLIENT_ID": made["client_id"], "MIMECAST_CLIENT_SECRET": made["client_secret"],
                }
                part(Path(name), env)
                print()
    bench_smtp.mail_domains({**os.environ, "PYTHONPATH": str(COLLECTIONS)})
    bench_ldap.compare()
    bench_firewall.compare()
    from bench_journey import compare  # it needs the sandbox's libraries

    compare()
    return 0


if __name__ == "__main__":
    sys.exit(main())
