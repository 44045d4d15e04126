# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""firewall_allowlist on a gateway where ufw rules: real packets, and ufw's own programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import front_ends
import netns
import pytest
from firewall_host import service
from front_ends import EVERYBODY, SOURCES_ONLY
from netns import ALLOWED, STRANGER
from test_firewall_updates import traffic


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[front_ends.Ufw]:
    with front_ends.ufw(tmp_path) as made, netns.echo(made.net, 25, 636, 2222):
        yield made


def test_the_modes_judge_real_packets(gateway: front_ends.Ufw) -> None:
    front_ends.modes_judge_real_packets(gateway)


def test_check_mode_is_the_run_a_second_one_does_nothing_and_others_stay_byte_identical(gateway: front_ends.Ufw) -> None:
    front_ends.check_mode_is_the_run(gateway)


def test_a_reload_changes_nothing(gateway: front_ends.Ufw) -> None:
    front_ends.a_reload_changes_nothing(gateway)


def test_established_connections_outlive_every_change(gateway: front_ends.Ufw) -> None:
    front_ends.streams_outlive_every_change(gateway)


def test_it_is_taken_where_it_rules(gateway: front_ends.Ufw) -> None:
    assert front_ends.chosen(gateway) == "ufw"


def test_the_rules_come_back_after_a_boot_and_strangers_are_counted(gateway: front_ends.Ufw) -> None:
    gateway.done(service(mode="observe"))
    assert gateway.passing() == EVERYBODY
    info = gateway.info()
    assert {one["address"]: one["count"] for one in info["strangers"]} == {STRANGER[4]: 1, STRANGER[6]: 1}
    assert info["services"][0]["connections"] == {"allowed": 2, "others": 2}
    gateway.done(service())
    gateway.boot()
    assert gateway.passing() == SOURCES_ONLY and gateway.passing(2222) == EVERYBODY
    assert gateway.info()["drift"] == [] and not gateway.done(service())["changed"]


def test_a_set_that_cannot_be_loaded_takes_no_rule_of_others_with_it(gateway: front_ends.Ufw) -> None:
    gateway.done(service())
    own = gateway.folder / "etc/ufw/mimecast.init"
    own.write_text(own.read_text().replace(ALLOWED[4], "no address"))
    gateway.boot()
    assert gateway.passing(2222) == EVERYBODY and gateway.passing() == EVERYBODY and gateway.passing(636) == [False] * 4
    assert gateway.done(service())["changed"]
    assert gateway.passing() == SOURCES_ONLY


def test_disabling_ufw_takes_the_rules_away_and_enabling_brings_them_back(gateway: front_ends.Ufw) -> None:
    gateway.done(service())
    gateway.inside("ufw", "disable")
    front_ends.until(lambda: gateway.passing() == EVERYBODY)
    refused = gateway.run(service())
    assert refused["failed"] and "Cannot use backend ufw: ufw is not enabled" in refused["msg"]
    gateway.inside("ufw", "--force", "enable")
    assert gateway.passing() == SOURCES_ONLY and not gateway.done(service())["changed"]


@pytest.mark.parametrize("runs", [False, True])
def test_what_stands_in_the_hook_runs_if_it_ran_before(gateway: front_ends.Ufw, runs: bool) -> None:
    hook, ran = gateway.folder / "etc/ufw/after.init", gateway.folder / "run/ran"
    hook.write_text('#!/bin/sh\nset -e\n[ "$1" != start ] || touch /run/ran\n')
    hook.chmod(0o750 if runs else 0o640)
    before = hook.read_bytes(), hook.stat().st_mode
    gateway.done(service())
    gateway.boot()
    assert ran.exists() == runs and gateway.passing() == SOURCES_ONLY
    gateway.done(service(mode="observe"))
    ran.unlink(missing_ok=True)
    gateway.reload()
    assert ran.exists() == runs
    gateway.done(state="absent")
    assert (hook.read_bytes(), hook.stat().st_mode) == before


def test_a_hook_that_is_no_shell_script_is_left_alone(gateway: front_ends.Ufw) -> None:
    hook = gateway.folder / "etc/ufw/after.init"
    hook.write_text("#!/usr/bin/python3\n")
    before = gateway.rules()
    refused = gateway.run(service())
    assert refused["failed"] and "/etc/ufw/after.init is no shell script" in refused["msg"] and gateway.rules() == before
    gateway.done(service(), persist=False)
    assert gateway.passing() == SOURCES_ONLY and hook.read_text() == "#!/usr/bin/python3\n"


def test_the_backend_iptables_leaves_the_machine_to_ufw(gateway: front_ends.Ufw) -> None:
    refused = gateway.run(service(), backend="iptables")
    assert refused["failed"] and "ufw is enabled and writes its rules: use backend ufw" in refused["msg"]


def test_a_change_that_nobody_confirms_is_taken_back(gateway: front_ends.Ufw) -> None:
    front_ends.unconfirmed_is_taken_back(gateway)


def test_a_reload_of_ufw_opens_nothing(gateway: front_ends.Ufw) -> None:
    gateway.done(service())
    with traffic(gateway.net) as found:
        gateway.reload()
    assert found["stranger failed"] and not found["stranger passed"] and not found["allowed failed"] and not found["stream failed"], found


def test_nobody_notices_updates_of_10000_ranges(gateway: front_ends.Ufw) -> None:
    found, seconds = front_ends.updates_under_traffic(gateway, 12 if front_ends.SOAK else 4)
    print(f"ufw: {seconds:.2f} s for each update,", found)
    assert (found.get("allowed failed", 0), found.get("stream failed", 0), found.get("stranger passed", 0)) == (0, 0, 0), found
    assert found["allowed passed"] > 100 and found["stream passed"] > 100 and found["stranger failed"] > 10, found
