# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The law of the way back: whatever a step declares after the record was made, rolling it back gives the record, and touches nothing else."""

from __future__ import annotations

from typing import Any

from conftest import Tenant
from hypothesis import HealthCheck, Phase, event, given, settings
from whole_documents import SECRET, documents, new_tenant

from ansible_collections.mimecast.connect.plugins.module_utils._rollback.document import KINDS, document

CASES = settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
MX = {"name": "example.com", "type": "MX", "ttl": 77, "records": ["5 mx.vendor.test."]}
OWNED = {kind for kinds in KINDS.values() for kind in kinds}


def held(tenant: Tenant) -> dict[str, Any]:
    result = tenant.call("mimecast_export")
    assert not result.get("failed"), result
    return result


def compared(found: dict[str, Any], record: dict[str, Any], declared: dict[str, Any], handovers: list[dict[str, Any]]) -> dict[str, Any]:
    """A document without what nobody owns (domains that are not declared) and without what a person has to empty."""
    named = {one["name"] for one in declared.get("domains") or []}
    shown = {kind: value for kind, value in found.items() if kind != "domains"}
    shown["domains"] = [one for one in found.get("domains", []) if one["name"] in named]
    for one in handovers:
        options, title = one["title"].removeprefix("Empty ").split(" of ", 1)
        for item in (item for kind in OWNED - {"domains", "outbound_addresses"} for item in shown.get(kind, []) if repr(item["name"]) in title):
            for option in options.split(" and "):
                item.pop(option, None)
    return shown


@CASES
@given(first=documents, second=documents)
def test_the_way_back_leads_to_the_record(running_sandbox: Any, first: dict[str, Any], second: dict[str, Any]) -> None:
    tenant = new_tenant(running_sandbox)
    declared = {kind: value for kind, value in second.items() if kind in OWNED}
    try:
        # Kind by kind, since one object that cannot be would keep all the others out.
        for kind in sorted({"groups", *OWNED} & set(first)):
            tenant.call("mimecast_tenant", **{kind: first[kind]})
        before = held(tenant)
        for kind in sorted(declared):
            tenant.call("mimecast_tenant", **{kind: declared[kind]})
        handovers: list[dict[str, Any]] = []
        secrets = dict.fromkeys(before["secrets"], SECRET)
        for step, kinds in KINDS.items():
            # Whose MX records lead back has tests of its own.
            of_dns = {"domains": [{"name": MX["name"]}]} if step == "inbound" else {}
            back = document({"tenant": before["document"], "dns": [MX]}, {**declared, "secrets": secrets, **of_dns}, step)
            assert set(back["tenant"]) <= set(kinds) and back["max_removals"] == 10, back
            handovers += back["handovers"]
            if back["tenant"]:
                predicted = tenant.call("mimecast_tenant", True, **back["tenant"])
                done = tenant.call("mimecast_tenant", **back["tenant"])
                assert not done.get("failed") and done["changes"] == predicted["changes"], (step, back, done)
                assert {change["kind"] for change in done["changes"]} <= {*kinds, "delivery_route_policies"}
                event("{0}: {1}".format(step, "back" if done["changed"] else "as it was"))
                assert not tenant.call("mimecast_tenant", **back["tenant"])["changed"], (step, back)
        found = held(tenant)["document"]
        assert compared(found, before["document"], declared, handovers) == compared(before["document"], before["document"], declared, handovers)
    finally:
        running_sandbox.drop_tenant(tenant.code)


def test_guards_are_raised_to_what_is_needed_and_no_further(tenant: Tenant) -> None:
    routes = [{"name": f"R{number}", "hostname": "mx1.example.com", "policies": [{"name": "All", "to": {"type": "internal"}}]} for number in range(8)]
    assert tenant.call("mimecast_tenant", delivery_routes=routes)["changed"]
    back = document({"tenant": {}, "dns": [MX]}, {"delivery_routes": routes, "domains": [{"name": MX["name"]}]}, "inbound")
    assert (back["max_removals"], back["max_removal_percent"]) == (16, 30)
    assert "max_removals" in tenant.call("mimecast_tenant", **back["tenant"], max_removals=15, max_removal_percent=30)["msg"]
    assert tenant.call("mimecast_tenant", **back["tenant"], max_removals=16, max_removal_percent=30)["changed"] and not tenant.objects()


def test_enforced_tls_goes_back_to_the_recorded_domains(tenant: Tenant) -> None:
    def enforce(strict: list[str]) -> dict[str, Any]:
        return {"strict": {"set": strict}, "relaxed": {"add": ["b.example"]}, "check_routes": False}

    def back(record: dict[str, Any]) -> dict[str, Any]:
        plan = document(record, {"tls_policies": {"strict": enforce(["new.example"])["strict"], "relaxed": {"add": ["b.example"]}}}, "tls_policies")["tls"]
        done = tenant.call("mimecast_tls_policy", check_routes=False, **{name: value for name, value in plan.items() if value})
        assert not done.get("failed"), done
        return done

    def members() -> dict[str, Any]:
        groups = tenant.call("mimecast_export", kinds=["groups"])["document"].get("groups", [])
        return {one["name"]: one.get("members", {}).get("set", []) for one in groups if one["name"].startswith("Enforced TLS")}

    empty = {"tenant": held(tenant)["document"]}
    assert tenant.call("mimecast_tls_policy", **enforce(["old.example"]))["changed"]
    record = {"tenant": held(tenant)["document"]}
    assert tenant.call("mimecast_tls_policy", **enforce(["new.example"]))["changed"]
    assert back(record)["changed"] and members() == {"Enforced TLS strict": ["old.example"], "Enforced TLS relaxed": ["b.example"]}
    assert not back(record)["changed"]
    # The groups stay until somebody says that no policy of the console points at them.
    assert back(empty)["changed"] and not any(members().values()) and back(empty)["handovers"]
