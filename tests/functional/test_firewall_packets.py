# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real packets experience under each mode, with each backend, IPv4 and IPv6; and what others' rules experience: nothing."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterator
from pathlib import Path

import netns
import pytest
from firewall_host import VARIANTS, Host, host, service
from netns import ALLOWED, STRANGER

FAMILIES = (4, 6)


@pytest.fixture(params=VARIANTS)
def gateway(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    with host(request.param, tmp_path) as made, netns.echo(made.net, 25, 636, 2222):
        yield made


def passing(gateway: Host, port: int = 25) -> dict[tuple[str, int], bool]:
    """Who reaches a port."""
    return {(who, family): gateway.net.reaches(address[family], port) for who, address in (("allowed", ALLOWED), ("stranger", STRANGER)) for family in FAMILIES}


EVERYBODY = {("allowed", 4): True, ("allowed", 6): True, ("stranger", 4): True, ("stranger", 6): True}
SOURCES_ONLY = EVERYBODY | {("stranger", 4): False, ("stranger", 6): False}


def test_observe_blocks_nobody_and_remembers_who_is_a_stranger(gateway: Host) -> None:
    gateway.done(service(mode="observe"))
    assert passing(gateway) == EVERYBODY
    gateway.net.reaches(STRANGER[4])
    info = gateway.info()
    assert {(one["address"], one["port"], one["count"]) for one in info["strangers"]} == {(STRANGER[4], 25, 2), (STRANGER[6], 25, 1)}
    assert info["strangers"][0]["address"] == STRANGER[4] and info["strangers_total"] == 2
    for one in info["strangers"]:
        assert abs(time.time() - _seconds(one["last_seen"])) < 10
    assert info["services"][0]["connections"] == {"allowed": 2, "others": 3}
    assert info["services"][0]["observed_since"] and info["drift"] == []


def test_enforce_drops_strangers_at_its_ports_only(gateway: Host) -> None:
    gateway.done(service())
    assert passing(gateway) == SOURCES_ONLY
    assert passing(gateway, 2222) == EVERYBODY
    assert {one["address"] for one in gateway.info()["strangers"]} == {STRANGER[4], STRANGER[6]}


def test_open_leaves_strangers_to_the_rest_of_the_firewall(gateway: Host) -> None:
    gateway.done(service("directory", "open", (389, 636)), service())
    assert passing(gateway, 636) == EVERYBODY
    assert passing(gateway) == SOURCES_ONLY
    assert not [one for one in gateway.info()["strangers"] if one["service"] == "directory"]


def test_open_opens_what_others_close_with_iptables_and_nftables_says_that_it_cannot(gateway: Host) -> None:
    if gateway.backend == "nftables":
        gateway.net.inside("nft", "add chain inet filter closed { type filter hook input priority 10; policy drop; }")
        gateway.net.inside("nft", "add rule inet filter closed meta l4proto ipv6-icmp accept")
        result = gateway.done(service("directory", "open", (636,)))
        assert "Chain closed of table inet filter drops what none of its own rules accepts" in " ".join(result["warnings"])
        assert not gateway.net.reaches(ALLOWED[4], 636)
        return
    for name in ("iptables", "ip6tables"):
        gateway.net.inside(gateway.tool(name), "-A", "INPUT", "-p", "tcp", "-j", "DROP")
    assert not gateway.net.reaches(ALLOWED[4], 636)
    gateway.done(service("directory", "open", (636,)))
    assert [gateway.net.reaches(address[family], 636) for address in (ALLOWED, STRANGER) for family in FAMILIES] == [True, True, False, False]


def test_without_an_ipv6_source_enforce_drops_all_ipv6_and_says_so(gateway: Host) -> None:
    result = gateway.done(service(sources=(ALLOWED[4],)))
    assert passing(gateway) == SOURCES_ONLY | {("allowed", 6): False}
    assert "Service 'smtp': no source is IPv6, so every IPv6 connection to port 25 is dropped" in result["warnings"]


def test_established_connections_outlive_every_change(gateway: Host) -> None:
    gateway.done(service(mode="observe"))
    streams = [gateway.net.connect(address[family]) for address in (ALLOWED, STRANGER) for family in FAMILIES]
    admin = gateway.net.connect(STRANGER[4], 2222)
    for step in (service(), service(sources=("203.0.113.0/24",)), service(ports=(25, 587), sources=("203.0.113.0/24",))):
        gateway.done(step, allow_removals=["smtp"])
        for stream in [*streams, admin]:
            stream.sendall(b"still there")
            assert stream.recv(100) == b"still there"
    assert not gateway.net.reaches(ALLOWED[4])
    gateway.done(state="absent")
    for stream in [*streams, admin]:
        stream.sendall(b"still there")
        assert stream.recv(100) == b"still there"
        stream.close()


def test_the_machine_reaches_itself(gateway: Host) -> None:
    gateway.done(service())
    itself = netns.Net(gateway.net.gateway, gateway.net.gateway)
    assert [itself.reaches(netns.GATEWAY[family]) for family in FAMILIES] == [True, True]


def test_rules_of_others_stay_byte_identical(gateway: Host) -> None:
    before = gateway.rules()
    assert "mine: do not touch" in before
    for change in (service(mode="observe"), service(), service("directory", "open", (636,)), service(sources=("203.0.113.0/24",))):
        gateway.done(change, allow_removals=["smtp"])
        assert gateway.foreign() == before
        assert gateway.rules() != before
    gateway.done(state="absent")
    assert gateway.rules() == before


def test_check_mode_says_what_a_run_does_and_a_second_run_does_nothing(gateway: Host) -> None:
    steps = [
        [service(mode="observe")], [service()], [service(), service("directory", "open", (636,))],
        [service(sources=("203.0.113.0/24", "2001:db8:9::/64")), service("directory", "observe", (389, 636))],
    ]
    for services in steps:
        before, files = gateway.rules(), gateway.files()
        predicted = gateway.done(*services, check=True, allow_removals=["smtp"])
        assert (gateway.rules(), gateway.files()) == (before, files)
        done = gateway.done(*services, allow_removals=["smtp"])
        assert done["changed"] and _timeless(predicted) == _timeless(done)
        after = gateway.rules()
        for check in (True, False):
            again = gateway.done(*services, check=check, allow_removals=["smtp"])
            assert (again["changed"], again["changes"], again["diff"]) == (False, [], {"before": {}, "after": {}})
        assert gateway.rules() == after
    gone = gateway.done({"name": "directory"}, state="absent", check=True)
    assert gone["changed"] and _timeless(gone) == _timeless(gateway.done({"name": "directory"}, state="absent"))
    assert [one["name"] for one in gateway.info()["services"]] == ["smtp"]
    assert not gateway.done({"name": "directory"}, state="absent")["changed"]


def test_a_rule_that_somebody_deleted_is_noticed_and_repaired(gateway: Host) -> None:
    gateway.done(service())
    if gateway.backend == "nftables":
        gateway.net.inside("nft", "flush chain inet mimecast_connect service_smtp")
    else:
        gateway.net.inside(gateway.tool("iptables"), "-D", "INPUT", "-j", "MIMECAST")
    assert gateway.net.reaches(STRANGER[4]) and gateway.info()["drift"]
    result = gateway.done(service())
    assert result["changed"] and result["changes"][0].startswith("repair: ")
    assert passing(gateway) == SOURCES_ONLY and gateway.info()["drift"] == []


def test_an_address_that_somebody_added_to_the_set_is_removed(gateway: Host) -> None:
    gateway.done(service())
    if gateway.backend == "nftables":
        gateway.net.inside("nft", f"add element inet mimecast_connect smtp_4 {{ {STRANGER[4]} }}")
    else:
        gateway.net.inside("ipset", "add", "mimecast-smtp-4", STRANGER[4])
    assert gateway.net.reaches(STRANGER[4])
    result = gateway.done(service(), allow_removals=["smtp"])
    assert result["diff"]["before"]["service 'smtp'"]["sources_only_here"] == [STRANGER[4]]
    assert passing(gateway) == SOURCES_ONLY


def test_strangers_are_remembered_through_changes_and_named_when_they_are_shut_out(gateway: Host) -> None:
    gateway.done(service(mode="observe"))
    gateway.net.reaches(STRANGER[4])
    result = gateway.done(service())
    assert any(STRANGER[4] in text and "strangers connected while it observed" in text for text in result["warnings"])
    assert [one["address"] for one in gateway.info()["strangers"]] == [STRANGER[4]]


def test_two_backends_do_not_keep_services_at_the_same_time(gateway: Host) -> None:
    gateway.done(service())
    other = "iptables" if gateway.backend == "nftables" else "nftables"
    refused = gateway.run(service(), backend=other, persist=False)
    assert refused["failed"] and f"{gateway.backend} holds services of this module already" in refused["msg"]
    assert gateway.call("firewall_allowlist_info", backend="auto")["backend"] == gateway.backend


def _timeless(result: dict[str, object]) -> dict[str, object]:
    """Check mode and the run are not in the same second."""
    services = [{key: value for key, value in one.items() if key != "observed_since"} for one in result["services"]]
    return result | {"services": services}


def _seconds(text: str) -> int:
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
