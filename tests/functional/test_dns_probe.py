# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dns probe against BIND and a caching resolver, with dig's opinion: every row of the table in docs/connectivity.md."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

pytest.importorskip("dns", reason="the dns probe needs dnspython")

import bind_server
from ansible_collections.mimecast.connect.plugins.module_utils._jobs import connectivity as _connectivity
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns import DnsCheck, check_dns
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict
from bind_server import Dns, bind, resolver
from case_tables import rows
from conftest import Tenant
from dns_cases import CASES, DOMAINS, EU, GOOD_MX, SERVICE, ZONES
from hostile_dns import hostile_dns

pytestmark = pytest.mark.skipif(bool(bind_server.why_not()), reason=bind_server.why_not())
TABLE = rows("dns")
DEAD = "127.0.0.1:1"
RIGHT, WRONG = GOOD_MX, "@ MX 10 mx.vendor.test.\n"
TWO_SERVERS = "@ SOA ns1 hostmaster 1 3600 600 86400 5\n$TTL 300\n@ NS ns1\n@ NS ns2\nns1 A 127.0.0.1\nns2 A 127.0.0.1\n"


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Dns, Dns]]:
    with bind(ZONES) as authority, resolver(authority) as cache:
        yield authority, cache


def check(domain: str, cache: Dns | str, *authorities: Dns | str, **options: Any) -> Verdict:
    """The verdict with these as ns1, ns2, ... of the domain."""
    addresses = [getattr(one, "address", one) for one in (cache, *authorities)]
    known = {f"ns{number}.{domain}": address for number, address in enumerate(addresses[1:], 1)}
    given = {option: value for option, value in options.items() if value is not None}
    return check_dns(DnsCheck(domain, resolver=addresses[0], nameservers=known, **{"timeout": 8, **given}))


def codes(verdict: Verdict) -> list[str]:
    found = verdict.evidence.get("findings", [{"verdict": verdict.verdict, "code": verdict.code}])
    return ["{verdict} {code}".format(**one) for one in found if one["verdict"] != "ok"]


def plain(line: str) -> str:
    """dig's line as a record's text: strings joined, names without the final dot and in lower case."""
    if line.startswith('"'):
        return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', line)).replace("\\\\", "\\")
    return line if line.endswith(" .") else line.lower().rstrip(".")


def test_the_table_has_every_case() -> None:
    assert [row[0] for row in TABLE] == list(CASES)


@pytest.mark.parametrize(("name", "asked", "dig_says", "verdict"), TABLE, ids=[row[0] for row in TABLE])
def test_table(servers: tuple[Dns, Dns], name: str, asked: str, dig_says: str, verdict: str) -> None:
    authority, cache = servers
    domain = DOMAINS[name]
    found = check(domain, cache, authority, **CASES[name].options)
    assert f"{found.verdict} {found.code}" == verdict, found.message
    owner, kind = asked.split()
    lines = authority.dig(domain if owner == "@" else f"{owner}.{domain}", kind)
    assert ("; ".join(lines) or "nothing").replace(domain, "acme.test") == dig_says
    shown = next(iter(found.evidence["answers"].values()))
    views = [shown["resolver"], *shown["authoritative"].values()]
    if kind == shown["type"]:
        said = {plain(line) for line in lines}
        for view in views if "circle" not in name else []:
            assert set(view["records"]) <= said and (view["records"] or "MX" != kind or not said)
    assert len(shown["authoritative"]) == 1, "the authoritative server was not asked"


def test_the_authoritative_server_is_asked_itself(servers: tuple[Dns, Dns]) -> None:
    authority, cache = servers
    domain = DOMAINS["both hosts, equal preference"]
    cache.dig(domain, "MX")
    before = len(authority.log().splitlines())
    check(domain, cache, authority, region="eu", records=["mx"])
    asked = [line for line in authority.log().splitlines()[before:] if f"query: {domain} IN MX" in line]
    assert [line.partition("IN MX ")[2][0] for line in asked] == ["-"], "one question, and one without recursion"


def test_networks_come_with_their_path(servers: tuple[Dns, Dns]) -> None:
    authority, cache = servers
    domain = DOMAINS["within another's include"]
    spf = check(domain, cache, authority, region="eu", records=["spf"]).evidence["spf"]
    assert spf["lookups"] == 3 and spf["includes"] == ["nested.vendor.test", "spf.vendor.test", EU]
    assert {row["network"]: row["path"] for row in spf["networks"]} == {
        "203.0.113.0/24": [domain, "include:nested.vendor.test", "include:spf.vendor.test", "ip4:203.0.113.0/24"],
        "198.51.100.0/29": [domain, "include:nested.vendor.test", f"include:{EU}", "ip4:198.51.100.0/29"],
    }


def changed(before: str, after: str, ttl: int = 300, **options: Any) -> Verdict:
    """The verdict right after a change that the resolver does not know of yet."""
    with bind({**SERVICE, "acme.test": f"$TTL {ttl}\n" + bind_server.HEADER.replace("$TTL 300\n", "") + before}, updatable=True) as authority:
        with resolver(authority) as cache:
            cache.dig("acme.test", "MX")
            lines = [f"add acme.test. {ttl} {line[2:]}" for line in after.splitlines()]
            authority.update("acme.test", "delete acme.test. MX", *lines)
            return check("acme.test", cache, authority, region="eu", records=["mx"], **options)


def test_a_ttl_is_waited_for_and_is_no_mistake() -> None:
    found = changed(WRONG, RIGHT, ttl=77)
    assert codes(found) == ["degraded dns_cached"]
    assert re.search(r"wait 7[567] seconds", found.message)


def test_a_negative_answer_is_waited_for_as_well() -> None:
    found = changed("", RIGHT)
    assert codes(found) == ["degraded dns_cached"]
    assert re.search(r"wait [345] seconds", found.message)


def test_a_mistake_is_one_even_if_the_resolver_has_not_noticed() -> None:
    assert codes(changed(RIGHT, WRONG)) == ["failed mx_not_service"]


def test_without_authoritative_the_resolver_counts() -> None:
    assert codes(changed(WRONG, RIGHT, authoritative=False)) == ["failed mx_not_service"]


@pytest.mark.parametrize(("second", "found"), [
    (RIGHT, []),
    (WRONG, ["degraded nameservers_disagree"]),
    (None, ["degraded nameserver_lame"]),
    (DEAD, ["degraded nameserver_silent"]),
], ids=["same", "behind", "lame", "silent"])
def test_each_authoritative_server_counts(second: str | None, found: list[str]) -> None:
    other = {"acme.test": TWO_SERVERS + second} if second in (RIGHT, WRONG) else {"other.test": ""}
    with bind({**SERVICE, "acme.test": TWO_SERVERS + RIGHT}) as one, bind(other) as two, resolver(one) as cache:
        verdict = check("acme.test", cache, one, DEAD if second == DEAD else two, region="eu", records=["mx"])
    assert codes(verdict) == found
    assert not found or "ns2.acme.test" in verdict.message


def test_no_authoritative_server_in_reach(servers: tuple[Dns, Dns]) -> None:
    found = check(DOMAINS["both hosts, equal preference"], servers[1], DEAD, region="eu", records=["mx"])
    assert codes(found) == ["degraded nameservers_silent"]


def test_a_domain_that_does_not_exist(servers: tuple[Dns, Dns]) -> None:
    authority, cache = servers
    found = check("gone.test", cache, region="eu")
    assert codes(found)[0] == "failed domain_not_found"
    assert authority.status("gone.test", "MX") == "NXDOMAIN"


def test_a_zone_that_only_the_resolver_fails_for(servers: tuple[Dns, Dns]) -> None:
    """As it is with broken DNSSEC: the servers answer, a resolver that validates does not."""
    authority, cache = servers

    def reply(question: bytes) -> list[bytes]:
        if question[12:].partition(b"\0")[2].startswith(b"\0\x0f"):
            return [question[:2] + b"\x81\x82" + question[4:]]  # SERVFAIL for MX
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(question, ("127.0.0.1", cache.port))
            return [sock.recv(4096)]

    with hostile_dns(reply) as address:
        assert "status: SERVFAIL" in bind_server._dig(int(address.rpartition(":")[2]), DOMAINS["null MX"], "MX", "+comments")
        right = check(DOMAINS["both hosts, equal preference"], address, authority, region="eu", records=["mx"])
        wrong = check(DOMAINS["null MX"], address, authority, region="eu", records=["mx"])
        alone = check(DOMAINS["null MX"], address, authority, region="eu", records=["mx"], authoritative=False)
    assert codes(right) == ["failed dns_servfail"]
    assert codes(wrong) == ["failed mx_null"]
    assert codes(alone) == ["unknown dns_unresolved"] and "SERVFAIL" in alone.message


def test_a_refusing_resolver(servers: tuple[Dns, Dns]) -> None:
    found = check("example.org", servers[0], region="eu")
    assert codes(found) == ["unknown resolver_refused"]
    assert servers[0].status("example.org", "MX") == "REFUSED"


def test_a_resolver_that_is_down_takes_bounded_time() -> None:
    start = time.monotonic()
    found = check("acme.test", DEAD, region="eu", timeout=1)
    assert codes(found) == ["unknown resolver_silent"] and time.monotonic() - start < 2


@pytest.mark.parametrize(("options", "word"), [
    ({}, "give region or other values"),
    ({"region": "atlantis"}, "is no region and no account code"),
    ({"records": ["dkim"]}, "dkim needs dkim_selector"),
    ({"records": ["verification"]}, "verification needs verification_token"),
    ({"dkim_record": "v=DKIM1; p=*", "dkim_selector": "s1"}, "dkim_record: p= is not base64"),
    ({"region": "eu", "timeout": 0}, "timeout is a positive number"),
])
def test_a_check_that_makes_no_sense(options: dict[str, Any], word: str) -> None:
    found = check_dns(DnsCheck("acme.test", resolver=DEAD, **options))
    assert found.code == "check_invalid" and word in found.message


def test_a_resolver_that_is_no_address() -> None:
    found = check_dns(DnsCheck("acme.test", region="eu", resolver="resolver.example"))
    assert found.code == "check_invalid" and "'resolver.example' is no address" in found.message


def test_as_a_module(servers: tuple[Dns, Dns], tenant: Tenant) -> None:
    """Several domains at once, with assert: all that is wrong in one message, in the order of the checks."""
    authority, cache = servers
    names = ["the region's include", "two SPF records", "+all"]
    checks = [
        {"type": "dns", "domain": domain, "region": "eu", "records": ["spf"], "resolver": cache.address, "nameservers": {"ns1." + domain: authority.address}}
        for domain in (DOMAINS[name] for name in names)
    ]
    result = tenant.call("connectivity_check", check=True, checks=checks, **{"assert": True})
    assert [one["name"] for one in result["verdicts"]] == [DOMAINS[name] for name in names]
    assert [one["code"] for one in result["verdicts"]] == ["ok_dns", "spf_multiple", "spf_allows_all"]
    assert result["failed"] and result["msg"].startswith("2 of 3 checks did not pass") and result["changed"] is False


@pytest.mark.parametrize(("options", "word"), [
    ({}, "give domain"),
    ({"domain": "acme.test", "host": "mx.acme.test"}, "host does not go with type dns"),
    ({"domain": "acme.test", "records": ["ns"]}, "must be one"),
])
def test_options_that_do_not_fit(tenant: Tenant, options: dict[str, Any], word: str) -> None:
    result = tenant.call("connectivity_check", checks=[{"type": "dns", **options}])
    assert result["failed"] and word in result["msg"]


def test_without_dnspython(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_connectivity, "find_spec", lambda name: None if name == "dns" else find_spec(name))
    result = tenant.call("connectivity_check", checks=[{"type": "dns", "domain": "acme.test", "region": "eu"}])
    assert result["failed"] and "(dnspython)" in result["msg"] and "Check 'acme.test'" in result["msg"] and "of type dns" in result["msg"]
