# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SPF evaluated against a DNS that is a table: look-ups, void look-ups, loops, and the networks with their way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf_evaluate import Evaluation, evaluate, expand

hypothesis = pytest.importorskip("hypothesis", reason="the walk is tested with generated zones")
from hypothesis import given, settings
from hypothesis import strategies as st

BROKEN = "servfail"


def evaluated(zone: dict[tuple[str, str], Any], domain: str = "acme.example") -> Evaluation:
    """zone: (name, type) -> records, or a status; a name without records of any type does not exist."""
    names = {name for name, _kind in zone}

    def ask(name: str, kind: str) -> Any:
        found = zone.get((name, kind), "nodata" if name in names else "nxdomain")
        return SimpleNamespace(status=found, records=(), ttl=0) if isinstance(found, str) else SimpleNamespace(status="found", records=tuple(found), ttl=60)

    return evaluate(domain, ask)


def spf(**records: str) -> dict[tuple[str, str], Any]:
    """A zone of SPF records only; `_` in a keyword stands for a dot."""
    return {(name.replace("_", "."), "TXT"): ["v=spf1 " + text] for name, text in records.items()}


def codes(found: Evaluation) -> list[str]:
    return [problem.code for problem in found.problems]


def networks(found: Evaluation) -> list[str]:
    return [str(network) for network in found.networks]


def test_networks_and_the_way_to_them() -> None:
    found = evaluated(spf(
        acme_example="ip4:192.0.2.1 include:a.example -ip4:203.0.113.0/24 ~all",
        a_example="ip4:198.51.100.0/24 include:b.example ?all",
        b_example="ip6:2001:db8::/32 -all",
    ))
    assert [(str(source.network), source.path) for source in found.sources] == [
        ("192.0.2.1/32", ("acme.example", "ip4:192.0.2.1")),
        ("198.51.100.0/24", ("acme.example", "include:a.example", "ip4:198.51.100.0/24")),
        ("2001:db8::/32", ("acme.example", "include:a.example", "include:b.example", "ip6:2001:db8::/32")),
    ]
    assert (found.lookups, found.voids, found.end, found.includes, found.problems, found.ttl) == (2, 0, "~", ["a.example", "b.example"], [], 60)


@pytest.mark.parametrize("include", ["-include:a.example", "?include:a.example", "~include:a.example"])
def test_what_is_included_without_pass_authorises_nobody(include: str) -> None:
    found = evaluated(spf(acme_example=include + " -all", a_example="ip4:198.51.100.0/24 -all"))
    assert networks(found) == [] and found.includes == [] and found.lookups == 1


def test_hosts_of_a_and_mx() -> None:
    zone = {
        **spf(acme_example="a mx/30 a:other.example//64 -all"), ("acme.example", "A"): ["192.0.2.7"], ("acme.example", "MX"): [(10, "mx.example")],
        ("mx.example", "A"): ["198.51.100.6"], ("other.example", "AAAA"): ["2001:db8::1"],
    }
    found = evaluated(zone)
    assert networks(found) == ["192.0.2.7/32", "198.51.100.4/30", "2001:db8::/64"]
    assert (found.lookups, found.voids) == (3, 0)


def test_redirect_is_followed_and_brings_the_end() -> None:
    found = evaluated(spf(acme_example="ip4:192.0.2.1 redirect=b.example", b_example="ip4:192.0.2.2 +all"))
    assert networks(found) == ["192.0.2.1/32", "192.0.2.2/32"] and found.end == "+" and found.lookups == 1
    assert evaluated(spf(acme_example="-all redirect=b.example")).lookups == 0


def test_terms_behind_all_cost_nothing() -> None:
    assert evaluated(spf(acme_example="-all include:a.example mx")).lookups == 0


@pytest.mark.parametrize(("count", "problems"), [(10, []), (11, ["lookups"])])
def test_ten_lookups_are_allowed(count: int, problems: list[str]) -> None:
    zone = spf(acme_example=" ".join(f"include:s{number}.example" for number in range(count)) + " -all")
    zone.update(spf(**{f"s{number}_example": "-all" for number in range(count)}))
    found = evaluated(zone)
    assert (found.lookups, codes(found)) == (count, problems)


def test_each_visit_counts() -> None:
    found = evaluated(spf(acme_example="include:a.example include:b.example -all", a_example="include:b.example -all", b_example="-all"))
    assert found.lookups == 3


@pytest.mark.parametrize(("terms", "voids", "problems"), [
    ("a:x1.example a:x2.example", 2, []), ("a:x1.example mx:x2.example exists:x3.example", 3, ["voids"]), ("mx:nomx.example", 1, []),
])
def test_void_lookups(terms: str, voids: int, problems: list[str]) -> None:
    found = evaluated({**spf(acme_example=terms + " -all"), ("nomx.example", "A"): ["192.0.2.1"]})
    assert (found.voids, codes(found)) == (voids, problems)


@pytest.mark.parametrize(("zone", "problem"), [
    ({}, "no_record acme.example"),
    ({("acme.example", "TXT"): ["v=spf1 -all", "v=spf1 +all"]}, "several_records acme.example"),
    ({("acme.example", "TXT"): BROKEN}, "unresolved acme.example"),
    (spf(acme_example="include:acme.example -all"), "loop acme.example"),
    (spf(acme_example="include:a.example -all", a_example="redirect=acme.example"), "loop a.example"),
    (spf(acme_example="include:gone.example -all"), "no_record gone.example"),
    ({**spf(acme_example="include:a.example -all"), ("a.example", "TXT"): ["other"]}, "no_record a.example"),
    ({**spf(acme_example="include:a.example -all"), ("a.example", "TXT"): BROKEN}, "unresolved a.example"),
    ({**spf(acme_example="include:a.example -all"), ("a.example", "TXT"): ["v=spf1", "v=spf1"]}, "several_records a.example"),
    (spf(acme_example="include:a.example -all", a_example="ipv4:192.0.2.1 -all"), "syntax a.example"),
    ({**spf(acme_example="mx -all"), ("acme.example", "MX"): [(1, f"mx{number}.example") for number in range(11)]}, "mx_hosts acme.example"),
])
def test_problems_name_their_place(zone: dict, problem: str) -> None:
    assert [f"{one.code} {one.where}" for one in evaluated(zone).problems] == [problem]


def test_macros() -> None:
    found = evaluated({**spf(acme_example="include:%{d}.spf.example exists:%{i}.x.example ptr -all"), **spf(acme_example_spf_example="ip4:192.0.2.1 -all")})
    assert networks(found) == ["192.0.2.1/32"] and found.opaque == ["exists:%{i}.x.example", "ptr"] and found.lookups == 3
    for spec, filled in {
        "%{d}": "mail.acme.example", "%{d2}": "acme.example", "%{dr}": "example.acme.mail", "%{o}": "root.example", "%{d1r}.x": "mail.x",
        "%{d-}": "mail.acme.example", "a%%b%_c%-": "a%b c%20", "%{i}": None, "%{s}.%{d}": None,
    }.items():
        assert expand(spec, "mail.acme.example", "root.example") == filled, spec


NAMES = ["acme.example", "a.example", "b.example", "c.example"]
TERMS = st.sampled_from([f"include:{name}" for name in NAMES] + [f"redirect={name}" for name in NAMES] + [
    "a", "mx", "ptr", "exists:%{d}", "ip4:192.0.2.0/24", "-all", "?a:a.example/8", "mx:%{i}", "a:%{d2r}", "x=y", "ip4:bad", "include:%{d}.a.example"])
ZONES = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.just("TXT")),
    st.lists(TERMS, max_size=12).map(lambda terms: [" ".join(["v=spf1", *terms])]) | st.just(BROKEN) | st.just(["v=spf1", "v=spf1"]),
)


@settings(max_examples=300, deadline=None)
@given(ZONES)
def test_every_walk_ends(zone: dict) -> None:
    found = evaluated({**zone, ("a.example", "MX"): [(1, "a.example")], ("a.example", "A"): ["192.0.2.3"]})
    assert found.lookups <= 200
    assert ("lookups" in codes(found)) == (found.lookups > 10)
    assert not found.includes or found.record
