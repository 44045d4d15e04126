# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""firewall_allowlist as a playbook uses it: a module on a target, which here is a network namespace."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import netns
import pytest
import yaml
from conftest import MODULES
from firewall_host import Host, host, service
from netns import ALLOWED, STRANGER
from playbooks import Run, run

MODULE, INFO = "mimecast.connect.firewall_allowlist", "mimecast.connect.firewall_allowlist_info"


@pytest.fixture(params=["nftables", "iptables"])
def gateway(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    with host(request.param, tmp_path) as made, netns.echo(made.net, 25):
        yield made


def play(gateway: Host, name: str, tasks: list[dict[str, Any]], *options: str) -> Run:
    """Run the tasks on the gateway, whose Python is in its namespace."""
    python = gateway.folder / "python"
    python.write_text(f'#!/bin/sh\nexec ip netns exec {gateway.net.gateway} {sys.executable} "$@"\n')
    python.chmod(0o755)
    target = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    done = run(gateway.folder / name, tasks, *options, hosts={"localhost": target}, vars={"mimecast_ranges": [ALLOWED[4], "203.0.113.0/24"]})
    assert len(done.results) == len(tasks), done.output
    return done


def test_observe_then_enforce_and_what_people_see(gateway: Host) -> None:
    common = {"backend": gateway.backend, "paths": gateway.paths, "allow_few": ["smtp"]}
    observe, enforce = service(mode="observe", sources=(ALLOWED[4], "198.51.100.128/25")), service(sources=(ALLOWED[4], "198.51.100.129/25"))
    first = play(gateway, "first", [
        {MODULE: {**common, "services": [observe]}, "check_mode": True},
        {MODULE: {**common, "services": [observe]}},
        {MODULE: {**common, "services": [enforce]}},
        {MODULE: {**common, "services": [enforce], "min_observe_hours": 0}},
        {MODULE: {**common, "services": [enforce], "min_observe_hours": 0}},
        {INFO: {"backend": gateway.backend}},
    ], "--diff")
    predicted, done, refused, enforced, again, info = first.results
    assert predicted["changed"] and done["changed"] and predicted["changes"] == done["changes"]
    assert refused["failed"] and "it has observed for 0.0 hours" in refused["msg"] and "Traceback" not in first.output
    assert enforced["changed"] and enforced["changes"][0] == "change service 'smtp': enforce (was observe)"
    assert enforced["normalised"] == ["Service 'smtp': 198.51.100.129/25 is 198.51.100.128/25 (host bits were set)"]
    assert any("no source is IPv6" in text for text in enforced["warnings"])
    assert not again["changed"]
    assert info["services"][0]["mode"] == "enforce" and info["strangers"] == []
    shown = [line.replace(" ", "") for line in first.stdout.splitlines()]
    assert '-"mode":"observe",' in shown and '+"mode":"enforce",' in shown
    assert [gateway.net.reaches(who[4]) for who in (ALLOWED, STRANGER)] == [True, False]
    assert play(gateway, "last", [{MODULE: {"state": "absent", "paths": gateway.paths, "backend": gateway.backend}}]).results[0]["changed"]
    assert gateway.net.reaches(STRANGER[4])


def test_the_machine_itself_is_not_touched_from_within_the_controller(gateway: Host) -> None:
    """The module runs where the task runs, even with a local connection: in the gateway's namespace, not in this process's."""
    before = netns.run("nft", "list", "tables") if gateway.backend == "nftables" else netns.run("ipset", "list", "-n")
    done = play(gateway, "only", [{MODULE: {
        "backend": gateway.backend, "paths": gateway.paths, "allow_few": ["smtp"], "services": [service(mode="open")]}}])
    assert done.results[0]["changed"] and gateway.info()["services"]
    assert before == (netns.run("nft", "list", "tables") if gateway.backend == "nftables" else netns.run("ipset", "list", "-n"))


def test_the_examples_work_one_after_the_other(gateway: Host) -> None:
    tasks = [task for name in ("firewall_allowlist", "firewall_allowlist_info") for task in yaml.safe_load(import_module(MODULES + name).EXAMPLES)]
    tasks = [task for task in tasks if "confirm_timeout" not in task.get(MODULE, {})]  # has tests of its own
    for task in tasks:
        task.pop("become", None)
        task.pop("register", None)
        if MODULE in task:
            task[MODULE] |= {"backend": gateway.backend, "paths": gateway.paths, "min_addresses": 0}
        if "min_observe_hours" in task.get(MODULE, {}):
            task[MODULE]["min_observe_hours"] = 0  # nobody waits for a week here
    done = play(gateway, "examples", [task for task in tasks if MODULE in task or INFO in task])
    assert [bool(one.get("failed")) for one in done.results] == [False] * len(done.results), done.output
    assert [one["changed"] for one in done.results] == [True, True, True, True, False]
