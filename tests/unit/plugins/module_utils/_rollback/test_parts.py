# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back of gateways, of Postfix and of TLS policies, which the law over tenants does not see."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mimecast.connect.plugins.module_utils._postfix import model
from ansible_collections.mimecast.connect.plugins.module_utils._rollback import firewall, postfix
from ansible_collections.mimecast.connect.plugins.module_utils._rollback.document import STEPS, RollbackError, document

MODES = ("open", "observe", "enforce")
NET, OTHER = "198.51.100.0/24", "203.0.113.0/24"


def service(mode: str, *sources: str, ports: tuple[int, ...] = (25,)) -> dict[str, Any]:
    return {"name": "smtp", "ports": list(ports), "mode": mode, "sources": list(sources)}


def gateway(was: list[dict[str, Any]], now: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = firewall.back({"gw": was}, {"now": {"firewall": {"gw": now}}, "firewall": {"gateways": ["gw"]}})["gw"]
    return found


@pytest.mark.parametrize("was", MODES)
@pytest.mark.parametrize("now", MODES)
def test_a_gateway_never_shuts_out_more_than_now(was: str, now: str) -> None:
    (found,) = gateway([service(was, NET)], [service(now, OTHER)])["services"]
    assert MODES.index(found["mode"]) == min(MODES.index(was), MODES.index(now))
    assert found["sources"] == ([NET, OTHER] if found["mode"] == "enforce" else [NET])


def test_a_port_that_is_open_now_is_not_locked() -> None:
    (found,) = gateway([service("enforce", NET, ports=(25, 587))], [service("enforce", NET)])["services"]
    assert found["mode"] == "observe" and found["ports"] == [25, 587]


def test_services_that_came_since_go_and_those_of_others_stay() -> None:
    strange = {**service("open", NET), "name": "strange"}
    found = gateway([], [service("enforce", NET), strange])
    assert found["absent"] == [{"name": "smtp"}] and found["services"] == []
    (kept,) = gateway([service("enforce", NET)], [])["services"]
    assert kept["mode"] == "observe", "nothing is locked out where nothing is now"


def before(tls: Any, **parameters: Any) -> dict[str, Any]:
    return {"parameters": {**dict.fromkeys(model.TOUCHED), model.TLS_POLICY: tls, **parameters}, "files": dict.fromkeys(model.FILES)}


SMART, COPIES, OWN = (f"texthash:/etc/postfix/{name}" for name in (model.SMART_HOSTS_TLS, model.JOURNAL_TLS, "tls_policy"))


@pytest.mark.parametrize(("step", "now", "expected"), [
    ("outbound", f"{SMART}, {COPIES}, {OWN}", f"{COPIES}, {OWN}"),
    ("journaling", f"{SMART}, {COPIES}, {OWN}", f"{SMART}, {OWN}"),
    ("outbound", f"{SMART}, {OWN}", OWN),
    ("journaling", f"{COPIES}, {OWN}", OWN),
])
def test_what_the_other_step_needs_of_postfix_stays(step: str, now: str, expected: str) -> None:
    found = postfix.back(before(OWN, relayhost="[old.example]"), before(now, relayhost="[new.example]", always_bcc="j@example.com"), step)
    assert found["parameters"][model.TLS_POLICY] == expected
    assert found["parameters"].get("relayhost", "-") == ("[old.example]" if step == "outbound" else "-")
    assert "always_bcc" in found["parameters"] if step == "journaling" else "always_bcc" not in found["parameters"]
    assert set(found["files"]) == set(postfix.FILES[step])
    assert (model.CA_FILE in found["parameters"]) is ("," not in expected)


@pytest.mark.parametrize(("groups", "expected"), [
    ([], {"state": "absent", "strict": {}, "relaxed": {"group": "Ours"}, "max_removals": 12}),
    ([{"name": "Ours", "members": {"set": ["a.example"]}}],
     {"state": "present", "strict": {"set": []}, "relaxed": {"group": "Ours", "set": ["a.example"]}, "max_removals": 12}),
])
def test_tls_policies(groups: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    options = {"strict": {"add": [f"d{number}.example" for number in range(11)]}, "relaxed": {"group": "Ours", "set": ["b.example"]}}
    assert document({"tenant": {"groups": groups}}, {"tls_policies": options}, "tls_policies")["tls"] == expected


@pytest.mark.parametrize("step", STEPS)
def test_without_a_record_there_is_no_way_back(step: str) -> None:
    declared = {"domains": [{"name": "example.com"}], "firewall": {"gateways": ["gw"]}, "now": {"postfix": {"mail": before(None)}}}
    with pytest.raises(RollbackError, match="there is no record of "):
        document({}, declared, step)


def test_only_the_rrsets_of_the_step() -> None:
    rrsets = [{"zone": "x", "alias": "", "name": name, "type": kind, "ttl": 1, "records": ["r"]}
              for name, kind in (("example.com", "MX"), ("example.com", "TXT"), ("s._domainkey.example.com", "TXT"), ("example.org", "MX"))]
    declared = {"domains": [{"name": "Example.COM"}]}
    record = {"tenant": {}, "dns": rrsets, "firewall": {}}
    restored = {step: [(one["name"], one["type"]) for one in document(record, declared, step)["restore"]] for step in STEPS}
    assert restored.pop("inbound") == [("example.com", "MX")] and restored.pop("outbound") == [("example.com", "TXT")] and not any(restored.values())


ROUTES = {"delivery_routes": [{"name": "HQ", "hostname": "mx1.example.com"}]}
MX = {"name": "xn--bcher-kva.example", "type": "MX", "ttl": 77, "records": ["5 mx.vendor.test."]}


@pytest.mark.parametrize(("domains", "words"), [
    ([], "no domains are declared"),
    ([{"name": "b\u00fccher.example"}, {"name": "new.example"}], "the record has no MX records of new.example, which came later"),
])
def test_routes_stay_while_somebody_s_mail_needs_them(domains: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(RollbackError, match=words):
        document({"tenant": {}, "dns": [MX]}, {**ROUTES, "domains": domains}, "inbound")


def test_a_domain_is_found_in_the_record_however_it_is_written() -> None:
    found = document({"tenant": {}, "dns": [MX]}, {**ROUTES, "domains": [{"name": "B\u00fccher.example."}]}, "inbound")
    assert found["restore"] == [MX] and found["tenant"]["delivery_routes"] == [{"name": "HQ", "state": "absent"}]


def test_mail_does_not_go_back_to_whom_the_firewall_shuts_out() -> None:
    declared = {**ROUTES, "domains": [{"name": MX["name"]}], "firewall": {"enforce": True}}
    with pytest.raises(RollbackError, match="firewall.enforce is set.* roll firewall_lockdown back first"):
        document({"tenant": {}, "dns": [MX]}, declared, "inbound")


def test_the_record_of_another_account_is_refused() -> None:
    record = {"tenant": {"account_code": "CUK1"}, "dns": [MX]}
    with pytest.raises(RollbackError, match="the record is that of account CUK1, and this customer is CUK2"):
        document(record, {**ROUTES, "account_code": "cuk2", "domains": []}, "journaling")
    assert document(record, {"account_code": "cuk1 "}, "journaling")["tenant"] == {}


@pytest.mark.parametrize("declared, waits", [
    ({"infrastructure": {"type": "exchange"}}, True),
    ({"infrastructure": {"type": "postfix"}}, False),
    ({"infrastructure": {"type": "postfix"}, "now": {"postfix": {"mail-2": {"parameters": {}, "files": {}}}}}, True),
])
def test_nobody_is_refused_who_still_sends_to_the_service(declared: dict[str, Any], waits: bool) -> None:
    for step in ("outbound", "journaling", "inbound"):
        of_dns = {"domains": [{"name": "example.com"}]}
        record = {"tenant": {}, "dns": [{**MX, "name": "example.com"}], "postfix": {}}
        assert document(record, {**declared, **of_dns}, step)["waits"] is (waits and step != "inbound")
