# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which steps a customer goes through, what holds a step back, and what the account of a journey says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.mimecast.connect.plugins.module_utils._customers.account import account, runs
from ansible_collections.mimecast.connect.plugins.module_utils._customers.journey import NEEDS, ORDER, plan
from ansible_collections.mimecast.connect.plugins.module_utils._customers.options import role_options
from ansible_collections.mimecast.connect.plugins.module_utils._customers.spec import INFRASTRUCTURES, MATRIX, OPTIONAL

ROOT = Path(__file__).resolve().parents[5]
TODAY = "2026-11-22"
# The vendor's table, written down a second time.
STEPS = {
    "archiving": ["rfi", "recipient_validation", "journaling"],
    "email_security": ["rfi", "outbound", "recipient_validation", "inbound", "firewall_lockdown"],
    "both": ["rfi", "outbound", "recipient_validation", "journaling", "inbound", "firewall_lockdown"],
}
HANDOVER = {"title": "Publish the record", "state": "open", "for_whom": "whoever keeps the zone", "acknowledged": {}}
WORD = {"title": "publish  the Record", "by": "Grace", "on": "2026-11-01", "until": "2026-12-01"}


def steps(customer: dict[str, Any], **wishes: Any) -> list[str]:
    found = plan(customer, **wishes)
    assert found["problem"] == "", found
    assert sorted(row["step"] for part in ("steps", "others") for row in found[part]) == sorted(ORDER)
    assert all(row["why"] for part in ("steps", "others") for row in found[part])
    return [row["step"] for row in found["steps"]]


@pytest.mark.parametrize("infrastructure", INFRASTRUCTURES)
@pytest.mark.parametrize("service", STEPS)
def test_the_matrix(service: str, infrastructure: str) -> None:
    customer = {"service": service, "infrastructure": {"type": infrastructure}}
    assert steps(customer) == STEPS[service] == list(MATRIX[service])
    everything = steps({**customer, **{key: {"a": 1} for key in OPTIONAL}})
    assert sorted(everything) == sorted([*STEPS[service], *OPTIONAL])
    for step in everything:
        assert all(everything.index(first) < everything.index(step) for first in NEEDS.get(step, ()) if first in everything)
    assert "server_connections" not in everything or everything.index("server_connections") < (everything + ["firewall_lockdown"]).index("firewall_lockdown")


@pytest.mark.parametrize("wishes, expected", [
    ({"only": "inbound"}, ["inbound"]),
    ({"only": "inbound, outbound"}, ["outbound", "inbound"]),
    ({"only": ["journaling", "rfi"]}, ["rfi", "journaling"]),
    ({"until": "journaling"}, ["rfi", "outbound", "recipient_validation", "journaling"]),
    ({"until": "firewall_lockdown"}, STEPS["both"]),
    ({"only": ["rfi"], "until": "inbound"}, ["rfi"]),
    ({"only": ["rfi"], "tags": ["rfi", "verify"], "skipped": ["slow"]}, ["rfi"]),
    ({"tags": ["all"]}, STEPS["both"]),
    ({"tags": ["apply"]}, STEPS["both"]),
])
def test_wishes(wishes: dict[str, Any], expected: list[str]) -> None:
    assert steps({"service": "both"}, **wishes) == expected


@pytest.mark.parametrize("service, wishes, said", [
    ("both", {"only": "inbund"}, "Nothing was changed: connect_only names 'inbund', which is no step; did you mean inbound?"),
    ("both", {"until": "everything"}, "Nothing was changed: connect_until names 'everything', which is no step; there are rfi, outbound"),
    ("archiving", {"only": "inbound"}, "connect_only names inbound, which is no step of service archiving; its steps are rfi, recipient_validation"),
    ("email_security", {"until": "journaling"}, "connect_until names journaling, which is no step of service email_security"),
    ("both", {"only": "tls_policies"}, "connect_only names tls_policies, but the customer file declares no tls_policies."),
    ("both", {"only": "inbound", "until": "outbound"}, "connect_only names inbound, which comes after connect_until (outbound); leave one of both out."),
    ("both", {"skipped": ["verify"]}, "Nothing was changed: --skip-tags names verify, and a journey runs no part of a step without the others"),
    ("both", {"only": "inbound", "tags": ["inbound"], "skipped": ["requires", "debug"]}, "Nothing was changed: --skip-tags names requires"),
    ("both", {"tags": ["evidence"]}, "Nothing was changed: --tags names evidence"),
    ("", {}, "Nothing was changed: service (none) is none of archiving, email_security, both; correct the customer file."),
])
def test_wishes_that_cannot_be_met_are_one_sentence(service: str, wishes: dict[str, Any], said: str) -> None:
    found = plan({"service": service}, **wishes)
    assert said in found["problem"] and found["problem"][-1] in ".?" and found["steps"] == []
    whole = account("acme", {"service": service}, found, today=TODAY)
    assert (whole["state"], whole["next"]) == ("failed", found["problem"])
    assert {row["state"] for row in whole["steps"]} <= {"not_part", "not_reached"}


class World:
    """What the roles of a customer have set so far."""

    def __init__(self, **customer: Any) -> None:
        self.variables = {
            "service": "both", "outbound_domains": [], "inbound_delivery_routes": [], "firewall_lockdown_ranges": [],
            "infrastructure": {"type": "postfix"}, "mx": {"cut_over": True}, "firewall": {"enforce": True}, **customer,
        }
        self.plan = plan(self.variables)

    def end(self, *names: str, changed: bool = False, handovers: Any = (), **more: Any) -> None:
        for name in names:
            self.variables.update({
                name + "_handovers": list(handovers), name + "_result": {"changed": changed, "changes": [{"name": "a"}] if changed else []},
                name + "_proof": {"verdicts": [{"name": name}]}, **more})

    def open(self, check: bool = False) -> list[str]:
        return [step for step in ORDER if runs(self.variables, self.plan, step, check, TODAY)]

    def account(self, **more: Any) -> dict[str, Any]:
        return account("acme", self.variables, self.plan, today=TODAY, **more)

    def states(self, **more: Any) -> list[str]:
        return [row["state"] for row in self.account(**more)["steps"] if row["state"] != "not_part"]


def test_a_journey_goes_from_step_to_step() -> None:
    world = World(tls_policies={"strict": {"add": ["a.example"]}})
    ran = []
    while world.open():
        ran.append(world.open()[0])
        world.end(ran[-1])
    assert ran == ["rfi", "outbound", "recipient_validation", "journaling", "inbound", "tls_policies", "firewall_lockdown"]
    found = world.account()
    assert (found["state"], found["next"]) == ("done", "Nothing is left to do.")
    assert [row["proof"] for row in found["steps"] if row["step"] == "inbound"] == [[{"name": "inbound"}]]


def test_what_waits_holds_back_only_what_builds_on_it() -> None:
    world = World()
    world.end("rfi")
    world.end("outbound", outbound_soak={"since": "2026-11-20", "until": "2026-11-25", "passed": False, "why": "Mail goes out since 2026-11-20"})
    assert world.open() == ["recipient_validation", "journaling"]
    world.end("recipient_validation", "journaling")
    assert world.open() == []
    found = world.account()
    assert world.states() == ["done", "waiting", "done", "done", "not_reached", "not_reached"]
    assert found["steps"][1]["soak"] == {"since": "2026-11-20", "until": "2026-11-25"}
    assert (found["state"], found["next"]) == ("waiting", "outbound waits for the days with outbound mail alone: Mail goes out since 2026-11-20.")
    assert found["steps"][4]["why"] == "it builds on outbound, which waits"
    world.variables["outbound_soak"]["passed"] = True
    assert world.open() == ["inbound"]


@pytest.mark.parametrize("step, customer, why", [
    ("inbound", {"mx": {}, "firewall": {}}, "the switch mx.cut_over"),
    ("firewall_lockdown", {"firewall": {"enforce": False}}, "the switch firewall.enforce"),
    ("firewall_lockdown", {"firewall": {"enforce": "no"}}, "the switch firewall.enforce"),
])
def test_switches(step: str, customer: dict[str, Any], why: str) -> None:
    world = World(**customer)
    world.end(*ORDER[:ORDER.index(step) + 1])
    found = world.account()
    row = next(row for row in found["steps"] if row["step"] == step)
    assert row["state"] == "waiting" and row["why"].startswith(why) and found["next"].startswith(step + " waits for " + why)
    assert world.open() == []


def test_a_person_is_waited_for_until_somebody_acknowledges_it() -> None:
    world = World()
    world.end(*ORDER)
    world.end("outbound", handovers=[HANDOVER])
    assert world.account()["next"] == "outbound waits for whoever keeps the zone: Publish the record."
    for word, state in (({}, "acknowledged"), ({"until": "2026-11-21"}, "expired")):
        world.variables["acknowledged"] = [{**WORD, **word}]
        row = world.account()["steps"][1]
        assert row["handovers"][0]["state"] == state and row["handovers"][0]["acknowledged"]["by"] == "Grace"
        assert row["state"] == ("done" if state == "acknowledged" else "waiting")
    assert HANDOVER["state"] == "open", "what the role has set stays as it is"


def test_a_failure_belongs_to_the_step_that_was_running_and_ends_the_journey() -> None:
    world = World()
    world.end("rfi", "outbound")
    found = world.account(failure="Nothing was changed:\n  the directory cannot be read.")
    assert world.states(failure="x") == ["done", "done", "failed", "not_reached", "not_reached", "not_reached"]
    assert (found["state"], found["next"]) == ("failed", "recipient_validation: Nothing was changed: the directory cannot be read.")
    assert found["steps"][3]["why"] == "recipient_validation failed, and nothing was done after it"


def test_mail_servers_that_wait_for_the_ttl_of_spf_hold_back_inbound_and_nothing_else() -> None:
    why = "The mail servers are left alone until 2026-11-22 12:06 UTC"
    world = World()
    world.end("rfi")
    world.end("outbound", changed=True, outbound_waiting=[why])
    found = world.account()
    assert found["state"] == "waiting" and why in found["next"] and found["steps"][1]["changes"]
    assert world.open() == ["recipient_validation", "journaling"]
    world.end("outbound", outbound_waiting=[])
    world.end("recipient_validation", "journaling")
    assert world.open() == ["inbound"]


def test_a_step_that_failed_speaks_of_itself_alone() -> None:
    """Its role says that nothing was changed; the domains were registered before, and addresses authorised."""
    said = "Nothing was changed: mail could not leave."
    registered = {"changed": True, "item": "example.com", "changes": [{"action": "create", "kind": "domain", "name": "example.com"}]}
    world = World(inbound_registered={"changed": True, "results": [registered]})
    world.end("rfi")
    found = world.account(failure=said)
    assert (found["state"], found["next"]) == ("failed", "outbound: Nothing more was changed: mail could not leave.")
    assert found["steps"][1]["changes"] == registered["changes"], "the page shows them"
    assert "Nothing was changed" in world.account(failure=said, check_mode=True)["next"]
    world = World(outbound_authorised={"changed": True, "changes": [{"name": "198.51.100.25"}]}, outbound_routed={"failed": True, "results": [{"msg": said}]})
    world.end("rfi")
    assert world.account(failure=said)["next"].startswith("outbound: Nothing more was changed")
    world = World(inbound_registered={"results": [], "skipped": True})
    world.end("rfi")
    assert world.account(failure=said)["next"] == "outbound: " + said
    world.end("rfi", changed=True)
    assert world.account(failure=said)["next"].startswith("outbound: Nothing more was changed"), "so it is with steps before it"


def test_acceptance_that_told_its_result_has_failed_all_the_same() -> None:
    world = World(acceptance={"messages": False}, acceptance_failed=["OUT1"])
    world.end(*STEPS["both"][:-1], "acceptance")
    found = world.account(failure="1 mandatory cases of acceptance failed.")
    assert found["next"] == "acceptance: 1 mandatory cases of acceptance failed."
    assert found["steps"][-1]["why"] == "acceptance failed, and nothing was done after it"


def test_nobody_is_shut_out_before_acceptance_where_it_is_declared() -> None:
    world = World(acceptance={"messages": False})
    world.end(*STEPS["both"][:-1])
    assert world.open() == ["acceptance"], "tags can leave it out"
    assert "acceptance: it was not run" in world.account()["next"]
    world.variables["firewall"] = {"enforce": False}
    assert world.open() == ["acceptance", "firewall_lockdown"], "to observe needs no acceptance"
    world.variables["firewall"] = {"enforce": True}
    world.end("acceptance")
    assert world.open() == ["firewall_lockdown"]


def test_a_step_whose_keys_are_not_there_is_not_begun() -> None:
    world = World(inbound_delivery_routes=None)
    world.end("rfi", "outbound", "recipient_validation", "journaling")
    assert world.open() == []
    assert world.account()["next"] == "inbound: Nothing was changed: the customer file says nothing of delivery_routes, which this step needs."
    assert world.states()[-2:] == ["failed", "not_reached"]


def test_a_verification_record_that_is_handed_over_is_waited_for() -> None:
    world = World(inbound_handovers=[HANDOVER])
    world.end("rfi")
    found = world.account(failure="the record of example.com is not there")
    assert world.states(failure="x") == ["done", "waiting", *["not_reached"] * 4]
    assert found["state"] == "waiting" and found["steps"][1]["handovers"] == [HANDOVER]
    world.variables["inbound_handovers"] = []
    assert world.account(failure="x")["state"] == "failed", "it is published, and the service has not found it"


def test_check_mode_foretells_up_to_what_only_a_write_would_show() -> None:
    world = World()
    world.end("rfi", "outbound", "recipient_validation", "journaling", "inbound", changed=True)
    assert world.open(check=True) == [] and world.open() == ["firewall_lockdown"], "a lock-down relies on what inbound has not written"
    assert world.states(check_mode=True) == [*["changed"] * 5, "not_reached"]
    assert world.account(check_mode=True)["next"] == "rfi, outbound, recipient_validation, journaling, inbound would be changed."
    watching = World(firewall={})
    watching.end("rfi", "outbound", "recipient_validation", "journaling", "inbound", changed=True)
    assert watching.open(check=True) == ["firewall_lockdown"]


def test_what_was_done_for_the_domains_is_in_the_first_row_that_needs_them() -> None:
    world = World(inbound_registered={"results": [{"changes": [{"name": "example.com"}]}]}, inbound_verified={"results": [{"changes": [{"name": "b"}]}]},
                  inbound_codes={"skipped": True})
    world.end("rfi", "outbound", "recipient_validation")
    assert [row["changes"] for row in world.account()["steps"][:3]] == [[], [{"name": "example.com"}, {"name": "b"}], []]
    assert world.states()[:3] == ["done", "changed", "done"]


def test_check_mode_stops_at_domains_that_are_not_known_yet() -> None:
    world = World(inbound_registered={"results": [{"item": "example.com", "changed": True}, {"item": "example.org", "changed": False}]})
    world.end("rfi")
    assert world.open(check=True) == [] and world.open() == ["outbound", "recipient_validation", "journaling"]
    assert world.states(check_mode=True) == ["done", "changed", *["not_reached"] * 4]
    assert "example.com would be registered" in world.account(check_mode=True)["steps"][1]["why"]


def options_of(role: str) -> set[str]:
    spec = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    return {name for entry in spec["argument_specs"].values() for name in entry["options"]}


def test_customer_files_become_options_that_the_roles_have() -> None:
    known = set().union(*(options_of(role) for role in ORDER))
    for path in sorted((ROOT / "playbooks" / "examples" / "customers").glob("*.yml")):
        made = role_options(yaml.safe_load(path.read_text(encoding="utf-8")), "eu")
        assert set(made) <= known, path.name
        assert made["inbound_domains"] == made["rfi_domains"] and made["outbound_servers"]


@pytest.mark.parametrize("infrastructure, servers, products", [
    ({"type": "postfix", "hosts": ["mail-1"]}, [{"product": "postfix", "hosts": ["mail-1"]}], []),
    ({"type": "exchange", "version": "2019", "hosts": ["ex-1"]}, [{"product": "exchange", "version": "2019", "windows_host": "ex-1"}], ["exchange"]),
    ({"type": "microsoft_365", "tenant_domain": "a.example"}, [{"product": "exchange_online", "tenant_domain": "a.example"}], ["exchange_online"]),
    ({"type": "hybrid", "on_premises": "exchange", "cloud": "google_workspace"}, [{"product": "exchange"}, {"product": "google_workspace"}],
     ["exchange", "google_workspace"]),
])
def test_mail_servers(infrastructure: dict[str, Any], servers: list[dict[str, Any]], products: list[str]) -> None:
    found = role_options({"infrastructure": infrastructure}, "eu")
    assert found["outbound_servers"] == servers and found["journaling_products"] == products
    assert found.get("journaling_mail_servers", []) == ([] if "postfix" not in str(servers) else ["mail-1"])


def test_options_of_several_keys() -> None:
    found = role_options({
        "infrastructure": {"type": "domino"}, "mx": {"hosts": ["mx.example"], "old_hosts": []}, "dns": {"resolver": "192.0.2.1", "backend": "nsupdate"},
        "firewall": {"enforce": True, "ranges": ["192.0.2.0/24"]}, "done": {"rfi": TODAY}, "tls_policies": {"strict": {}},
    }, "eu")
    assert found["inbound_mx"] == found["firewall_lockdown_mx"] == {"mx_hosts": ["mx.example"], "old_mx": [], "resolver": "192.0.2.1"}
    assert found["inbound_dns"] == found["outbound_dns"] == {"resolver": "192.0.2.1", "backend": "nsupdate"}
    assert found["rfi_done"] == TODAY and found["tls_policies_strict"] == {}
    assert found["firewall_lockdown_ranges"] == ["192.0.2.0/24"] and "firewall.enforce" in found["inbound_verify"]
    assert "firewall_lockdown_ranges" not in role_options({"infrastructure": {"type": "domino"}}, "unknown")


def test_domains_that_nobody_can_move_keep_their_mx_records() -> None:
    names = ["example.com", "Example.onmicrosoft.com", "journal.example.com"]
    data = {"infrastructure": {"type": "microsoft_365"}, "journaling": {"domain": names[2]}, "domains": [{"name": name} for name in names]}
    found = role_options(data, "eu")
    assert found["inbound_domains"] == data["domains"], "all of them have to be internal"
    for role in ("inbound_mx", "firewall_lockdown", "acceptance"):
        assert found[role + "_domains"] == [{"name": "example.com"}]
