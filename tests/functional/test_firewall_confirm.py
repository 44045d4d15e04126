# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that waits to be confirmed: it stays if the controller comes back and its checks pass, and else takes itself back."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import netns
import pytest
from confirm_bench import OPEN, SILENT, SLOW, SYSTEMD_PROGRAM, Bench
from firewall_host import Host, host, service
from front_ends import firewalld, ufw
from netns import ALLOWED, STRANGER

from ansible_collections.mimecast.connect.plugins.module_utils._firewall import confirm

WAIT = 6  # seconds
GRACE = 2  # after its time
# firewalld begins in time as well, but each of its commands is a process of Python: so a change and the way back take seconds.
WAIT_OF = {"firewalld": 20}
GRACE_OF = {"firewalld": 40}  # each of its commands takes seconds where the machine is busy
CLOSED = {"type": "tcp", "host": netns.GATEWAY[4], "port": 26}
MANY = tuple(f"10.{number // 250}.{number % 250}.0/25" for number in range(4000))


GATEWAYS = {"nftables": partial(host, "nftables"), "iptables": partial(host, "iptables"), "firewalld": firewalld, "ufw": ufw}


@pytest.fixture(params=GATEWAYS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with GATEWAYS[request.param](tmp_path) as gateway, netns.echo(gateway.net, 25, SILENT):
        yield Bench(gateway, tmp_path)


@pytest.fixture
def nft(tmp_path: Path) -> Iterator[Bench]:
    """For what has nothing to do with the backend."""
    with host("nftables", tmp_path) as gateway, netns.echo(gateway.net, 25, SILENT):
        yield Bench(gateway, tmp_path)


def test_a_confirmed_change_stays_and_leaves_nothing_behind(bench: Bench) -> None:
    bench.gateway.done(service(mode="observe"))
    streams = [bench.gateway.net.connect(address[family]) for address in (ALLOWED, STRANGER) for family in (4, 6)]
    result = bench.run(service(), confirm_timeout=30, confirm_checks=[OPEN])
    assert not result.get("failed") and result["changed"], result
    assert [one["verdict"] for one in result["confirmed"]] == ["ok"]
    assert "waits" not in result
    assert bench.left() == []
    assert not bench.gateway.net.reaches(STRANGER[4]) and bench.gateway.net.reaches(ALLOWED[4])
    again = bench.run(service(), confirm_timeout=30, confirm_checks=[CLOSED])
    assert again["changed"] is False and "confirmed" not in again, again
    bench.reboot()
    assert not bench.gateway.net.reaches(STRANGER[4]) and bench.gateway.net.reaches(ALLOWED[4])
    for stream in streams:
        stream.sendall(b"still there")
        assert stream.recv(100) == b"still there"
        stream.close()


def test_when_the_controller_is_killed_the_rules_come_back_in_time(bench: Bench) -> None:
    bench.gateway.done(service(mode="observe"), service("directory", "open", (636,)))
    before, files = bench.rules(), bench.files()
    streams = [bench.gateway.net.connect(STRANGER[4]), bench.gateway.net.connect(ALLOWED[6])]
    wait, grace = limits(bench)
    controller = bench.start(service(), service("directory", "enforce", (389,)), confirm_timeout=wait, confirm_checks=[SLOW])
    armed = bench.wait_marker("armed")
    bench.wait_changed(before)
    controller.kill()
    assert not bench.gateway.net.reaches(STRANGER[4])
    assert bench.files() == files, "a reboot now would bring back what nobody confirmed"
    back = bench.wait_rules(before, wait + grace + 10)
    print(f"back after {back - armed:.2f} s of {wait}")
    assert wait - 0.5 < back - armed < wait + grace
    assert bench.gateway.net.reaches(STRANGER[4]) and bench.files() == files
    for stream in streams:
        stream.sendall(b"still there")
        assert stream.recv(100) == b"still there"
        stream.close()
    told = bench.run(service(mode="observe"), service("directory", "open", (636,)))
    assert told["changed"] is False and "was not confirmed and has been taken back" in " ".join(told["warnings"])
    assert bench.left() == []


def limits(bench: Bench) -> tuple[int, int]:
    """How long a change waits, and how late the rules may be."""
    return WAIT_OF.get(bench.gateway.backend, WAIT), GRACE_OF.get(bench.gateway.backend, GRACE)


def test_a_failing_check_takes_the_change_back_at_once(bench: Bench) -> None:
    bench.gateway.done(service(mode="observe"))
    before, files = bench.rules(), bench.files()
    result = bench.run(service(), confirm_timeout=300, confirm_checks=[OPEN, CLOSED])
    assert result["failed"] and bench.rules() == before and bench.files() == files
    assert "1 of 2 checks did not pass" in result["msg"] and "change service 'smtp'" in result["msg"]
    assert "was not confirmed and has been taken back" in result["msg"]
    assert [one["verdict"] for one in result["verdicts"]] == ["ok", "failed"]
    assert bench.left() == []


def test_when_the_targets_pythons_are_killed_the_rules_come_back_in_time(bench: Bench) -> None:
    killed_on_target(bench, "began", with_groups=False)


@pytest.mark.parametrize(("moment", "with_groups"), [("armed", False), ("began", True)], ids=["before anything", "with their process groups"])
def test_it_does_not_matter_when_and_how_they_are_killed(nft: Bench, moment: str, with_groups: bool) -> None:
    killed_on_target(nft, moment, with_groups)


def killed_on_target(bench: Bench, moment: str, with_groups: bool) -> None:
    """What was begun is finished without Python, so that there is no half-way to come back from."""
    bench.gateway.done(service(mode="observe"))
    before, files = bench.rules(), bench.files()
    many = MANY[:9] if bench.gateway.backend == "firewalld" else MANY
    wait, grace = limits(bench)
    controller = bench.start(service(sources=(*many, ALLOWED[4])), confirm_timeout=wait, confirm_checks=[SLOW], allow_removals=["smtp"])
    bench.wait_marker(moment)
    assert bench.kill_pythons(with_groups), "the module had ended already"
    armed = bench.wait_marker("armed")
    time.sleep(max(0.0, armed + wait - 1 - time.time()))
    assert moment == "armed" or bench.rules() != before
    back = bench.wait_rules(before, wait + grace + 10)
    if moment != "armed":
        print(f"back after {back - armed:.2f} s of {wait}")
    assert back - armed < wait + grace and bench.files() == files
    result = controller.result()
    assert result["failed"] and f"takes that back by itself within {wait} s" in result["msg"]


def test_what_a_former_run_left_is_told_and_taken_back_first(bench: Bench) -> None:
    bench.gateway.done(service(mode="observe"))
    before = bench.rules()
    controller = bench.start(service(), confirm_timeout=600, confirm_checks=[SLOW])
    bench.wait_marker("armed")
    bench.wait_changed(before)
    controller.kill()
    time.sleep(1)  # for the module, which the crash of the controller did not end
    changed = bench.rules()
    told = bench.run(service(mode="observe"), options=("--check",))
    assert "waits to be confirmed, else it takes itself back" in " ".join(told["warnings"]) and bench.rules() == changed
    result = bench.run(service(mode="observe"))
    assert "was not confirmed and has been taken back" in " ".join(result["warnings"]) and bench.rules() == before
    assert result["changed"] is False, "the plan is made from the rules that came back"
    assert bench.left() == []


@pytest.mark.skipif(not Path(SYSTEMD_PROGRAM).exists(), reason="systemd is not installed")
def test_where_systemd_runs_it_is_its_timer(nft: Bench) -> None:
    """It outlives all processes of whoever logged in; and it is gone after a confirmation."""
    nft.gateway.done(service(mode="observe"))
    before = nft.rules()
    with nft.systemd() as process:
        units = ("nsenter", f"--target={process}", "--all", "systemctl", "list-units", "--all", "--no-legend", "mimecast*")
        kept = nft.run(service(), confirm_timeout=60, confirm_checks=[OPEN])
        assert not kept.get("failed") and nft.left() == [] and netns.run(*units) == ""
        nft.gateway.done(service(mode="observe"))
        controller = nft.start(service(), confirm_timeout=WAIT, confirm_checks=[SLOW])
        armed = nft.wait_marker("armed")
        nft.wait_changed(before)
        controller.kill()
        assert "mimecast-connect-" in netns.run(*units) and not [text for text in nft.processes().values() if "sleep" in text]
        back = nft.wait_rules(before, WAIT + 20)
        print(f"back after {back - armed:.2f} s of {WAIT}")
        assert WAIT - 0.5 < back - armed < WAIT + GRACE


@pytest.mark.skipif(not shutil.which("sshd", path=netns.PLACES), reason="sshd is not installed")
def test_over_ssh_only_a_new_connection_confirms(nft: Bench) -> None:
    """The server stops listening while the change is made. What is open goes on, and would have been enough to confirm."""
    nft.gateway.done(service(mode="observe"))
    before, files = nft.rules(), nft.files()
    with nft.sshd() as (server, target), tempfile.TemporaryDirectory() as short:
        env = {"ANSIBLE_SSH_CONTROL_PATH_DIR": short, "ANSIBLE_TIMEOUT": "3"}
        kept = nft.run(service(), target=target, env=env, confirm_timeout=60, confirm_checks=[OPEN])
        assert not kept.get("failed") and kept["changed"] and list(nft.home.iterdir()) == [], kept
        nft.gateway.done(service(mode="observe"))
        controller = nft.start(service(), target=target, env=env, confirm_timeout=WAIT, confirm_checks=[OPEN])
        armed = nft.wait_marker("armed")
        server.kill()
        nft.wait_changed(before)
        back = nft.wait_rules(before, WAIT + 20)
        assert back - armed < WAIT + 2 and nft.files() == files
        result = controller.result()
        assert result["failed"] and "no new connection could be made" in result["msg"], result
        assert "the target takes that back by itself within 6 s" in result["msg"]


def test_check_mode_and_no_change_arm_nothing(nft: Bench) -> None:
    predicted = nft.run(service(), options=("--check",), confirm_timeout=30, confirm_checks=[CLOSED])
    assert predicted["changed"] and "waits" not in predicted and nft.left() == []
    nft.gateway.done(service())
    same = nft.run(service(), confirm_timeout=30, confirm_checks=[CLOSED])
    assert same["changed"] is False and nft.left() == []


def test_a_confirmation_that_comes_too_late_is_none(nft: Bench) -> None:
    nft.gateway.done(service(mode="observe"))
    before, files = nft.rules(), nft.files()
    result = nft.run(service(), confirm_timeout=5, confirm_checks=[{**SLOW, "timeout": 8}, OPEN])
    assert result["failed"] and "has been taken back" in result["msg"] and nft.rules() == before and nft.files() == files
    assert nft.left() == []


def test_what_cannot_be_kept_is_taken_back(nft: Bench) -> None:
    nft.gateway.done(service(mode="observe"))
    before = nft.rules()
    paths = {**nft.gateway.paths, "nftables_own": "/proc/none/mimecast_connect.nft"}
    main = Path(paths["nftables_main"]).read_text()
    result = nft.run(service(), confirm_timeout=60, paths=paths)
    assert result["failed"] and "Cannot write /proc/none/mimecast_connect.nft" in result["msg"] and "has been taken back" in result["msg"]
    assert nft.rules() == before and Path(paths["nftables_main"]).read_text() == main and nft.left() == []


@pytest.mark.parametrize(("options", "said"), [
    ({"confirm_checks": [OPEN]}, "confirm_checks requires confirm_timeout"),
    ({"confirm_timeout": 4}, "confirm_timeout is 4: give 5 to 3600 seconds"),
    ({"confirm_timeout": 60, "confirm_checks": [{"type": "tcp", "host": "mail.example.com"}]}, "give port"),
    ({"confirm_timeout": 60, "confirm_checks": [{"type": "pop", "host": "mail.example.com", "password": "Sesame-31", "prot": 1}]}, "prot"),
    ({"confirm_timeout": 60, "confirm_checks": "tcp Sesame-31"}, "confirm_checks"),
], ids=lambda value: "" if isinstance(value, dict) else value[:20])
def test_what_is_wrong_with_it_is_said_before_anything_changes(nft: Bench, options: dict[str, Any], said: str) -> None:
    before = nft.rules()
    result = nft.run(service(), **options)
    assert result["failed"] and said in result["msg"] and "Sesame-31" not in result["msg"] + result["output"].replace(str(options), "")
    assert nft.rules() == before and nft.left() == []


def _fire(gateway: Host, script: Path) -> None:
    command = ["ip", "netns", "exec", gateway.net.gateway, "sh", str(script)]
    subprocess.run(command, check=False, stderr=subprocess.DEVNULL)


def test_of_a_confirmation_and_the_timer_exactly_one_wins(nft: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ever closer to the same moment: either rules and files are the new ones, or both are those from before."""
    monkeypatch.setattr(confirm, "STATE", str(nft.home))
    nft.gateway.done(service(mode="observe"))
    wins, delay = {"kept": 0, "reverted": 0}, 0.1
    for number in range(16):
        before = (nft.rules(), nft.files())
        sources = (ALLOWED[4], ALLOWED[6], f"203.0.113.{2 * number}")
        begun = nft.gateway.done(service(mode="observe", sources=sources), confirm_timeout=60, allow_removals=["smtp"])
        after, script = nft.rules(), next(nft.home.glob("*/revert"))
        timer = threading.Timer(delay, _fire, [nft.gateway, script])
        timer.start()
        ended = nft.gateway.run(service(mode="observe", sources=sources), confirm_end={"name": begun["waits"], "keep": True})
        timer.join()
        if ended.get("failed"):
            told = nft.gateway.run(service(mode="observe", sources=sources), confirm_end={"name": begun["waits"], "keep": False})
            assert "has been taken back" in told["told"] and (nft.rules(), nft.files()) == before, (ended, told)
            wins["reverted"] += 1
            delay *= 1.6
        else:
            assert nft.rules() == after and sources[2] in Path(nft.gateway.paths["nftables_own"]).read_text()
            wins["kept"] += 1
            delay *= 0.6
        assert nft.left() == []
    assert min(wins.values()) > 0, wins
