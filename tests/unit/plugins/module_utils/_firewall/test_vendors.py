# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each product's rendering says what the allowlist says: read back, read by another eye, and as the reviewed files show it."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import collapse_addresses, ip_network
from pathlib import Path

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import Allowlist, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import from_networks, networks
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import Place, Rendering, Wish
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.table import VENDORS, read, rendered

hypothesis = pytest.importorskip("hypothesis", reason="the laws are tested with generated allowlists")
from hypothesis import given, settings
from hypothesis import strategies as st

GOLDEN = Path(__file__).parent / "golden"
RANGES = from_networks(["198.51.100.0/23", "203.0.113.7", "2001:db8:7::/48"])
SMTP = Service("smtp", (25,), "enforce", RANGES[4], RANGES[6])
LDAP = Service("ldap", (389, 636), "open", RANGES[4], RANGES[6])
WHERE = {
    "server": "mail", "server6": "mail6", "source_zone": "outside", "destination_zone": "dmz", "access_list": "outside_in", "layer": "Network",
    "position": 300,
}
ONE_LIST = sorted(word for word, vendor in VENDORS.items() if vendor.one_list)
WITH_RULES = ("fortios", "panos", "asa", "checkpoint", "azure")
NETWORK = re.compile(r"\b(\d+\.\d+\.\d+\.\d+)[ /](\d+\.\d+\.\d+\.\d+|\d+)\b|\b(\d+\.\d+\.\d+\.\d+)\b|\b([0-9a-f]+:[0-9a-f:]*(?:/\d+)?)")


def place_of(word: str) -> Place:
    """Everything that the product takes."""
    vendor = VENDORS[word]
    given_here = {name: WHERE[name] for name in (*vendor.needs, *vendor.may)}
    if word == "azure":
        given_here["server"] = "192.0.2.25"
    return Place(**given_here)


def wish_of(word: str, *services: Service, name: str = "mimecast", place: bool = True) -> Wish:
    return Wish(name, Allowlist(tuple(sorted(services, key=lambda one: one.name))), place_of(word) if place else Place())


# ---- as reviewed

@pytest.mark.parametrize("word", VENDORS)
def test_the_rendering_is_the_reviewed_one(word: str) -> None:
    golden = (GOLDEN / (word + ".txt")).read_text(encoding="utf-8")
    assert rendered(word, wish_of(word, SMTP, LDAP)).content == golden
    assert read(word, golden) == VENDORS[word].expected(wish_of(word, SMTP, LDAP))


def test_there_is_no_reviewed_file_too_many() -> None:
    assert sorted(path.stem for path in GOLDEN.iterdir()) == sorted(VENDORS)


# ---- laws

POOL = [*(f"203.0.{third}.0/24" for third in range(6)), "198.51.100.0/23", "198.51.100.64/26", "198.51.100.9", "192.88.98.0/21",
        "2001:db8:1::/48", "2001:db8:2::/47", "2001:db8:ffff::1"]
SOURCES = st.lists(st.sampled_from(POOL), min_size=1, max_size=8).map(from_networks)
PORTS = st.lists(st.integers(1, 65535), min_size=1, max_size=4, unique=True).map(lambda ports: tuple(sorted(ports)))
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,7}", fullmatch=True)


@st.composite
def allowlists(draw: st.DrawFn, word: str) -> Allowlist:
    """Services that the product takes."""
    vendor, services, taken = VENDORS[word], [], set()
    common = draw(SOURCES)
    for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)):
        found = common if vendor.one_list else draw(SOURCES)
        if not any(found[family] for family in vendor.families):
            found = {**found, 4: RANGES[4]}
        ports = (25,) if vendor.mail_only else draw(PORTS)
        ports = ports if vendor.mail_only else tuple(port for port in ports if port not in taken) or (1,)
        taken.update(ports)
        services.append(Service(name, ports, draw(st.sampled_from(["open", "enforce"])), found[4], found[6]))
    if vendor.one_list:
        services = [replace(one, sources4=services[0].sources4, sources6=services[0].sources6) for one in services]
    return Allowlist(tuple(sorted(services, key=lambda one: one.name)))


@pytest.mark.parametrize("place", [True, False])
@pytest.mark.parametrize("word", VENDORS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_is_rendered_reads_back(word: str, place: bool, data: st.DataObject) -> None:
    vendor = VENDORS[word]
    wish = Wish("mimecast", data.draw(allowlists(word)), place_of(word) if place or vendor.always else Place())
    found = vendor.parse(vendor.render(wish).content)
    if vendor.one_list:
        assert list(found) == [""]
        found = {wish.name + vendor.joiner + one.name: found[""] for one in wish.allowlist.services}
    assert set(found) == {wish.name + vendor.joiner + one.name for one in wish.allowlist.services}
    for service in wish.allowlist.services:
        held = found[wish.name + vendor.joiner + service.name]
        assert held.sources4 == service.sources4
        assert held.sources6 == (service.sources6 if 6 in vendor.families else ())
        if word in WITH_RULES and (place or vendor.always):
            assert (held.ports, held.mode) == (service.ports, service.mode)


@pytest.mark.parametrize("word", VENDORS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_another_eye_sees_the_same_networks(word: str, data: st.DataObject) -> None:
    """Whatever looks like a network in the text, found without the product's own parser, is what may connect; nothing more, nothing less."""
    services = data.draw(allowlists(word)).services
    wish = Wish("m", Allowlist(services), replace(place_of(word), server="" if word == "azure" else place_of(word).server))
    seen = seen_networks(VENDORS[word].render(wish).content)
    wanted = [ip_network(text) for one in services for family in VENDORS[word].families for text in networks(one.sources(family), family)]
    assert seen == merged(wanted)


def seen_networks(text: str) -> list[str]:
    # Names of objects are made of networks too; they are no statement.
    bare = re.sub(r"\bm-[0-9a-f.:_-]+_\d+\b", "", text)
    for cut, joined in ((r"</IPAddress><Subnet>", " "), (r" mask-length[46] ", "/"), (r"\\n", " ")):
        bare = re.sub(cut, joined, bare)
    found = []
    for four, length, single, six in NETWORK.findall(bare):
        if six and six.count(":") < 2:
            continue
        found.append(ip_network(six or (f"{four}/{length}" if four else single)))
    return merged(found)


def merged(found: list[object]) -> list[str]:
    """The fewest networks that are the same addresses."""
    return [str(one) for version in (4, 6) for one in collapse_addresses([net for net in found if net.version == version])]


@pytest.mark.parametrize("word", VENDORS)
def test_a_network_less_or_a_mode_more_is_another_rendering(word: str) -> None:
    """Reading back can tell: a text of other rules is never taken for these."""
    whole, fewer = wish_of(word, SMTP), wish_of(word, replace(SMTP, sources4=from_networks(["198.51.100.0/23"])[4]))
    assert VENDORS[word].parse(rendered(word, fewer).content) != VENDORS[word].expected(whole)
    if word in (*WITH_RULES, "exchange_online"):
        opened = wish_of(word, replace(SMTP, mode="open"))
        assert VENDORS[word].parse(rendered(word, opened).content) != VENDORS[word].expected(whole)


def test_what_does_not_read_back_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    lossy = replace(VENDORS["plain"], render=lambda wish: Rendering("198.51.100.0/24\n"))
    monkeypatch.setitem(VENDORS, "plain", lossy)
    with pytest.raises(FirewallError, match="does not read back"):
        rendered("plain", wish_of("plain", SMTP))


@pytest.mark.parametrize("word", VENDORS)
def test_ten_thousand_networks(word: str) -> None:
    """Every other /24, so that none merge."""
    many = from_networks([f"{20 + number // 128}.{number % 128 * 2}.0.0/24" for number in range(10000)])[4]
    found = rendered(word, wish_of(word, Service("smtp", (25,), "enforce", many)))
    assert next(iter(VENDORS[word].parse(found.content).values())).sources4 == many
    assert bool(found.warnings) is (word in ("aws", "pfsense"))
