# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mimecast_tls_policy: domains of two groups, what stops them, what is proved before, and what is left for a person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bind_server
import pytest
from conftest import DEFINITIONS, Tenant
from mimecast_sandbox.mail_control import MailServers

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import tls_policy_checks as _tls_policy_checks

STRICT, RELAXED = "Enforced TLS strict", "Enforced TLS relaxed"
MX = "mx.good.test"
ACK = {"by": "J. Doe", "on": "2026-01-31", "until": "2999-12-31"}
EXPIRED = {**ACK, "until": "2026-02-01"}
SERVERS = ["trusted", "self_signed", "no_tls", "expired", "expires_soon", "wrong_name", "other_ca", "tls10_only"]


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServers]:
    for package in ("aiosmtpd", "trustme"):
        pytest.importorskip(package, reason="the real mail servers need it")
    with MailServers(only=SERVERS, names=[MX]) as servers:
        yield servers


def run(tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
    """The module, without looking at routes unless it is asked to."""
    return tenant.call("mimecast_tls_policy", check, **{"check_routes": False, **options})


def done(tenant: Tenant, **options: Any) -> dict[str, Any]:
    """The result, which check mode predicts without a write and a second run finds as it is."""
    tenant.requests()
    predicted = run(tenant, True, **options)
    assert not predicted.get("failed") and tenant.requests(writes=True) == [], predicted
    result = run(tenant, **options)
    assert {**predicted, "api": 0} == {**result, "api": 0}
    assert bool(tenant.requests(writes=True)) is result["changed"]
    again = run(tenant, **options)
    assert again["changed"] is False and again["diff"] == {"before": {}, "after": {}}, again
    assert tenant.requests(writes=True) == []
    return result


def refused(tenant: Tenant, words: str, **options: Any) -> dict[str, Any]:
    """The failed result, the same in check mode, with nothing written."""
    tenant.requests()
    results = [run(tenant, check, **options) for check in (True, False)]
    for result in results:
        assert result.get("failed") and words in result["msg"], result
        assert result["msg"].startswith("Nothing was changed") and not result.get("changed")
    assert tenant.requests(writes=True) == []
    return results[1]


def domains(tenant: Tenant, group: str = STRICT) -> list[str] | None:
    """The members of a group as the service stores them; None without the group."""
    refs = [row["ref"] for row in tenant.objects("groups") if row["description"] == group]
    if not refs:
        return None
    return sorted(row["domain"] for row in tenant.objects("group_members") if row["groupId"] in refs)


def wrong(result: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(line["mode"], line["list"], line["line"], line["domain"]) for line in result["wrong"]]


# --- domains


def test_a_life(tenant: Tenant) -> None:
    made = done(tenant, strict={"add": ["Partner.example", "bank.example"]}, relaxed={"add": ["workshop.example"]})
    assert (domains(tenant), domains(tenant, RELAXED)) == (["bank.example", "partner.example"], ["workshop.example"])
    assert made["summary"] == {
        "strict": {"added": 2, "removed": 0, "present": 0, "repeated": 0, "blocked": 0},
        "relaxed": {"added": 1, "removed": 0, "present": 0, "repeated": 0, "blocked": 0}}
    more = done(tenant, strict={"add": ["bank.example", "supplier.example"], "remove": ["partner.example", "never.example"]})
    assert more["summary"] == {"strict": {"added": 1, "removed": 1, "present": 1, "repeated": 0, "blocked": 0}}
    assert more["diff"] == {"before": {"group 'Enforced TLS strict'": {"members": ["partner.example"]}},
                            "after": {"group 'Enforced TLS strict'": {"members": ["supplier.example"]}}}
    assert more["changes"] == [{"action": "update", "kind": "groups", "name": STRICT, "options": ["members"]}]
    assert domains(tenant, RELAXED) == ["workshop.example"], "a mode that is not declared is left alone"
    whole = done(tenant, strict={"set": ["bank.example"]}, relaxed={"set": []})
    assert whole["summary"]["strict"] == {"added": 0, "removed": 1, "present": 1, "repeated": 0, "blocked": 0}
    assert (domains(tenant), domains(tenant, RELAXED)) == (["bank.example"], [])
    assert not run(tenant, state="exists", strict={"set": ["bank.example"]}, relaxed={"set": []}).get("failed")


def test_a_group_of_another_name_and_one_without_domains(tenant: Tenant) -> None:
    done(tenant, strict={"group": "Partners", "add": ["a.example"]}, relaxed={})
    assert (domains(tenant, "Partners"), domains(tenant, RELAXED), domains(tenant)) == (["a.example"], [], None)


def test_a_domain_that_moves_is_enforced_all_the_time(tenant: Tenant) -> None:
    run(tenant, strict={"add": ["a.example"]}, relaxed={"add": ["b.example"]})
    for given in ({"strict": {"remove": ["a.example"]}, "relaxed": {"add": ["a.example"]}},
                  {"strict": {"set": ["a.example"]}, "relaxed": {"set": ["b.example"]}}):
        tenant.requests()
        assert run(tenant, max_removals=0, **given)["changed"], "what moves does not lose its enforcement"
        assert [one["operation"] for one in tenant.requests(writes=True)] == ["addGroupMembers", "removeGroupMembers"]
    assert (domains(tenant), domains(tenant, RELAXED)) == (["a.example"], ["b.example"])


def test_files(tenant: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "partners.txt"
    path.write_text("\ufeff# ours\r\npartner.example\r\n\r\nPARTNER.example.  # again\nb\u00fccher-partner.example\n", encoding="utf-8")
    result = done(tenant, strict={"add": ["a.example", "xn--bcher-partner-wob.example"], "add_src": str(path)})
    assert domains(tenant) == ["a.example", "partner.example", "xn--bcher-partner-wob.example"]
    assert [(line["source"], line["line"], line["domain"]) for line in result["repeated"]] == [
        (str(path), 4, "PARTNER.example."), (str(path), 5, "b\u00fccher-partner.example")]
    assert result["summary"]["strict"]["repeated"] == 2
    (warning,) = result["warnings"]
    assert "line 4 of '{0}': 'PARTNER.example.': it stands at line 2 of '{0}' already".format(path) in warning
    assert "it stands at strict.add number 2 already" in warning


@pytest.mark.parametrize("content, words", [
    (None, "No such file"), (b"", "it holds no domain"), (b"# none\n\n", "it holds no domain"), (b"\xff\xfe", "it is not UTF-8"),
])
def test_files_that_say_nothing(tenant: Tenant, tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "partners.txt"
    if content is not None:
        path.write_bytes(content)
    run(tenant, strict={"add": ["a.example"]})
    assert "cannot read the domains of strict.set_src from" in refused(tenant, words, strict={"set_src": str(path)})["msg"]
    assert domains(tenant) == ["a.example"]


def test_every_wrong_line_is_named(tenant: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "partners.txt"
    bad = ["bob@partner.example", "*.partner.example", "partner", "192.0.2.1", "a b.example", "-a.example", "@partner.example", "stra\u00dfe.example"]
    path.write_text("good.example\n" + "\n".join(bad) + "\n", encoding="utf-8")
    result = refused(tenant, "line 2 of '{0}': 'bob@partner.example': it is an address".format(path), strict={"add_src": str(path)})
    assert wrong(result) == [("strict", "add", number, domain) for number, domain in enumerate(bad, 2)]
    for words in ("no wildcards", "it has one part only", "it is an IP address", "write the domain without @", "xn-- form"):
        assert words in result["msg"], words
    assert tenant.requests() == [] and domains(tenant) is None, "nothing was even asked"


def test_many_wrong_lines_are_all_in_the_result(tenant: Tenant) -> None:
    result = refused(tenant, "50 of the domains cannot be taken", strict={"add": ["no domain {0}".format(number) for number in range(50)]})
    assert len(result["wrong"]) == 50 and result["msg"].endswith("and 30 more")


def test_a_domain_has_one_mode(tenant: Tenant) -> None:
    both = refused(tenant, "it is under strict too (strict.add number 2)", strict={"add": ["a.example", "b.example"]}, relaxed={"add": ["B.EXAMPLE"]})
    assert wrong(both) == [("relaxed", "add", 1, "B.EXAMPLE")]
    refused(tenant, "it stands under remove too (strict.remove number 1)", strict={"add": ["a.example"], "remove": ["A.example"]})
    run(tenant, strict={"add": ["a.example"]})
    for given in ({"relaxed": {"set": ["a.example"]}}, {"relaxed": {"add": ["a.example"]}, "strict": {"add": ["b.example"]}},
                  {"relaxed": {"add": ["a.example"]}, "strict": {}}):
        assert wrong(refused(tenant, "strict enforces it already; name it in strict.remove as well to move it", **given))
    assert done(tenant, relaxed={"add": ["a.example"]}, strict={"remove": ["a.example"]})["changed"]


def test_own_domains(tenant: Tenant) -> None:
    result = refused(tenant, "it is an internal domain of the tenant", strict={"add": ["partner.example", "Example.com", "b\u00fccher.example"]})
    assert [line[2] for line in wrong(result)] == [2, 3]
    assert done(tenant, strict={"remove": ["example.com"]})["summary"]["strict"]["removed"] == 0


def test_public_mail_domains(tenant: Tenant) -> None:
    result = refused(tenant, "it gives mailboxes to the public", strict={"add": ["partner.example", "GMail.com"]}, relaxed={"set": ["gmx.de"]})
    assert wrong(result) == [("strict", "add", 2, "GMail.com"), ("relaxed", "set", 1, "gmx.de")]
    assert done(tenant, strict={"add": ["gmail.com"]}, allow_public_mail=["Gmail.com"])["changed"]
    assert done(tenant, strict={"remove": ["gmail.com"]})["changed"]
    refused(tenant, "allow_public_mail: 'no domain'", strict={}, allow_public_mail=["no domain"])


@pytest.mark.parametrize("options, words", [
    ({}, "Give strict or relaxed, or both"),
    ({"strict": {"group": "G"}, "relaxed": {"group": "G"}}, "Both modes name the group 'G'"),
    ({"strict": {"group": " "}}, "it must not be empty"),
    ({"strict": {"acknowledged": {**ACK, "until": "soon"}}}, "until: it is not a day"),
    ({"state": "absent", "strict": {"set": []}}, "strict must name no domains"),
    ({"strict": {}, "max_removals": -1}, "Max_removals is -1"),
    ({"strict": {}, "check_timeout": 0}, "Check_timeout is 0"),
    ({"strict": {}, "evidence": {"max_messages": 0}}, "max_messages is 0"),
])
def test_options_that_make_no_sense(tenant: Tenant, options: dict[str, Any], words: str) -> None:
    refused(tenant, words, **options)
    assert tenant.requests() == []


@pytest.mark.parametrize("given", [{"set": [], "add": []}, {"set": [], "remove_src": "f"}, {"set_src": "f", "add": []}, {"set_src": "f", "add_src": "f"}])
def test_set_stands_alone(tenant: Tenant, given: dict[str, Any]) -> None:
    assert "mutually exclusive" in run(tenant, strict=given)["msg"]


def test_losing_many_needs_a_word(tenant: Tenant) -> None:
    many = ["d{0}.example".format(number) for number in range(12)]
    run(tenant, strict={"add": many})
    refused(tenant, "11 domains would lose their enforced TLS, more than max_removals, which is 10", strict={"set": many[:1]})
    refused(tenant, "12 domains would lose", state="absent")
    assert done(tenant, strict={"remove": many[1:]})["changed"], "each was named"


def test_exists(tenant: Tenant) -> None:
    run(tenant, strict={"add": ["a.example", "b.example"]})
    assert not run(tenant, state="exists", strict={"add": ["a.example"], "remove": ["c.example"]}).get("failed")
    for given, words in (({"add": ["c.example"]}, "strict lacks c.example"), ({"set": ["a.example"]}, "strict has b.example"),
                         ({"group": "Other"}, "the tenant has no group 'Other'")):
        result = run(tenant, state="exists", strict=given)
        assert result["failed"] and result["msg"].startswith("Cannot confirm the TLS policy") and words in result["msg"], result


def test_requests(tenant: Tenant) -> None:
    """Fifty members in a write; and nothing to change costs what it costs mimecast_group."""
    many = ["d{0}.example".format(number) for number in range(230)]
    tenant.requests()
    run(tenant, strict={"add": many})
    writes = [one["operation"] for one in tenant.requests(writes=True)]
    assert writes == ["createGroup", *["addGroupMembers"] * 5]
    again = run(tenant, strict={"set": many})
    assert [one["operation"] for one in tenant.requests()] == ["listGroups", *["listGroupMembers"] * 3] and again["changed"] is False
    assert tenant.call("mimecast_group", name=STRICT, members={"set": many})["api"]["requests"] == again["api"]["requests"]


# --- the tenant's own routes


def routed(tenant: Tenant, mail: MailServers, **servers: str) -> None:
    """Delivery routes by name, each to one of the real mail servers."""
    tenant.sandbox.insert(tenant.code, DEFINITIONS, [
        {"description": name, "hostname": "localhost", "port": mail.port(server)} for name, server in servers.items()])


def checked(tenant: Tenant, mail: MailServers, **options: Any) -> dict[str, Any]:
    return {"check_routes": True, "check_ca_path": mail.ca, "check_timeout": 5, **options}


# What the TLS step of Connect says of a route: strict, relaxed, or that TLS is not supported.
FIT = {
    "trusted": "strict", "expires_soon": "strict", "self_signed": "relaxed", "other_ca": "relaxed", "wrong_name": "relaxed", "expired": "relaxed",
    "no_tls": "none", "tls10_only": "none",
}


@pytest.mark.parametrize("server", FIT)
def test_a_route_and_the_modes_it_allows(tenant: Tenant, mail: MailServers, server: str) -> None:
    routed(tenant, mail, HQ=server)
    options = checked(tenant, mail)
    if FIT[server] == "strict":
        result = run(tenant, strict={"add": ["a.example"]}, **options)
        assert result["changed"] and result["routes"][0]["fit_for"] == "strict", result
        assert result["routes"][0]["service"]["evidence"]["answer"]["result"], "the service's view stands beside ours"
    else:
        words = {"relaxed": "is fit for relaxed only", "none": "does not support TLS"}[FIT[server]]
        result = refused(tenant, "delivery route 'HQ' " + words, strict={"add": ["a.example"]}, relaxed={"add": ["b.example"]}, **options)
        assert "set check_routes to false" in result["msg"] and result["routes"][0]["fit_for"] == FIT[server]
        assert domains(tenant) is None and domains(tenant, RELAXED) is None
        if FIT[server] == "relaxed":
            assert done_once(tenant, relaxed={"add": ["b.example"]}, **options)["routes"][0]["fit_for"] == "relaxed"
        else:
            refused(tenant, words, relaxed={"add": ["b.example"]}, **options)
        assert run(tenant, strict={"add": ["a.example"]})["changed"], "the override"
    assert mail.received()["total"] == 0


def done_once(tenant: Tenant, **options: Any) -> dict[str, Any]:
    result = run(tenant, **options)
    assert result.get("changed"), result
    return result


def test_every_route_counts_and_none_is_looked_at_twice(tenant: Tenant, mail: MailServers) -> None:
    routed(tenant, mail, One="trusted", Two="trusted", Partner="no_tls")
    options = checked(tenant, mail)
    refused(tenant, "delivery route 'Partner' does not support TLS", strict={"add": ["a.example"]}, **options)
    assert [one["operation"] for one in tenant.requests()].count("verifyDeliveryRoute") <= 4
    refused(tenant, "routes names 'Moon', which is not there (there are 'One', 'Two', 'Partner')", strict={"add": ["a.example"]},
            routes=["Moon"], **options)
    result = done_once(tenant, strict={"add": ["a.example"]}, routes=["One", "Two"], **options)
    assert [(row["name"], row["fit_for"]) for row in result["routes"]] == [("One", "strict"), ("Two", "strict")]
    assert [one["operation"] for one in tenant.requests()].count("verifyDeliveryRoute") == 1


def test_routes_are_looked_at_only_for_new_domains(tenant: Tenant, mail: MailServers) -> None:
    refused(tenant, "there is no delivery route to look at", strict={"add": ["a.example"]}, **checked(tenant, mail))
    run(tenant, strict={"add": ["a.example", "b.example"]})
    routed(tenant, mail, HQ="no_tls")
    result = done(tenant, strict={"add": ["a.example"], "remove": ["b.example"]}, **checked(tenant, mail))
    assert result["changed"] and result["routes"] == []


def test_declared_routes_stand_for_those_that_are_to_come(tenant: Tenant, mail: MailServers) -> None:
    routes = [{"name": "HQ", "hostname": "localhost", "port": mail.port("self_signed")}, {"name": "Old", "state": "absent"}]
    message = refused(tenant, "delivery route 'HQ' is fit for relaxed only", strict={"add": ["a.example"]}, delivery_routes=routes, **checked(tenant, mail))
    assert [row["name"] for row in message["routes"]] == ["HQ"]
    tenant.requests()
    result = run(tenant, strict={"add": ["a.example"]}, delivery_routes=[{"name": "HQ", "hostname": "no host"}])
    assert result["failed"] and "Delivery route 'HQ': hostname is 'no host'" in result["msg"] and tenant.requests() == []


def test_a_route_out_of_reach(tenant: Tenant) -> None:
    tenant.sandbox.insert(tenant.code, DEFINITIONS, {"description": "HQ", "hostname": "127.0.0.1", "port": 1})
    message = refused(tenant, "refuses the connection", strict={"add": ["a.example"]}, check_routes=True)["msg"]
    assert "could not be proved from here" in message and "delegate_to" in message and "set check_routes to false" in message


# --- external domains

ZONES = {
    "good.test": "@ MX 10 mx\nmx A 127.0.0.1", "none.test": "@ MX 0 .", "bare.test": "@ TXT x", "gone.test": "@ MX 10 mx",
    "half.test": "@ MX 10 mx.good.test.\n@ MX 20 mx", "other.test": "@ MX 10 mx.elsewhere.example.",
}


@pytest.fixture
def dns() -> Iterator[str]:
    """The address of a resolver that knows the zones."""
    if bind_server.why_not():
        pytest.skip(bind_server.why_not())
    with bind_server.bind(ZONES) as server:
        yield server.address


@pytest.mark.parametrize("server, strict, relaxed", [
    ("trusted", "ok_strict", "ok_relaxed"), ("self_signed", "certificate_self_signed", "ok_relaxed"), ("no_tls", "tls_not_offered", "tls_not_offered"),
    ("expires_soon", "certificate_expires_soon", "certificate_expires_soon"),
])
def test_domains_by_their_mx(
    tenant: Tenant, mail: MailServers, dns: str, monkeypatch: pytest.MonkeyPatch, server: str, strict: str, relaxed: str,
) -> None:
    monkeypatch.setattr(_tls_policy_checks, "SMTP_PORT", mail.port(server))
    for mode, code in (("strict", strict), ("relaxed", relaxed)):
        passes = code.startswith("ok") or code.endswith("soon")
        group = STRICT if mode == "strict" else RELAXED
        given = {mode: {"add": ["good.test"], "remove": ["x.example"]}, "check_domains": True, "check_ca_path": mail.ca, "check_resolver": dns}
        predicted, result = run(tenant, True, **given), run(tenant, **given)
        assert {**predicted, "api": 0} == {**result, "api": 0}
        assert result.get("failed", False) is not passes and domains(tenant, group) == (["good.test"] if passes else [])
        assert result["summary"][mode]["blocked"] == (0 if passes else 1)
        assert [(row["domain"], row["mx"], row["code"]) for row in result["checked"]] == ([] if code.startswith("ok") else [("good.test", [MX], code)])
        run(tenant, **{mode: {"remove": ["good.test"]}})
    assert mail.received()["total"] == 0


def test_domains_that_do_not_pass_are_named_and_the_others_added(
    tenant: Tenant, mail: MailServers, dns: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_tls_policy_checks, "SMTP_PORT", mail.port("trusted"))
    given = {"strict": {"add": ["none.test", "good.test", "bare.test", "never.none.test", "gone.test", "half.test", "other.test"]}, "check_domains": True,
             "check_ca_path": mail.ca, "check_timeout": 5, "check_resolver": dns}
    predicted = run(tenant, True, **given)
    result = run(tenant, **given)
    assert {**predicted, "api": 0} == {**result, "api": 0}
    assert result["failed"] and result["changed"] and domains(tenant) == ["good.test"]
    assert result["msg"].startswith("6 of 7 new domains were left out"), result["msg"]
    assert {row["domain"]: (row["verdict"], row["code"], row["mx"]) for row in result["checked"]} == {
        "none.test": ("failed", "takes_no_mail", []), "bare.test": ("failed", "no_mail_server", ["bare.test"]),
        "never.none.test": ("failed", "domain_not_found", []), "gone.test": ("failed", "mx_no_address", ["mx.gone.test"]),
        "half.test": ("failed", "mx_no_address", ["mx.good.test", "mx.half.test"]),
        "other.test": ("unknown", "dns_unresolved", ["mx.elsewhere.example"])}
    assert result["summary"]["strict"] == {"added": 1, "removed": 0, "present": 0, "repeated": 0, "blocked": 6}
    again = run(tenant, **given)
    assert again["failed"] and again["changed"] is False and again["msg"].startswith("6 of 6 new domains"), "those that are in are not looked at again"


def test_a_move_that_is_blocked_does_not_end_the_enforcement(
    tenant: Tenant, mail: MailServers, dns: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_tls_policy_checks, "SMTP_PORT", mail.port("self_signed"))
    run(tenant, relaxed={"add": ["good.test"]})
    result = run(tenant, relaxed={"remove": ["good.test"]}, strict={"add": ["good.test"]}, check_domains=True, check_ca_path=mail.ca, check_resolver=dns)
    assert result["failed"] and result["summary"]["relaxed"]["removed"] == 0
    assert (domains(tenant), domains(tenant, RELAXED)) == ([], ["good.test"])


def test_without_dnspython(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tls_policy_checks, "HAS_DNSPYTHON", False)
    result = run(tenant, strict={"add": ["good.test"]}, check_domains=True)
    assert result["failed"] and "dnspython" in result["msg"] and domains(tenant) is None
