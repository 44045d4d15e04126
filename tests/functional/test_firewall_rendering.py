# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""firewall_rendering as a user has it: a file, its difference, check mode, and what it will not overwrite."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import playbooks
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from playbooks import ROOT

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.table import VENDORS
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.firewall_rendering import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute

OLD = {"name": "smtp", "ports": [25], "sources": ["198.51.100.0/24", "203.0.113.0/25"], "mode": "enforce"}
NEW = {**OLD, "sources": ["198.51.100.0/24", "198.51.102.0/24", "2001:db8::1"]}
PLACES = {
    "fortios": {"server": "mail", "source_zone": "wan1", "destination_zone": "dmz", "position": 9},
    "panos": {"server": "mail", "source_zone": "out", "destination_zone": "dmz"},
    "asa": {"server": "192.0.2.25", "access_list": "outside_in"}, "checkpoint": {"server": "mail", "layer": "Network", "position": 1},
    "azure": {"position": 100},
}


def call(vendor: str, *services: dict[str, Any], check: bool = False, **more: Any) -> dict[str, Any]:
    """The module's result."""
    given = {"vendor": vendor, "services": list(services), "place": PLACES.get(vendor), **more}
    checked = ArgumentSpecValidator(JOB.argument_spec).validate({name: value for name, value in given.items() if value is not None})
    assert not checked.error_messages
    return execute(JOB, checked.validated_parameters, check)[0]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_file_follows_the_ranges(vendor: str, tmp_path: Path) -> None:
    path = tmp_path / "rendering"
    first = call(vendor, OLD, dest=str(path))
    assert first["changed"] and path.read_text() == first["content"] and stat.S_IMODE(path.stat().st_mode) == 0o644
    assert not call(vendor, OLD, dest=str(path))["changed"]
    path.chmod(0o600)
    predicted = call(vendor, NEW, check=True, dest=str(path))
    assert path.read_text() == first["content"]
    done = call(vendor, NEW, dest=str(path))
    assert done == predicted and path.read_text() == done["content"] and stat.S_IMODE(path.stat().st_mode) == 0o600
    six = ["2001:db8::1"] if 6 in VENDORS[vendor].families else []
    assert [one["sources"] for one in done["added"]] == [["198.51.102.0/24", *six]]
    assert [one["sources"] for one in done["removed"]] == [["203.0.113.0/25"]]
    assert done["diff"]["before"] == {str(path): first["content"].splitlines()}
    assert not call(vendor, NEW, dest=str(path))["changed"] and [one.name for one in tmp_path.iterdir()] == ["rendering"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_is_somebody_elses_is_not_overwritten(vendor: str, tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    for text in ("127.0.0.1x localhost\n", "{}\n", "[]\n", "<a/>\n", "hello 'world\n", "\0\n"):
        path.write_text(text)
        result = call(vendor, OLD, dest=str(path))
        assert result["failed"] and "no rendering for {0}; name another file".format(vendor) in result["msg"], text
        assert path.read_text() == text and "Traceback" not in result["msg"]
    path.write_bytes(b"\xff\xfe")
    assert "is no text" in call(vendor, OLD, dest=str(path))["msg"]
    assert "make it first" in call(vendor, OLD, dest=str(tmp_path / "none" / "x"))["msg"]


@pytest.mark.parametrize("check", [False, True])
def test_a_folder_is_not_taken_for_the_file(check: bool, tmp_path: Path) -> None:
    for dest in (str(tmp_path), f"{tmp_path}/", f"{tmp_path}/new/"):
        result = call("plain", OLD, check=check, dest=dest)
        right = str(Path(dest) / "mimecast.txt")
        assert result["msg"] == f"Cannot write {dest!r}: dest is the file itself, and this names a folder; name a file in it, such as {right!r}"
    assert not list(tmp_path.iterdir())
    right = str(tmp_path / "mimecast.txt")
    assert call("plain", OLD, dest=right)["changed"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_handover_names_the_place_and_the_product(vendor: str, tmp_path: Path) -> None:
    path = tmp_path / "rules"
    assert "the content of this result" in " ".join(call(vendor, OLD)["handover"]["steps"])
    handover = call(vendor, OLD, dest=str(path))["handover"]
    assert str(path) in " ".join(handover["steps"]) and VENDORS[vendor].title in handover["title"] and handover["state"] == "open"


@pytest.mark.parametrize(("wrong", "said"), [
    ({"name": "SMTP"}, "a name is at most 19"), ({"ports": []}, "give 1 to 15 ports"), ({"ports": [70000]}, "not 70000"),
    ({"sources": ["198.51.100.0/33"]}, "not a range: '198.51.100.0/33'"), ({"sources": []}, "nobody would get in"),
    ({"sources": ["0.0.0.0/0"]}, "wider than a /12"), ({"sources": ["mx.example.com"]}, "not a range"),
])
def test_a_wrong_service_is_told(wrong: dict[str, Any], said: str) -> None:
    result = call("plain", {**OLD, **wrong})
    assert result["failed"] and result["msg"].startswith("Cannot render 'mimecast' for plain: ") and said in result["msg"]


def test_what_was_read_as_something_else_is_told() -> None:
    result = call("plain", {**OLD, "sources": ["198.51.100.9/24", "198.51.100.0/25", "::ffff:203.0.113.5", "192.0.2.0-192.0.2.255"]})
    assert result["content"].splitlines() == ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.5/32"]
    assert any("host bits were set" in note for note in result["normalised"]) and any("merged" in note for note in result["normalised"])


def test_both_ways_of_running_say_the_same(tmp_path: Path) -> None:
    task = {"mimecast.connect.firewall_rendering": {"vendor": "aws", "services": [NEW], "dest": str(tmp_path / "aws.json")}}
    process = {**task, "vars": {"mimecast_in_process": False}}
    done = playbooks.run(tmp_path / "run", [{**process, "check_mode": True}, {**task, "check_mode": True}, task, process], "--diff")
    assert done.code == 0, done.output
    results = [{name: value for name, value in one.items() if name not in ("invocation", "diff")} for one in done.results]
    assert results[0] == results[1] == results[2] and [one["changed"] for one in results] == [True, True, True, False]
    assert "198.51.102.0/24" in done.stdout


def test_every_vendor_is_in_the_documents() -> None:
    page = (ROOT / "docs" / "firewall-vendors.md").read_text(encoding="utf-8")
    assert {word for word in VENDORS if "| `{0}` |".format(word) in page} == set(VENDORS)
