# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rfi: it stops for what is missing or not in the DNS, writes the form, and says what is left for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import playbooks
import pytest
from bind_server import bind, resolver, why_not
from playbooks import Run

pytest.importorskip("dns", reason="the MX records are looked up with dnspython")
pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

ZONES = {
    "acme.test": "@ MX 10 mx1\n@ MX 20 mx2\nmx1 A 192.0.2.1\nmx2 A 192.0.2.2\n", "globex.test": "@ MX 10 mx1.acme.test.\n",
    "nomx.test": "@ A 192.0.2.3\n", "null.test": "@ MX 0 .\n", "test": "",
}
GRACE = {"role": "technical", "name": "Grace Hopper", "email": "grace@acme.test", "mobile_phone": "+44 20 7946 0001"}
ADA = {"role": "emergency", "name": "Ada Lovelace", "email": "ada@elsewhere.test", "mobile_phone": "+44 20 7946 0002"}
RIGHT: dict[str, Any] = {
    "service": "both", "infrastructure": {"type": "postfix"}, "region": "eu", "contacts": [GRACE, ADA], "allow_documentation": True,
    "outbound_addresses": {"addresses": {"set": ["192.0.2.25"]}}, "inbound_addresses": ["192.0.2.25"], "directory": {"type": "import"},
    "domains": [{"name": "acme.test", "inbound_type": "known"}, {"name": "globex.test", "inbound_type": "known"}],
}
STOPPED = "Nothing was changed: "


def domains(*names: str) -> dict[str, Any]:
    return {"domains": [{"name": name, "inbound_type": "known"} for name in names]}


# customer -> how it differs from the right one, and the beginning of what it stops with
CUSTOMERS: dict[str, tuple[dict[str, Any], str]] = {
    "acme": ({}, ""),
    "incomplete": ({"contacts": [GRACE], "inbound_addresses": []},
                   STOPPED + "the Request for Information is not complete. Nothing is said of inbound_addresses: "),
    "nomx": (domains("acme.test", "nomx.test", "null.test", "gone.test"),
             STOPPED + "the domains are not all as the form needs them. nomx.test has no MX records today, so nobody sends mail to it; "),
    "without": ({**domains("acme.test", "nomx.test"), "without_mx": ["nomx.test"]}, ""),
    "sent": ({**domains("nomx.test"), "contacts": [], "done": "2026-11-20", "account_code": "CUK12A34"}, ""),
}
GOOD = [name for name, (_changes, said) in CUSTOMERS.items() if not said]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Run]]]:
    """In check mode, for real, and for real again."""
    folder = tmp_path_factory.mktemp("rfi")
    (folder / "forms").mkdir()
    with bind(ZONES) as authority, resolver(authority) as cache:
        asked = {"resolver": cache.address, "nameservers": {f"ns1.{zone}": authority.address for zone in ZONES}, "dest": str(folder / "forms")}
        hosts = {
            name: {f"rfi_{option}": value for option, value in {**RIGHT, **asked, **changes}.items()} for name, (changes, _said) in CUSTOMERS.items()
        }
        keep = {
            "ansible.builtin.copy": {
                "dest": "{{ facts }}/{{ inventory_hostname }}.json", "mode": "0600",
                "content": "{{ {'form': rfi_form, 'problems': rfi_problems, 'handovers': rfi_handovers, 'result': rfi_result, 'proof': rfi_proof} | to_json }}",
            },
            "check_mode": False, "changed_when": False, "diff": False,
        }
        play = {"hosts": "all", "gather_facts": False, "roles": ["mimecast.connect.rfi"], "tasks": [keep]}
        inventory = playbooks.write_yaml(folder / "hosts.yml", {"all": {"hosts": hosts, "vars": playbooks.LOCAL}})
        arguments = [str(playbooks.write_yaml(folder / "play.yml", [play])), "-i", str(inventory), "--diff"]
        found = []
        for number, options in enumerate((["--check"], [], [])):
            place = folder / str(number)
            place.mkdir()
            found.append(playbooks.playbook(place, *arguments, *options, "-e", f"facts={place}"))
            if options:
                assert not list((folder / "forms").iterdir()), "check mode writes nothing"
        yield folder / "forms", found


def facts(run: Run, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run.folder / f"{name}.json").read_text())
    return found


def test_each_stops_for_its_own_reason_and_no_other(runs: tuple[Path, list[Run]]) -> None:
    for run in runs[1]:
        messages = [shown["msg"] for shown in run.shown if str(shown.get("msg", "")).startswith(STOPPED)]
        assert len(messages) == len(CUSTOMERS) - len(GOOD)
        for name, (_changes, said) in CUSTOMERS.items():
            assert run.recap(name)["failed"] == bool(said), run.output
            assert not said or sum(message.startswith(said) for message in messages) == 1, messages
    said = next(message for message in messages if "nomx.test" in message)
    assert "null.test says in the DNS that it takes no mail" in said and "gone.test is not in the DNS" in said, "all of them at once"
    assert "acme.test has" not in said


def test_the_form_is_written_once(runs: tuple[Path, list[Run]]) -> None:
    folder, (planned, applied, again) = runs
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.{end}" for name in GOOD for end in ("md", "csv"))
    for name in GOOD:
        assert [run.recap(name)["changed"] for run in (planned, applied, again)] == [1, 1, 0]
        files = [f"{folder}/{name}.{end}" for end in ("md", "csv")]
        assert [change["name"] for change in facts(planned, name)["result"]["changes"]] == files
        assert facts(applied, name)["result"] == facts(planned, name)["result"]
        assert facts(again, name)["result"] == {"changed": False, "changes": []}
        assert (folder / f"{name}.md").read_text() == facts(again, name)["form"]
    form = (folder / "acme.md").read_text() + (folder / "acme.csv").read_text()
    assert "acme.test, globex.test" in form and "Ada Lovelace" in form and "eu-smtp-outbound-1.mimecast.com" in form
    assert (folder / "acme.md").stat().st_mode & 0o777 == 0o600, "it has people's telephone numbers"
    assert "+| Inbound addresses | 192.0.2.25 |" in planned.stdout, "check mode shows what would be written"


def test_the_proof_is_of_each_domain_that_takes_mail(runs: tuple[Path, list[Run]]) -> None:
    _folder, (_planned, applied, _again) = runs
    assert [(row["name"], row["verdict"], row["code"]) for row in facts(applied, "acme")["proof"]["verdicts"]] == [
        ("acme.test", "ok", "ok_dns"), ("globex.test", "ok", "ok_dns")]
    assert [row["name"] for row in facts(applied, "without")["proof"]["verdicts"]] == ["acme.test"]


def test_a_person_sends_the_form_until_it_is_sent(runs: tuple[Path, list[Run]]) -> None:
    folder, (_planned, applied, _again) = runs
    (handover,) = facts(applied, "acme")["handovers"]
    assert handover["state"] == "open" and any("192.0.2.25" in step for step in handover["steps"])
    assert any(f"{folder}/acme.md" in step for step in handover["steps"])
    sent = facts(applied, "sent")
    assert sent["handovers"] == [] and "verdicts" not in sent["proof"]
    assert [problem.split(":")[0] for problem in sent["problems"]] == ["There is no technical contact", "There is no emergency contact"]
