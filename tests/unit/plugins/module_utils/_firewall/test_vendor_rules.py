# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a product cannot hold is refused or told, never left out in silence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import Allowlist, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import from_networks
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.powershell import literals
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import Place, Wish
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.table import VENDORS, rendered

RANGES = from_networks(["198.51.100.0/23", "203.0.113.7", "2001:db8:7::/48"])
SMTP = Service("smtp", (25,), "enforce", RANGES[4], RANGES[6])
WHERE = {
    "server": "192.0.2.25", "server6": "mail6", "source_zone": "outside", "destination_zone": "dmz", "access_list": "outside_in", "layer": "Network",
    "position": 300,
}


def wish(word: str, *services: Service) -> Wish:
    vendor = VENDORS[word]
    return Wish("m", Allowlist(services or (SMTP,)), Place(**{name: WHERE[name] for name in (*vendor.needs, *vendor.may)}))


@pytest.mark.parametrize(("word", "part"), [(word, part) for word, vendor in VENDORS.items() for part in vendor.needs])
def test_a_place_is_whole(word: str, part: str) -> None:
    whole = wish(word)
    broken = replace(whole, place=replace(whole.place, **{part: type(WHERE[part])()}))
    with pytest.raises(FirewallError, match="place.{0} is missing".format(part)):
        rendered(word, broken)


def test_a_part_of_another_product_is_refused() -> None:
    whole = wish("asa")
    with pytest.raises(FirewallError, match="place.layer has no meaning for asa, whose place takes server, access_list, position"):
        rendered("asa", replace(whole, place=replace(whole.place, layer="Network")))


@pytest.mark.parametrize("word", [word for word, vendor in VENDORS.items() if not vendor.purges])
def test_purge_is_refused_where_it_does_nothing(word: str) -> None:
    with pytest.raises(FirewallError, match="purge has no meaning"):
        rendered(word, replace(wish(word), purge=True))


@pytest.mark.parametrize("word", VENDORS)
def test_watching_is_refused_where_it_would_let_everybody_in(word: str) -> None:
    watching = wish(word, replace(SMTP, mode="observe"))
    if VENDORS[word].always or VENDORS[word].needs:
        with pytest.raises(FirewallError, match="mode observe cannot be rendered"):
            rendered(word, watching)
    else:
        assert rendered(word, watching).content


@pytest.mark.parametrize("word", VENDORS)
def test_a_list_that_lets_in_nobody_or_everybody_is_refused(word: str) -> None:
    for entries, wrong in (([], "has no source of"), (["0.0.0.0/0"], "wider than a /12")):
        ranges = from_networks(entries)
        with pytest.raises(FirewallError, match=wrong):
            rendered(word, wish(word, replace(SMTP, sources4=ranges[4], sources6=ranges[6])))


@pytest.mark.parametrize("word", [word for word, vendor in VENDORS.items() if vendor.one_list])
def test_lists_that_differ_are_not_mixed(word: str) -> None:
    other = Service("other", (25, 587), "enforce", from_networks(["192.0.2.0/24"])[4])
    with pytest.raises(FirewallError, match="Services 'other', 'smtp' have different sources"):
        rendered(word, wish(word, other, SMTP))


@pytest.mark.parametrize("word", [word for word, vendor in VENDORS.items() if vendor.mail_only])
def test_products_for_mail_look_at_mail_only(word: str) -> None:
    ldap = Service("ldap", (636,), "open", from_networks(["192.0.2.0/24"])[4])
    assert "192.0.2" not in rendered(word, wish(word, ldap, SMTP)).content
    with pytest.raises(FirewallError, match="no service has port 25"):
        rendered(word, wish(word, ldap))


@pytest.mark.parametrize(("network", "entries"), [
    ("198.51.96.0/21", 8), ("198.51.100.0/24", 1), ("198.51.100.0/25", 1), ("198.51.100.7", 1), ("198.18.0.0/16", 256)])
@pytest.mark.parametrize("word", ["exchange_online", "exchange_online_skip_list"])
def test_exchange_gets_nothing_wider_than_it_takes(word: str, network: str, entries: int) -> None:
    content = rendered(word, wish(word, replace(SMTP, sources4=from_networks([network])[4], sources6=()))).content
    found = literals(next(line for line in content.splitlines() if line.startswith("$ranges")))
    assert len(found) == entries and all(24 <= int(text.partition("/")[2] or 32) <= 32 for text in found)


def test_exchange_is_not_cut_into_thousands() -> None:
    with pytest.raises(FirewallError, match="wider than /16"):
        rendered("exchange_online", wish("exchange_online", replace(SMTP, sources4=from_networks(["198.16.0.0/15"])[4])))


def test_the_warnings_of_both_screens_are_in_the_steps() -> None:
    connector = " ".join(VENDORS["exchange_online"].steps(wish("exchange_online"), "x"))
    assert "Security restrictions" in connector and "Never put them on the screen Authenticating sent email" in connector
    assert "connectors of its own" in connector and "Direct Send" in connector
    assert "passes Mimecast twice" in " ".join(VENDORS["exchange_online_skip_list"].steps(wish("exchange_online_skip_list"), "x"))


def test_the_asa_is_told_of_esmtp_inspection() -> None:
    assert "no inspect esmtp" in rendered("asa", wish("asa")).content
    assert "inspect esmtp" in " ".join(VENDORS["asa"].steps(wish("asa"), "x"))


@pytest.mark.parametrize("network", ["10.1.0.0/24", "172.16.0.0/16", "192.168.1.1", "fd00::/32"])
def test_google_gets_no_private_address(network: str) -> None:
    ranges = from_networks([network])
    with pytest.raises(FirewallError, match="is private"):
        rendered("google_workspace", wish("google_workspace", replace(SMTP, sources4=ranges[4], sources6=ranges[6])))


@pytest.mark.parametrize("word", [word for word, vendor in VENDORS.items() if 6 not in vendor.families])
def test_a_family_that_a_product_lacks_is_told(word: str) -> None:
    found = rendered(word, wish(word))
    assert "2001:db8" not in found.content and any("IPv6 ranges are left out" in text for text in found.warnings)


def test_the_quota_of_aws_is_told() -> None:
    sixty = from_networks([f"198.18.{number}.0/24" for number in range(0, 120, 2)])[4]
    assert rendered("aws", wish("aws", replace(SMTP, sources4=sixty))).warnings == ()
    more = rendered("aws", wish("aws", replace(SMTP, sources4=sixty, ports=(25, 587))))
    assert "120 rules for IPv4: AWS allows 60" in more.warnings[0]


def test_fortios_says_which_group_is_in_no_policy() -> None:
    whole = wish("fortios")
    found = rendered("fortios", replace(whole, place=replace(whole.place, server6="")))
    assert "give place.server6" in found.warnings[0] and "srcaddr6" not in found.content


def test_priorities_of_azure_have_bounds() -> None:
    for position in (99, 4095):
        whole = wish("azure")
        with pytest.raises(FirewallError, match="Azure takes 100 to 4096"):
            rendered("azure", replace(whole, place=replace(whole.place, position=position)))


def test_the_arguments_of_azure_and_its_text_say_the_same() -> None:
    found = rendered("azure", wish("azure"))
    rules = found.data["azure_rm_securitygroup"]["rules"]
    assert [rule["name"] for rule in rules] == ["m-smtp", "m-smtp-v6", "m-smtp-others"]
    assert rules[0]["source_address_prefix"] == ["198.51.100.0/23", "203.0.113.7/32"] and rules[2]["source_address_prefix"] == "*"
    assert [rule["priority"] for rule in rules] == [300, 301, 302] and [rule["access"] for rule in rules] == ["Allow", "Allow", "Deny"]
