# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is affected by the move of ranges, and who may be shut out: tables of customers, one for each answer."""

from __future__ import annotations

from typing import Any

import pytest

netaddr = pytest.importorskip("netaddr", reason="sets of networks need it")

from ansible_collections.mimecast.connect.plugins.module_utils._ranges import gather, lockdown, migration, report
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.bundled import Bundled
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.region import region_named

TODAY = "2026-11-22"
OLD, NEW, OWN = "63.128.21.0/24", "170.10.128.0/22", "203.0.113.7/32"  # of the A grid: deprecated and current; the customer's own
RETIRED = {"range": OLD, "reason": "notice", "by": "Jane", "from": "2026-11-01"}


def known(account: str, *retired: dict[str, Any]) -> dict[str, Any]:
    region = region_named(account)
    heard = [gather.from_bundle(Bundled(region.code), TODAY)]
    return report.details(gather.gather(region, heard, None, "", list(retired), TODAY))


def smtp(*sources: str, mode: str = "enforce", name: str = "smtp") -> dict[str, Any]:
    return {"name": name, "ports": [25], "mode": mode, "sources": list(sources), "observed_since": None}


def without(account: str, *networks: str) -> list[str]:
    gone = netaddr.IPSet(networks)
    return [str(one) for one in (netaddr.IPSet(known(account)["cidrs"]) - gone).iter_cidrs()]


ALL = {account: known(account)["cidrs"] for account in ("CUSA1A1", "CDE1A1", "CAU1A1", "CUK1A1", "CUSB1A1", "CSA1A1")}
# account, firewalls, restricts, retired, status, words of why, what is missing, what is removed
CUSTOMERS: list[tuple[str, str, dict[str, Any], bool | None, list[Any], str, str, list[str], list[str]]] = [
    ("europe", "CUK1A1", {"gw": [smtp(OWN)]}, None, [], "elsewhere", "does not take part in the move", [], []),
    ("b_grid", "CUSB1A1", {"gw": [smtp(OWN)]}, None, [], "elsewhere", "B grid) does not take part", [], []),
    ("africa", "CSA1A1", {}, False, [], "elsewhere", "South Africa does not take part", [], []),
    ("open", "CUSA1A1", {}, False, [], "unrestricted", "does not restrict these connections by source", [], []),
    ("open_although_listed", "CUSA1A1", {"gw": [smtp(OWN)]}, False, [], "unrestricted", "nothing to open", [], []),
    ("nothing_known", "CUSA1A1", {}, None, [], "unknown", "nothing is known of its firewall", [], []),
    ("gateway_without_services", "CUSA1A1", {"gw": []}, True, [], "unknown", "no gateway keeps services", [], []),
    ("set_up_later", "CUSA1A1", {"gw": [smtp(*ALL["CUSA1A1"])]}, None, [], "complete", "ranges are in already", [], []),
    ("wider", "CDE1A1", {"gw": [smtp(*ALL["CDE1A1"], OWN)]}, None, [], "complete", "ranges are in already", [], []),
    ("old_only", "CUSA1A1", {"gw": [smtp(*without("CUSA1A1", NEW))]}, None, [], "affected", "it lacks 170.10.128.0/22", [NEW], []),
    ("germany", "CDE1A1", {"gw": [smtp(*without("CDE1A1", "194.104.108.0/22"))]}, None, [], "affected", "it lacks 194.104.108.0/22", ["194.104.108.0/22"], []),
    ("australia", "CAU1A1", {"gw": [smtp(*without("CAU1A1", "103.96.20.0/22"))]}, None, [], "affected", "it lacks 103.96.20.0/22", ["103.96.20.0/22"], []),
    ("removed_too_early", "CUSA1A1", {"gw": [smtp(*without("CUSA1A1", OLD))]}, None, [], "affected", f"it lacks {OLD}", [OLD], []),
    ("one_of_two_gateways", "CUSA1A1", {"a": [smtp(*ALL["CUSA1A1"])], "b": [smtp(*without("CUSA1A1", NEW))]}, None, [], "affected", "it lacks", [NEW], []),
    ("one_of_two_services", "CUSA1A1", {"a": [smtp(*ALL["CUSA1A1"]), smtp(*without("CUSA1A1", NEW), name="ldap", mode="open")]}, None, [],
     "affected", "it lacks", [NEW], []),
    ("retired", "CUSA1A1", {"gw": [smtp(*ALL["CUSA1A1"])]}, None, [RETIRED], "retiring", f"retired and still open: {OLD}", [], [OLD]),
    ("retired_and_gone", "CUSA1A1", {"gw": [smtp(*without("CUSA1A1", OLD))]}, None, [RETIRED], "complete", "are in already", [], []),
    ("retires_later", "CUSA1A1", {"gw": [smtp(*ALL["CUSA1A1"])]}, None, [{**RETIRED, "from": "2026-12-01"}], "complete", "are in already", [], []),
    ("retired_by_mistake", "CUSA1A1", {"gw": [smtp(*without("CUSA1A1", OLD))]}, None, [{**RETIRED, "undone": {"by": "Joe", "reason": "mail came"}}],
     "affected", f"it lacks {OLD}", [OLD], []),
    ("both", "CUSA1A1", {"gw": [smtp(*without("CUSA1A1", NEW))]}, None, [RETIRED], "affected", "retired and still open", [NEW], [OLD]),
]


@pytest.mark.parametrize(("account", "firewalls", "restricts", "retired", "status", "words", "missing", "removed"), [row[1:] for row in CUSTOMERS],
                         ids=[row[0] for row in CUSTOMERS])
def test_who_is_affected(account: str, firewalls: dict[str, Any], restricts: bool | None, retired: list[Any], status: str, words: str,
                         missing: list[str], removed: list[str]) -> None:
    told = known(account, *retired)
    row = migration.decide(told, firewalls, restricts, [])
    assert (row["status"], row["missing"], row["removed"]) == (status, missing, removed) and words in row["why"], row
    for name, services in row["firewalls"].items():
        for before, after in zip(firewalls[name], services):
            assert netaddr.IPSet(after["sources"]) == (netaddr.IPSet(before["sources"]) - netaddr.IPSet(removed)) | netaddr.IPSet(told["cidrs"])
            assert {key: before[key] for key in ("name", "ports", "mode")} == {key: after[key] for key in ("name", "ports", "mode")}
    if status in ("affected", "retiring"):
        done = migration.decide(told, row["firewalls"], restricts, [])
        assert done["status"] == "complete" and done["firewalls"] == row["firewalls"], "a second run has nothing to do"


def test_deprecated_ranges_stay_and_are_named() -> None:
    row = migration.decide(known("CUSA1A1"), {"gw": [smtp(*without("CUSA1A1", NEW))]}, None, [])
    assert OLD in row["kept_deprecated"] and netaddr.IPNetwork(OLD) in netaddr.IPSet(row["firewalls"]["gw"][0]["sources"])


def removal() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """What is open after a range was retired, the report with it, and what was saved before."""
    before = {"gw": [smtp(*ALL["CUSA1A1"], OWN)]}
    told = known("CUSA1A1", RETIRED)
    row = migration.decide(told, before, None, [])
    return row["firewalls"], told, migration.document(row, before, "2026-11-20T10:00:00Z")


def test_a_roll_back_opens_what_was_closed_and_nothing_closes_it_again_unasked() -> None:
    now, told, saved = removal()
    now["gw"][0]["sources"] = [*now["gw"][0]["sources"], "198.51.100.0/24"]  # opened since
    row = migration.roll_back(told, now, [saved])
    assert (row["status"], row["missing"]) == ("rolled_back", [OLD]) and "the run of 2026-11-20T10:00:00Z took away" in row["why"]
    open_then = netaddr.IPSet(row["firewalls"]["gw"][0]["sources"])
    assert open_then == netaddr.IPSet([*ALL["CUSA1A1"], OWN, "198.51.100.0/24"])
    documents = [saved, migration.document(row, now, "2026-11-21T08:00:00Z")]
    assert migration.roll_back(told, row["firewalls"], documents)["status"] == "complete", "twice is once"
    after = migration.decide(told, row["firewalls"], None, documents)
    assert (after["status"], after["removed"]) == ("complete", []) and f"retired, but kept since they were rolled back: {OLD}" in after["why"]
    renewed = known("CUSA1A1", {**RETIRED, "from": "2026-11-22"})
    assert migration.decide(renewed, row["firewalls"], None, documents)["removed"] == [OLD], "a retirement with a later day counts"


def test_a_later_change_does_not_hide_the_removal() -> None:
    now, told, saved = removal()
    later = {"at": "2026-11-21T10:00:00Z", "rollback": False, "removed": [], "restored": [NEW], "firewalls": now}
    assert migration.roll_back(told, now, migration.check_saved([later, saved]))["missing"] == [OLD]


@pytest.mark.parametrize("documents", [[], [{"at": "1", "rollback": True, "removed": [], "restored": [], "firewalls": {}}]])
def test_nothing_to_roll_back(documents: list[Any]) -> None:
    with pytest.raises(RangesError, match="no saved state of a removal"):
        migration.roll_back(known("CUSA1A1"), {"gw": [smtp(OWN)]}, documents)


@pytest.mark.parametrize("document", ["text", {"at": "1"}, None])
def test_a_damaged_state_is_an_error(document: Any) -> None:
    with pytest.raises(RangesError, match="damaged"):
        migration.check_saved([document])


# ---- the lock-down

def seen(mode: str, *addresses: str, total: int | None = None) -> dict[str, Any]:
    strangers = [{"service": "smtp", "address": one, "port": 25, "count": 3, "first_seen": None, "last_seen": "2026-11-21T08:00:00Z"} for one in addresses]
    services = [] if mode == "absent" else [{"connections": {"allowed": 5, "others": 3}, **smtp(NEW, mode=mode)}]
    return {"item": "mx1", "services": services, "strangers": strangers, "strangers_total": len(strangers) if total is None else total}


def accepted(network: str, until: str = TODAY, **more: Any) -> dict[str, Any]:
    return {"range": network, "reason": "known", "by": "Jane Doe", "until": until, **more}


def planned(firewall: dict[str, Any], *entries: dict[str, Any], enforce: bool = True) -> dict[str, Any]:
    wanted = {"services": [{"name": "smtp", "ports": [25]}], "opened": [{"name": "ldap", "ports": [636]}], "ranges": [NEW], "accepted": list(entries)}
    return lockdown.plan(wanted, [firewall], enforce, TODAY)


STRANGER, SIX = "198.51.100.9", "2001:db8::9"
UNKNOWN = "mx1 saw 1 strangers whom nobody has accepted: 198.51.100.9 (3 times, last 2026-11-21T08:00:00Z)"


@pytest.mark.parametrize(("firewall", "entries", "problem"), [
    (seen("observe"), [], ""),
    (seen("observe", STRANGER), [], UNKNOWN),
    (seen("observe", STRANGER), [accepted("198.51.100.0/24")], ""),
    (seen("observe", STRANGER), [accepted(STRANGER, allow=True)], ""),
    (seen("observe", STRANGER), [accepted(STRANGER, until="2026-11-21")], UNKNOWN),
    (seen("observe", STRANGER, SIX), [accepted("198.51.100.0/24")], "mx1 saw 1 strangers whom nobody has accepted: 2001:db8::9"),
    (seen("observe", "170.10.129.1"), [], ""),  # the list has grown since
    (seen("enforce", STRANGER), [], ""),  # shut out already
    (seen("absent"), [], ""),  # the module refuses what nobody has observed
    (seen("observe", *(f"192.0.2.{number}" for number in range(12))), [], "192.0.2.9 (3 times, last 2026-11-21T08:00:00Z) and 2 more"),
    (seen("observe", STRANGER, total=20000), [accepted(STRANGER)], "mx1 saw 19999 strangers more than can be looked through"),
    (seen("enforce"), [accepted(STRANGER, until="2026-11-21", allow=True)], "198.51.100.9 is let in only until 2026-11-21 (Jane Doe said so): renew"),
])
def test_strangers_stop_a_lock_down_unless_somebody_accepts_them(firewall: dict[str, Any], entries: list[Any], problem: str) -> None:
    found = planned(firewall, *entries)["problems"]
    assert (problem in found[0] and len(found) == 1) if problem else found == []


def test_what_firewalls_are_asked_for() -> None:
    entry = accepted(STRANGER, allow=True)
    before, after = planned(seen("observe"), entry, enforce=False), planned(seen("observe"), entry)
    assert [(one["name"], one["mode"]) for one in before["services"]] == [("smtp", "observe"), ("ldap", "open")] and before["services"][:1] == after["watching"]
    assert [(one["name"], one["mode"]) for one in after["services"]] == [("smtp", "enforce"), ("ldap", "open")] == [
        (one["name"], one["mode"]) for one in after["products"]]
    assert [one["mode"] for one in before["products"]] == ["open", "open"]
    assert all(one["sources"] == [NEW, STRANGER + "/32"] for one in after["services"])
    assert (before["locks"], after["locks"], planned(seen("enforce"))["locks"]) == ([], ["mx1"], [])
    assert planned(seen("observe", STRANGER), enforce=False)["problems"] == [], "while it observes nobody has to be accepted"


@pytest.mark.parametrize(("entry", "words"), [
    (accepted("198.51.100.9/24"), "entry 1 (198.51.100.9/24): "), ({"range": STRANGER}, "takes range, reason, by, until, and allow"),
    (accepted(STRANGER, until="soon"), "is no day"), ("text", "entry 1 (text)"), (accepted(STRANGER, alow=True), "takes range"),
])
def test_an_entry_that_is_wrong(entry: Any, words: str) -> None:
    with pytest.raises(RangesError) as error:
        planned(seen("observe"), entry)
    assert words in str(error.value)


def test_a_firewall_that_keeps_no_list_is_not_clean() -> None:
    firewall = seen("observe")
    firewall["services"][0]["connections"] = {}
    wanted = {"services": [{"name": "smtp", "ports": [25]}], "opened": [], "ranges": [NEW], "accepted": []}
    assert "the firewall of mx1 keeps no list" in lockdown.plan(wanted, [firewall], True, TODAY)["problems"][0]
    assert lockdown.plan({**wanted, "logs_read": ["mx1"]}, [firewall], True, TODAY)["problems"] == []
