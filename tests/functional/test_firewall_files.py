# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes back after a reboot: the services from the files that the system loads, beside what others have in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import netns
import pytest
from firewall_host import OWN, VARIANTS, Host, host, service
from netns import ALLOWED, STRANGER


@pytest.fixture(params=VARIANTS)
def gateway(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    with host(request.param, tmp_path) as made, netns.echo(made.net, 25):
        yield made


def test_the_services_come_back_with_everything_else(gateway: Host) -> None:
    gateway.done(service(mode="observe"), service("directory", "open", (389, 636), ("192.0.2.0/24",)))
    gateway.done(service())
    before, rules = gateway.info(), gateway.rules()
    gateway.reload()
    after = gateway.info()
    assert [_lasting(one) for one in after["services"]] == [_lasting(one) for one in before["services"]]
    assert after["drift"] == [] and sorted(gateway.rules().splitlines()) == sorted(rules.splitlines())
    assert [gateway.net.reaches(who[family]) for who in (ALLOWED, STRANGER) for family in (4, 6)] == [True, True, False, False]
    assert not gateway.done(service())["changed"]


def test_files_of_others_keep_their_lines_and_get_them_back(gateway: Host) -> None:
    before = gateway.files()
    gateway.done(service())
    for option, text in gateway.files().items():
        if option != "nftables_own":
            assert "".join(line for line in text.splitlines(True) if not OWN.search(line)) == before[option]
            assert text != before[option]
    gateway.done(state="absent")
    assert gateway.files() == before
    assert not gateway.done(state="absent")["changed"]


def test_a_file_that_somebody_removed_is_written_again(gateway: Host) -> None:
    gateway.done(service())
    before = gateway.files()
    option = "nftables_own" if gateway.backend == "nftables" else "ipset_sets"
    Path(gateway.paths[option]).unlink()
    result = gateway.done(service(), check=True)
    assert result["changed"] and result["changes"] == [f"write {gateway.paths[option]}"]
    assert not Path(gateway.paths[option]).exists()
    gateway.done(service())
    assert OWN.search(gateway.files()[option]) and gateway.files().keys() == before.keys()


def test_without_persist_no_file_is_touched(gateway: Host) -> None:
    before = gateway.files()
    gateway.done(service(), persist=False)
    assert gateway.files() == before
    assert not gateway.done(service(), persist=False)["changed"]


def test_a_file_that_the_system_itself_has_saved_is_as_good(gateway: Host) -> None:
    if gateway.backend == "nftables":
        pytest.skip("the file with the services is written by the module only")
    gateway.done(service())
    for name, option in (("iptables-save", "iptables_rules"), ("ip6tables-save", "ip6tables_rules")):
        Path(gateway.paths[option]).write_text(gateway.net.inside(gateway.tool(name), "-c"))
    Path(gateway.paths["ipset_sets"]).write_text(gateway.net.inside("ipset", "save"))
    assert not gateway.done(service())["changed"]


def test_the_line_that_includes_is_not_written_where_one_includes_already(tmp_path: Path) -> None:
    with host("nftables", tmp_path) as gateway:
        main = Path(gateway.paths["nftables_main"])
        text = main.read_text() + f'include "{tmp_path}/mimecast_c*"\n'
        main.write_text(text)
        gateway.done(service())
        assert main.read_text() == text
        gateway.reload()
        assert gateway.info()["services"]


def test_nothing_is_changed_where_nothing_would_load_the_files(gateway: Host) -> None:
    before = gateway.rules()
    paths = {"nftables_main": str(gateway.folder / "absent.conf")} if gateway.backend == "nftables" else {}
    if gateway.backend == "iptables" and Path("/usr/share/netfilter-persistent/plugins.d/10-ipset").exists():
        pytest.skip("this machine loads them")
    refused = gateway.run(service(), paths=paths)
    assert refused["failed"] and "Cannot keep the services across a reboot" in refused["msg"] and "set persist to false" in refused["msg"]
    assert gateway.rules() == before


def _lasting(one: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in one.items() if key not in ("connections", "observed_hours")}
