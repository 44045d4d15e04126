# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""firewall_allowlist on a gateway where firewalld rules: real packets, and firewalld's own programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import front_ends
import netns
import pytest
from firewall_host import service
from front_ends import EVERYBODY, SOURCES_ONLY
from netns import ALLOWED, STRANGER


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[front_ends.Firewalld]:
    with front_ends.firewalld(tmp_path) as made, netns.echo(made.net, 25, 636, 2222):
        yield made


def test_the_modes_judge_real_packets(gateway: front_ends.Firewalld) -> None:
    front_ends.modes_judge_real_packets(gateway)


def test_check_mode_is_the_run_a_second_one_does_nothing_and_others_stay_byte_identical(gateway: front_ends.Firewalld) -> None:
    front_ends.check_mode_is_the_run(gateway)


def test_a_reload_changes_nothing(gateway: front_ends.Firewalld) -> None:
    front_ends.a_reload_changes_nothing(gateway)


def test_established_connections_outlive_every_change(gateway: front_ends.Firewalld) -> None:
    front_ends.streams_outlive_every_change(gateway)


def test_it_is_taken_where_it_rules(gateway: front_ends.Firewalld) -> None:
    assert front_ends.chosen(gateway) == "firewalld"


def test_only_a_new_service_needs_a_reload_and_never_at_the_cost_of_others(gateway: front_ends.Firewalld) -> None:
    gateway.done(service(mode="observe"))
    gateway.inside("firewall-cmd", "--add-port=8025/tcp")  # in force only: a reload would lose it
    gateway.done(service(ports=(25, 587), sources=(ALLOWED[4], "2001:db8:5::/126")), allow_removals=["smtp"])
    gateway.done(state="absent")
    gateway.done(service())
    assert gateway.passing() == SOURCES_ONLY and gateway.inside("firewall-cmd", "--query-port=8025/tcp") == "yes\n"
    before = gateway.rules()
    refused = gateway.run(service("directory", "open", (636,)))
    assert refused["failed"] and "settings of others that are in force but not permanent" in refused["msg"]
    assert "The services from before are in force" in refused["msg"] and gateway.rules() == before
    gateway.inside("firewall-cmd", "--runtime-to-permanent")
    gateway.done(service("directory", "open", (636,)))
    assert gateway.passing() == SOURCES_ONLY and gateway.passing(636) == SOURCES_ONLY
    assert gateway.inside("firewall-cmd", "--query-port=8025/tcp") == "yes\n"


def test_what_firewalld_cannot_tell_is_said(gateway: front_ends.Firewalld) -> None:
    result = gateway.done(service(mode="observe"))
    gateway.net.connect(STRANGER[4]).close()
    info = gateway.info()
    assert info["strangers"] == [] and info["services"][0]["connections"] == {}
    assert any("firewalld can neither count connections nor remember strangers" in text for text in info["notes"])
    assert result["changed"] and 'log prefix "mimecast smtp: "' in gateway.inside("nft", "list", "table", "inet", "firewalld")


def test_a_rule_that_somebody_removed_is_noticed_and_repaired(gateway: front_ends.Firewalld) -> None:
    gateway.done(service())
    rule = 'rule priority="-30" family="ipv6" source ipset="mimecast-smtp-6" port port="25" protocol="tcp" accept'
    gateway.inside("firewall-cmd", "--policy=mimecast", "--remove-rich-rule=" + rule)
    assert gateway.passing() == [True, False, False, False] and gateway.info()["drift"]
    result = gateway.done(service())
    assert result["changed"] and gateway.passing() == SOURCES_ONLY and gateway.info()["drift"] == []


def test_without_persist_nothing_comes_back(gateway: front_ends.Firewalld) -> None:
    gateway.done(service(), persist=False)
    assert gateway.passing() == SOURCES_ONLY
    gateway.reload()
    assert gateway.passing() == EVERYBODY and gateway.info()["services"] == []


def test_a_change_that_nobody_confirms_is_taken_back(gateway: front_ends.Firewalld) -> None:
    front_ends.unconfirmed_is_taken_back(gateway)


def test_updates_of_10000_ranges_cut_nobody(gateway: front_ends.Firewalld) -> None:
    found, seconds = front_ends.updates_under_traffic(gateway, 4 if front_ends.SOAK else 1)
    print(f"firewalld: {seconds:.2f} s for each update,", found)
    assert (found.get("allowed failed", 0), found.get("stream failed", 0), found.get("stranger passed", 0)) == (0, 0, 0), found
    assert found["allowed passed"] > 100 and found["stream passed"] > 100 and found["stranger failed"] > 10, found
