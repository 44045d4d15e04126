# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wishes that firewall_allowlist refuses: guards with their overrides, and input that is wrong. Nothing is changed by any of them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from firewall_host import Host, host, service

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import firewall_allowlist as _firewall_allowlist

DAY = 24 * 3600
REGION = ("198.51.100.0/24", "192.0.2.0/24", "203.0.113.0/24")
NO_OVERRIDES: dict[str, Any] = {"allow_few": [], "allow_unobserved": []}

# what is there -> what is wished -> a part of the refusal -> the override that lets it pass
GUARDS = [
    ("an empty list", [], service(sources=(), mode="observe"), "its list of sources is empty", {"allow_empty": ["smtp"]}),
    ("a list that may be cut off", [], service(sources=("192.0.2.0/25",), mode="observe"),
     "128 addresses, fewer than min_addresses (256)", {"allow_few": ["smtp"]}),
    ("another minimum", [], service(sources=REGION, mode="observe"), None, {"min_addresses": 768}),
    ("everybody", [], service(sources=("0.0.0.0/0",), mode="open"), "0.0.0.0/0 is wider than a /12", {"allow_wide": ["0.0.0.0/0"]}),
    ("everybody with IPv6", [], service(sources=("::/0",), mode="open"), "::/0 is wider than a /28", {"allow_wide": ["::/0"]}),
    ("everybody in two halves", [], service(sources=("0.0.0.0/1", "128.0.0.0/1"), mode="open"),
     "0.0.0.0/0 is wider", {"allow_wide": ["0.0.0.0-255.255.255.255"]}),
    ("everybody in small pieces", [], service(sources=tuple(f"{n}.0.0.0/8" for n in range(1, 224)), mode="open"), "is wider than a /12",
     {"allow_wide": ["0.0.0.0/1", "128.0.0.0/1"]}),
    ("a private network", [], service(sources=("10.0.0.0/8",), mode="open"), "10.0.0.0/8 is wider", {"allow_wide": ["10.0.0.0/8"]}),
    ("removal of a third", [service(sources=REGION, mode="observe")], service(sources=REGION[:2], mode="observe"),
     "256 of its 768 IPv4 addresses would no longer be allowed, more than max_removal_percent (25): 203.0.113.0/24", {"allow_removals": ["smtp"]}),
    ("removal of a third, share raised", [service(sources=REGION, mode="observe")], service(sources=REGION[:2], mode="observe"),
     "max_removal_percent", {"max_removal_percent": 34}),
    ("removal of all IPv6", [service(sources=(*REGION, "2001:db8::/64"), mode="observe")], service(sources=REGION, mode="observe"),
     "IPv6 addresses would no longer be allowed", {"allow_removals": ["smtp"]}),
    ("enforce at once", [], service(sources=REGION), "nobody has observed yet who else connects", {"allow_unobserved": ["smtp"]}),
    ("enforce after open", [service(sources=REGION, mode="open")], service(sources=REGION), "nobody has observed yet", {"allow_unobserved": ["smtp"]}),
    ("enforce too soon", [service(sources=REGION, mode="observe")], service(sources=REGION), "observed for 0.0 hours, and min_observe_hours is 24",
     {"min_observe_hours": 0}),
    ("enforce at a port that was not observed", [service(sources=REGION, mode="observe")], service(sources=REGION, ports=(25, 587)),
     "nobody has observed yet who else connects to port 587", {"allow_unobserved": ["smtp"]}),
    ("enforce at a new port of a service that enforces", [("enforced", service(sources=REGION))], service(sources=REGION, ports=(25, 587)),
     "to port 587", {"allow_unobserved": ["smtp"]}),
    ("enforce with fewer sources than were observed", [service(sources=(*REGION, "198.18.0.0/28"), mode="observe")], service(sources=REGION),
     "connections from 198.18.0.0/28 were allowed while it observed", {"allow_unobserved": ["smtp"]}),
]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Host]:
    with host("nftables", tmp_path) as made:
        yield made


def prepare(gateway: Host, before: list[Any]) -> None:
    for one in before:
        gateway.done(one[1] if isinstance(one, tuple) else one)


@pytest.mark.parametrize("label, before, wish, refusal, override", GUARDS, ids=[one[0] for one in GUARDS])
def test_a_guard_refuses_and_its_own_override_lets_pass(
        gateway: Host, label: str, before: list[Any], wish: dict[str, Any], refusal: str | None, override: dict[str, Any]) -> None:
    prepare(gateway, before)
    rules, files = gateway.rules(), gateway.files()
    for check in (True, False):
        refused = gateway.run(wish, check=check, **NO_OVERRIDES)
        assert bool(refused.get("failed")) is (refusal is not None), refused
        if refusal:
            assert refusal in refused["msg"] and refused["msg"].startswith("Refused, and nothing was changed. Service 'smtp': ")
            assert (gateway.rules(), gateway.files()) == (rules, files)
    others = {"min_addresses": 0} if label in ("an empty list", "a private network") or "IPv6" in label else {}
    done = gateway.run(wish, **{**NO_OVERRIDES, **others, **override})
    assert not done.get("failed"), done
    assert gateway.info()["services"][0]["mode"] == wish["mode"]


@pytest.mark.parametrize("override", ["allow_empty", "allow_few", "allow_removals", "allow_unobserved", "allow_wide"])
def test_an_override_is_no_master_switch(gateway: Host, override: str) -> None:
    gateway.done(service(sources=REGION, mode="observe"))
    refused = gateway.run(service(sources=("0.0.0.0/0",), ports=(25, 587)), service("directory", "observe", (636,), ()), **{
        **NO_OVERRIDES, "max_removal_percent": -1, override: ["1.2.3.4"] if override == "allow_wide" else ["smtp"]})
    assert refused["failed"] and "Service 'directory': its list of sources is empty" in refused["msg"]
    assert ("wider than" in refused["msg"]) and ("587" in refused["msg"]) is (override != "allow_unobserved")


def test_enforce_after_a_day_of_observing(gateway: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway.done(service(sources=REGION, mode="observe"), **NO_OVERRIDES)
    later = time.time() + DAY + 60
    monkeypatch.setattr(_firewall_allowlist.time, "time", lambda: later)
    gateway.done(service(sources=REGION), **NO_OVERRIDES)
    assert not gateway.done(service(sources=REGION), **NO_OVERRIDES)["changed"]
    gateway.done(service(sources=(*REGION, "198.18.0.0/24")), **NO_OVERRIDES)


def test_hours_before_a_boot_do_not_count(gateway: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway.done(service(sources=REGION, mode="observe"))
    later = time.time() + 2 * DAY
    monkeypatch.setattr(_firewall_allowlist.time, "time", lambda: later)
    monkeypatch.setattr(_firewall_allowlist, "_booted", lambda: int(later) - 3 * 3600)
    assert "observed for 3.0 hours" in gateway.run(service(sources=REGION), **NO_OVERRIDES)["msg"]


def test_observing_begins_anew_when_fewer_people_are_sources(gateway: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway.done(service(sources=REGION, mode="observe"))
    later = time.time() + DAY + 60
    monkeypatch.setattr(_firewall_allowlist.time, "time", lambda: later)
    first = gateway.info()["services"][0]["observed_since"]
    gateway.done(service(sources=(*REGION, "198.18.0.0/24"), mode="observe"))
    assert gateway.info()["services"][0]["observed_since"] == first
    gateway.done(service(sources=REGION, mode="observe"))
    assert gateway.info()["services"][0]["observed_since"] > first
    assert "observed for 0.0 hours" in gateway.run(service(sources=REGION), **NO_OVERRIDES)["msg"]


@pytest.mark.parametrize("port, connection", [(22, ""), (2222, "203.0.113.1 50000 198.51.100.1 2222")])
def test_management_access_is_never_cut(gateway: Host, monkeypatch: pytest.MonkeyPatch, port: int, connection: str) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "SSH_CONNECTION": connection})
    refused = gateway.run(service(ports=(25, port), sources=REGION))
    assert refused["failed"] and f"port {port} is how this machine is managed" in refused["msg"]
    assert not gateway.run(service(ports=(25, port), sources=REGION, mode="observe")).get("failed")


WRONG = [
    ([service(sources=("198.51.100.0/33",))], {}, "Service 'smtp': not a range: '198.51.100.0/33'"),
    ([service(sources=("mx1.example.com", "1.2.3.4; flush ruleset"))], {}, "'1.2.3.4; flush ruleset'"),
    ([service(name="SMTP")], {}, "a name is at most 19 small letters"),
    ([service(name="a" * 20)], {}, "a name is at most 19 small letters"),
    ([service(name='smtp"; drop')], {}, "a name is at most 19 small letters"),
    ([service(ports=())], {}, "give 1 to 15 ports"),
    ([service(ports=(0,))], {}, "not 0"),
    ([service(ports=(25, 65536))], {}, "not 65536"),
    ([service(ports=tuple(range(1000, 1016)))], {}, "give 1 to 15 ports"),
    ([service(), service()], {}, "Service 'smtp' is declared 2 times"),
    ([service(), service("directory", "open", (25,))], {}, "Port 25 belongs to service 'smtp' and to 'directory'"),
    ([{"name": "smtp"}], {}, "give 1 to 15 ports"),
    ([{"name": "smtp", "ports": [25], "mode": "open"}], {}, "mode and sources are needed"),
    ([{"name": "smtp", "ports": [25], "mode": "closed", "sources": []}], {}, "value of mode must be one of"),
    ([service()], {"backend": "pf"}, "value of backend must be one of"),
    ([service()], {"allow_wide": ["all"]}, "allow_wide: not a range: 'all'"),
    ([], {}, "state is present but all of the following are missing: services"),
]


@pytest.mark.parametrize("services, options, said", WRONG, ids=[one[2][:50] for one in WRONG])
def test_wrong_input_is_named_and_changes_nothing(gateway: Host, services: list[dict[str, Any]], options: dict[str, Any], said: str) -> None:
    rules = gateway.rules()
    result = gateway.run(*services, **options)
    assert result["failed"] and said in result["msg"], result
    assert "Traceback" not in result["msg"] and "Unexpected" not in result["msg"]
    assert gateway.rules() == rules


def test_a_port_of_a_service_that_is_not_named_now_is_taken(gateway: Host) -> None:
    gateway.done(service())
    refused = gateway.run(service("relay", sources=REGION), allow_unobserved=["relay"])
    assert refused["failed"] and "Port 25 belongs to service 'relay' and to 'smtp'" in refused["msg"]


def test_a_hundred_thousand_entries(gateway: Host) -> None:
    sources = tuple(f"10.{number >> 15 & 255}.{number >> 7 & 255}.{(number & 127) * 2}" for number in range(100_000))
    done = gateway.done(service(sources=sources))
    assert done["services"][0]["sources"] == 100_000
    assert not gateway.done(service(sources=tuple(reversed(sources))))["changed"]
