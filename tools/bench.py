# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one object with nothing to change costs in CPU, four ways, measured in one run on one machine.

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
from pathlib import Path
from typing import Any

import envs
import tree
from paths import COLLECTIONS, ROOT

sys.path.insert(0, str(ROOT / "extensions" / "sandbox"))

SHORT, LONG, ROUNDS = 2, 12, 3
ROUTE = {"name": "HQ", "hostname": "mx1.example.com", "policies": [{"name": "In", "to": {"type": "domain", "domain": "example.com"}}]}
BASE = "/policy-management/cloud-gateway/v1/delivery-route"

SCRIPT = """
import http.client, json, os, sys, urllib.parse
url = urllib.parse.urlsplit(os.environ["MIMECAST_BASE_URL"])
link = http.client.HTTPConnection(url.hostname, url.port)
form = {"grant_type": "client_credentials", "client_id": os.environ["MIMECAST_CLIENT_ID"], "client_secret": os.environ["MIMECAST_CLIENT_SECRET"]}
link.request("POST", "/oauth/token", urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
headers = {"Authorization": "Bearer " + json.load(link.getresponse())["access_token"]}
for _ in range(int(sys.argv[1])):
    found = {}
    for kind in ("definitions", "policies"):
        link.request("GET", "@PATH@/" + kind + "?pageSize=100", headers=headers)
        found[kind] = json.load(link.getresponse())[kind]
    route = next(row for row in found["definitions"] if row["description"] == "HQ")
    policy = next(row for row in found["policies"] if row["definitionId"] == route["id"])
    assert (route["hostname"], policy["to"]["domain"]) == ("mx1.example.com", "example.com")
""".replace("@PATH@", BASE)


def uri_tasks(count: int) -> list[dict[str, Any]]:
    """What a user writes without a collection: token once; for each object read both lists, compare, write when needed."""
    base = "{{ lookup('ansible.builtin.env', 'MIMECAST_BASE_URL') }}"
    read = {"headers": {"Authorization": "Bearer {{ token.json.access_token }}"}, "return_content": True}
    tasks: list[dict[str, Any]] = [{
        "ansible.builtin.uri": {"url": base + "/oauth/token", "method": "POST", "body_format": "form-urlencoded", "body": {
            "grant_type": "client_credentials",
            "client_id": "{{ lookup('ansible.builtin.env', 'MIMECAST_CLIENT_ID') }}",
            "client_secret": "{{ lookup('ansible.builtin.env', 'MIMECAST_CLIENT_SECRET') }}"}},
        "register": "token",
    }]
    for _number in range(count):
        tasks += [
            {"ansible.builtin.uri": {"url": base + BASE + "/definitions?pageSize=100", **read}, "register": "definitions"},
            {"ansible.builtin.uri": {"url": base + BASE + "/policies?pageSize=100", **read}, "register": "policies"},
            {"ansible.builtin.set_fact": {
                "route": "{{ definitions.json.definitions | selectattr('description', 'equalto', 'HQ') | first | default({}) }}",
                "policy": "{{ policies.json.policies | selectattr('description', 'equalto', 'In') | first | default({}) }}"}},
            {"ansible.builtin.uri": {"url": base + BASE + "/definitions", "method": "POST", **read},
             "when": "route.hostname | default('') != 'mx1.example.com'"},
            {"ansible.builtin.uri": {"url": base + BASE + "/policies", "method": "POST", **read},
             "when": "policy.to.domain | default('') != 'example.com'"},
        ]
    return tasks


def own_tasks(count: int) -> list[dict[str, Any]]:
    """One warm-up that fetches the token, then tasks with nothing to do."""
    return [{"mimecast.connect.mimecast_delivery_route": ROUTE}] * (count + 1)


def playbook(folder: Path, name: str, tasks: list[dict[str, Any]], in_process: bool) -> list[str]:
    path = folder / f"{name}.json"
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks, "vars": {"mimecast_in_process": in_process}}
    path.write_text(json.dumps([play]), encoding="utf-8")
    return [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", str(path)]


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
        sys.exit(f"{' '.join(command)} failed:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")
    return usage.ru_utime + usage.ru_stime


def measure(folder: Path, env: dict[str, str]) -> dict[str, float]:
    """Milliseconds of CPU for each object, by way."""
    ways: dict[str, Callable[[int], list[str]]] = {
        "in process": lambda count: playbook(folder, f"own{count}", own_tasks(count), True),
        "module": lambda count: playbook(folder, f"module{count}", own_tasks(count), False),
        "uri": lambda count: playbook(folder, f"uri{count}", uri_tasks(count), True),
        "plain script": lambda count: [sys.executable, "-c", SCRIPT, str(count * 20)],
    }
    found: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(ROUNDS):
        for way, command in ways.items():
            print(f"round {number + 1} of {ROUNDS}: {way}", flush=True)
            objects = (LONG - SHORT) * (20 if way == "plain script" else 1)
            spent = [spend(command(count), env, folder / "log") for count in (SHORT, LONG)]
            found[way].append((spent[1] - spent[0]) / objects * 1000)
    return {way: statistics.median(values) for way, values in found.items()}


def main() -> int:
    """Measure and print; nothing is judged but what the design expects."""
    venv = envs.ensure("run")
    if Path(sys.prefix) != venv:
        tree.build_and_install("run")
        python = str(venv / "bin" / "python")
        os.execve(python, [python, __file__], envs.environment(venv))
    from mimecast_sandbox.control import Sandbox

    with tempfile.TemporaryDirectory(prefix="mimecast-bench-") as name, Sandbox() as sandbox:
        made = sandbox.tenant(internal_domains=["example.com"])
        env = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "MIMECAST_"))} | {
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_HOME": name, "MIMECAST_BASE_URL": sandbox.url,
            "MIMECAST_CLIENT_ID": made["client_id"], "MIMECAST_CLIENT_SECRET": made["client_secret"],
        }
        folder = Path(name)
        spend(playbook(folder, "first", own_tasks(0), True), env, folder / "log")
        start = time.monotonic()
        cost = measure(folder, env)
    print(f"\nCPU for each object with nothing to change (median of {ROUNDS}, {time.monotonic() - start:.0f} s in all):")
    for way, spent in cost.items():
        print(f"  {way:14}{spent:9.2f} ms")
    print("\nHow many times the cost of a task in process:")
    for way, expected in (("module", 8), ("uri", 12)):
        ratio = cost[way] / cost["in process"]
        print(f"  {way:14}{ratio:9.1f}      expected at least {expected}: {'yes' if ratio >= expected else 'NO'}")
    print(f"  {'plain script':14}{cost['plain script'] / cost['in process']:9.3f}      the floor: the requests alone, without Ansible")
    return 0


if __name__ == "__main__":
    sys.exit(main())
