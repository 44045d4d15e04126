# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""postfix_routing as a playbook uses it: an ordinary module, its examples, and its result given back to it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import postfix_host
import pytest
import yaml
from conftest import MODULES
from playbooks import run
from postfix_call import LOGIN, SMART, Routing

MODULE = "mimecast.connect.postfix_routing"
WHY_NOT = postfix_host.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")


@pytest.fixture
def host() -> Iterator[postfix_host.PostfixHost]:
    with postfix_host.postfix_host(main="relayhost = [old.example]") as made:
        yield made


def test_a_playbook_sets_it_and_shows_no_password(host: postfix_host.PostfixHost, tmp_path: Path) -> None:
    wish = {"config_directory": str(host.config), "smart_hosts": list(SMART), **LOGIN}
    # The first one fails: Ansible quotes the lines of the playbook around a task that does, and there are passwords in others.
    tasks = [{MODULE: {"smart_hosts": ["192.0.2.1"], "config_directory": str(host.config)}}, {MODULE: wish, "check_mode": True}, {MODULE: wish}, {MODULE: wish}]
    done = run(tmp_path, tasks, "--diff", "-vvv")
    refused, predicted, first, again = done.results
    assert predicted["changes"] == first["changes"] and first["changed"] and not again["changed"]
    assert refused["failed"] and refused["msg"].startswith("smart_hosts: '192.0.2.1' is no host name")
    assert first["warnings"] == ["relayhost was [old.example], which no mail goes through any more"]
    assert '-    "relayhost": "[old.example]",' in done.stdout and f'+    "relayhost": "[{SMART[0]}]:25, [{SMART[1]}]:25",' in done.stdout
    assert "Pa55+" not in done.output and "Traceback" not in done.output
    assert LOGIN["password"] in (host.config / "mimecast_smart_hosts_password").read_text()


def test_the_examples_work_one_after_the_other(host: postfix_host.PostfixHost, tmp_path: Path) -> None:
    before = host.settings()
    tasks = yaml.safe_load(import_module(MODULES + "postfix_routing").EXAMPLES)
    for task in tasks:
        task.pop("become", None)
        task[MODULE]["config_directory"] = str(host.config)
    done = run(tmp_path, tasks, vars={"vault_relay_password": "Of+the+vault"})
    assert [one.get("changed") for one in done.results] == [True] * len(tasks), done.output
    assert host.settings() == before and "Of+the+vault" not in done.output


def test_who_is_not_root_is_told(host: postfix_host.PostfixHost, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.mimecast.connect.plugins.module_utils._postfix import run as programs

    monkeypatch.setattr(programs.os, "geteuid", lambda: 1000)
    routing = Routing(host, 2525, before_command=lambda words: (1, "", "fatal: no permission") if words == ["postfix", "check"] else None)
    assert "(Postfix is root's: set become to true)" in routing.refused_settings(host.settings(), smart_hosts=SMART)
