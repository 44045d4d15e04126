# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: a sentence that names the object, the option and what would be right, before anything is written."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import DEFINITIONS, POLICIES, Tenant

HQ = {"name": "HQ", "hostname": "mx1.example.com"}
LOGIN = {"mechanisms": ["LOGIN"], "username": "mimecast", "password": "route-password"}


def hq(**options: Any) -> dict[str, Any]:
    """The document with one new route."""
    return {"delivery_routes": [{**HQ, **options}]}


def policy(**options: Any) -> dict[str, Any]:
    """The document with one new route that has one policy."""
    return hq(policies=[{"name": "In", "to": {"type": "domain", "domain": "example.com"}, **options}])


def to(**target: Any) -> dict[str, Any]:
    return policy(to=target)


ROUTE, IN = "Delivery route 'HQ': ", "Delivery route policy 'In' of 'HQ': "
NOT_A_HOST = "give a host name or an IPv4 address"
NOT_A_DOMAIN = "it is not a domain name such as example.com"
NOT_A_DAY = "it is not a day such as 2026-12-31"

# What is wrong in itself: no request reaches the service, not even for a token. Label, options, what the message says.
WRONG_IN_ITSELF = [
    ("unknown region", {**hq(), "region": "eu"}, "value of region must be one of: global, us, uk, got: eu"),
    ("port 70000", hq(port=70000), ROUTE + "port is 70000: it must be a number from 1 to 65535"),
    ("port 0", hq(port=0), ROUTE + "port is 0: it must be a number from 1 to 65535"),
    ("port -25", hq(port=-25), ROUTE + "port is -25: it must be a number from 1 to 65535"),
    ("port as a word", hq(port="abc"), "argument 'port' is of type str found in 'delivery_routes'"),
    ("its own alternate", hq(alternate_route="HQ"), ROUTE + "alternate_route is 'HQ': it cannot refer to itself"),
    ("no name", {"delivery_routes": [{"hostname": "mx1.example.com"}]}, "missing required arguments: name found in delivery_routes"),
    ("empty name", hq(name=""), "Delivery route number 1: name: it must not be empty"),
    ("name of blanks", hq(name="  \t "), "Delivery route number 1: name: it must not be empty"),
    ("name of 300 characters", hq(name="x" * 300), "Delivery route number 1: name: it has 300 characters, at most 255"),
    ("line break in a name", hq(name="a\nb"), "Delivery route number 1: name: it must be one line without control characters"),
    ("null in a name", hq(name="a\0b"), "Delivery route number 1: name: it must be one line without control characters"),
    ("text direction in a name", hq(name="a\u202eb"), "Delivery route number 1: name: it must be one line without control characters"),
    ("empty name of a policy", policy(name=" "), "Delivery route policy number 1 of delivery route 'HQ': name: it must not be empty"),
    ("one name twice", {"delivery_routes": [HQ, {**HQ, "port": 26}]}, ROUTE + "it is declared twice; names must differ"),
    ("one policy twice", hq(policies=[{"name": "In"}, {"name": "In "}]), IN + "it is declared twice; names must differ"),
    ("empty host name", hq(hostname=""), ROUTE + "hostname is '': " + NOT_A_DOMAIN),
    ("IPv6 literal", hq(hostname="2001:db8::1"), ROUTE + "hostname is '2001:db8::1': " + NOT_A_HOST),
    ("IPv6 in brackets", hq(hostname="[2001:db8::1]"), ROUTE + "hostname is '[2001:db8::1]': " + NOT_A_HOST),
    ("host name with port", hq(hostname="mx1.example.com:25"), ROUTE + "hostname is 'mx1.example.com:25': " + NOT_A_HOST),
    ("a URL as host name", hq(hostname="https://mx1.example.com/"), ROUTE + "hostname is 'https://mx1.example.com/': give the bare host name"),
    ("half an IPv4 address", hq(hostname="198.51.100"), ROUTE + "hostname is '198.51.100': it is not an IPv4 address such as 198.51.100.7"),
    ("blank in a host name", hq(hostname="mx 1.example.com"), ROUTE + "hostname is 'mx 1.example.com': " + NOT_A_DOMAIN),
    ("hyphen at a label's end", hq(hostname="mx-.example.com"), ROUTE + "hostname is 'mx-.example.com': " + NOT_A_DOMAIN),
    ("a label too long", hq(hostname="a" * 64 + ".example.com"), ROUTE + "hostname is 'aaaa"),
    ("a host name too long", hq(hostname=".".join(["a" * 60] * 5)), ROUTE + "hostname is a text of 304 characters: " + NOT_A_DOMAIN),
    ("sharp s", hq(hostname="mx.straße.example"), ROUTE + "hostname is 'mx.straße.example': it holds a character that two standards read differently"),
    ("IDN that is none", hq(hostname="mx.b\ufffdcher.example"), ROUTE + "hostname is 'mx.b\ufffdcher.example': " + NOT_A_DOMAIN),
    ("control character in a user name", hq(smtp_authentication={**LOGIN, "username": "a\rb"}),
     ROUTE + "smtp_authentication: username: it must be one line without control characters"),
    ("host bits", policy(source_ranges={"add": ["198.51.100.7/24"]}),
     IN + "source_ranges: its host bits are set; write 198.51.100.0/24 if the whole network is meant"),
    ("network that is none", policy(source_ranges={"set": ["all"]}), IN + "source_ranges: it is not a network such as 198.51.100.0/24"),
    ("a range added and removed", policy(source_ranges={"add": ["192.0.2.1"], "remove": ["192.0.2.1/32"]}),
     IN + "source_ranges: 192.0.2.1/32 stands under add and under remove"),
    ("ranges set and added", policy(source_ranges={"set": [], "add": []}), "parameters are mutually exclusive: set|add found in"),
    ("date of another order", policy(valid_from="31.12.2026"), IN + "valid_from is '31.12.2026': " + NOT_A_DAY),
    ("month 13", policy(valid_to="2026-13-01"), IN + "valid_to is '2026-13-01': " + NOT_A_DAY),
    ("date in words", policy(valid_to="tomorrow"), IN + "valid_to is 'tomorrow': " + NOT_A_DAY),
    ("unknown target", to(type="someone"), "value of type must be one of: everyone, internal, external, domain"),
    ("target without its value", to(type="domain"), IN + "to: with type domain, give domain"),
    ("target with another's value", to(type="group", domain="example.com"), IN + "to: with type group, give group"),
    ("target with two values", to(type="group", group="Sales", domain="example.com"), IN + "to: with type group, give group"),
    ("everyone with a value", to(type="everyone", domain="example.com"), IN + "to: with type everyone, give nothing else"),
    ("half an attribute", to(type="attribute", attribute_id="1"), IN + "to: with type attribute, give attribute_id and attribute_value"),
    ("domain with @", to(type="domain", domain="@example.com"), IN + "to: domain is '@example.com': write the domain without @"),
    ("address that is none", to(type="address", address="postmaster"), IN + "to: address is 'postmaster': it is not a mail address such as"),
    ("sender that is none", policy(**{"from": {"type": "address", "address": "a b@example.com"}}), IN + "from: address is 'a b@example.com': it is not a mail"),
    ("base_url in words", {**hq(), "base_url": "the usual one"}, "base_url 'the usual one' must look like https://api.services.mimecast.com"),
    ("base_url of another kind", {**hq(), "base_url": "ftp://example.com"}, "base_url 'ftp://example.com' must look like https://"),
    ("base_url with a wrong port", {**hq(), "base_url": "https://example.com:99999"}, "base_url 'https://example.com:99999' is not a URL: "),
    ("base_url with a password", {**hq(), "base_url": "https://a:b@example.com"}, "base_url holds a user name or password; give them as client_id"),
    ("plain HTTP to a public host", {**hq(), "base_url": "http://api.example.com"}, "would send the client secret unencrypted: use https"),
    ("account_code of two lines", {**hq(), "account_code": "C1\r\nX: y"}, "account_code 'C1\\r\\nX: y' must consist of letters and digits"),
    ("timeout 0", {**hq(), "timeout": 0}, "timeout is 0: give a number of seconds, not less than 1"),
    ("negative timeout", {**hq(), "timeout": -1}, "timeout is -1: give a number of seconds, not less than 1"),
    ("negative wait", {**hq(), "rate_limit_max_wait": -1}, "rate_limit_max_wait is -1: give a number of seconds, not less than 0"),
    ("roots that are not there", {**hq(), "base_url": "https://127.0.0.1", "ca_path": "/nowhere/ca.pem"}, "ca_path '/nowhere/ca.pem' does not exist"),
    ("no client id", {**hq(), "client_id": ""}, "client_id not set. Set the option, or the environment variable MIMECAST_CLIENT_ID"),
]

# What only the tenant can tell: it is read, and nothing is written.
WRONG_FOR_THE_TENANT = [
    ("host name missing", {"delivery_routes": [{"name": "HQ"}]}, "Cannot create delivery route 'HQ': it does not exist yet and needs hostname"),
    ("a policy that ends before it starts", policy(valid_from="2030-02-01", valid_to="2030-01-31"),
     "Cannot create delivery route policy 'In' of 'HQ': valid_to is 2030-01-31, before valid_from, which is 2030-02-01"),
    ("policy without to", policy(to=None), "Cannot create delivery route policy 'In' of 'HQ': it does not exist yet and needs to"),
    ("alternate that is not there", hq(alternate_route="Nowhere"),
     "Cannot create delivery route 'HQ': alternate_route is 'Nowhere', but the tenant has no such delivery route (it has 'Kept')"),
    ("a circle of two", {"delivery_routes": [{**HQ, "alternate_route": "B"}, {"name": "B", "hostname": "mx2.example.com", "alternate_route": "HQ"}]},
     "Cannot create delivery routes: they refer to each other in a circle"),
    ("domain of somebody else", to(type="domain", domain="example.net"),
     "Cannot create delivery route policy 'In' of 'HQ': to.domain is 'example.net', which is not an internal domain of the tenant "
     "(it has example.com, example.org, xn--bcher-kva.example)"),
    ("group that is not there", to(type="group", group="Cellar"),
     "to is 'Cellar', but the tenant has no such group (it has 'Board', 'Sales')"),
    ("password missing", hq(smtp_authentication={"mechanisms": ["LOGIN"], "username": "u"}),
     "delivery route 'HQ': smtp_authentication needs password, because the service takes it only whole"),
    ("user name missing", hq(smtp_authentication={"mechanisms": ["LOGIN"], "password": "route-password"}),
     "delivery route 'HQ': smtp_authentication needs username, because the service takes it only whole"),
    ("alternate that goes", {"delivery_routes": [{**HQ, "alternate_route": "Kept"}, {"name": "Kept", "state": "absent"}]},
     "alternate_route is 'Kept', which the same document removes"),
]


@pytest.fixture
def kept(tenant: Tenant) -> Tenant:
    """A tenant with one route, and nothing asked of the service yet."""
    tenant.sandbox.insert(tenant.code, DEFINITIONS, {"description": "Kept", "hostname": "mx9.example.com", "port": 25})
    tenant.sandbox.clear_requests()
    return tenant


def refused(tenant: Tenant, options: dict[str, Any], text: str) -> list[str]:
    """Assert that it fails with the text and leaves the tenant alone; the operations that were asked of the service."""
    before = [tenant.objects(kind) for kind in (DEFINITIONS, POLICIES)]
    result = tenant.call("mimecast_tenant", **options)
    assert result["failed"] and text in result["msg"], result
    assert not result.get("changed") and "Traceback" not in result["msg"] and "Unexpected" not in result["msg"]
    asked = tenant.sandbox.requests()
    assert not any(one["wrote"] for one in asked)
    assert [tenant.objects(kind) for kind in (DEFINITIONS, POLICIES)] == before
    return [one["operation"] for one in asked]


@pytest.mark.parametrize(("options", "text"), [case[1:] for case in WRONG_IN_ITSELF], ids=[case[0] for case in WRONG_IN_ITSELF])
def test_what_is_wrong_in_itself_asks_nothing_of_the_service(kept: Tenant, options: dict[str, Any], text: str) -> None:
    assert refused(kept, options, text) == []


@pytest.mark.parametrize(("options", "text"), [case[1:] for case in WRONG_FOR_THE_TENANT], ids=[case[0] for case in WRONG_FOR_THE_TENANT])
def test_what_is_wrong_for_the_tenant_writes_nothing(kept: Tenant, options: dict[str, Any], text: str) -> None:
    assert refused(kept, options, text)


def test_one_object_and_a_document_say_the_same(kept: Tenant) -> None:
    text = ROUTE + "port is 70000: it must be a number from 1 to 65535"
    assert text in kept.route(name="HQ", port=70000)["msg"] and text in refused_text(kept, hq(port=70000))


def refused_text(tenant: Tenant, options: dict[str, Any]) -> str:
    refused(tenant, options, "")
    return tenant.call("mimecast_tenant", **options)["msg"]


def test_all_problems_of_a_document_are_named_at_once(kept: Tenant) -> None:
    text = refused_text(kept, {"delivery_routes": [
        {"name": "A", "port": 0, "hostname": "::1"},
        {"name": "B", "policies": [{"name": "P", "valid_to": "soon", "to": {"type": "group"}}, {"name": ""}]},
        {"name": "B", "alternate_route": "B"},
        {"name": " "},
    ]})
    places = ["'A': port", "'A': hostname", "'P' of 'B': to: ", "'P' of 'B': valid_to", "policy number 2 of delivery route 'B': name",
              "'B': alternate_route", "route number 4: name", "'B': it is declared twice"]
    assert [place for place in places if place not in text] == []
    assert text.startswith("Nothing was changed, the input is wrong. ") and text.count("; ") >= len(places) - 1


def test_a_long_list_of_problems_is_cut(kept: Tenant) -> None:
    text = refused_text(kept, {"delivery_routes": [{"name": f"R{number}", "port": 0} for number in range(30)]})
    assert "'R19': port" in text and "'R20'" not in text and text.endswith("and 10 more.")


def test_a_long_value_is_shown_in_part(kept: Tenant) -> None:
    assert len(refused_text(kept, hq(hostname="a" * 5000))) < 300


def test_internal_domains_are_read_only_when_something_is_to_be_written(kept: Tenant) -> None:
    document = policy()
    for expected in (True, False):
        kept.sandbox.clear_requests()
        assert kept.call("mimecast_tenant", **document)["changed"] is expected
        asked = [one["operation"] for one in kept.sandbox.requests()]
        assert any("nternal" in operation for operation in asked) is expected, asked


GOOD = [
    ("Unicode names", {"name": "Zürich 東京 🏢", "hostname": "mx1.example.com"}, {"name": "Zürich 東京 🏢"}),
    ("blanks around a name", {"name": " HQ ", "hostname": "mx1.example.com"}, {"name": "HQ"}),
    ("name of 255 characters", {"name": "x" * 255, "hostname": "mx1.example.com"}, {"name": "x" * 255}),
    ("IDN", {"name": "HQ", "hostname": "MX.Bücher.example"}, {"hostname": "mx.xn--bcher-kva.example"}),
    ("IDN as A-labels", {"name": "HQ", "hostname": "mx.xn--bcher-kva.example."}, {"hostname": "mx.xn--bcher-kva.example"}),
    ("sharp s as A-labels", {"name": "HQ", "hostname": "mx.xn--strae-oqa.example"}, {"hostname": "mx.xn--strae-oqa.example"}),
    ("IPv4 address", {"name": "HQ", "hostname": "198.51.100.7"}, {"hostname": "198.51.100.7"}),
    ("ports at the ends", {"name": "HQ", "hostname": "mx1.example.com", "port": 65535}, {"port": 65535}),
]


@pytest.mark.parametrize(("options", "shown"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
def test_unusual_but_right(tenant: Tenant, options: dict[str, Any], shown: dict[str, Any]) -> None:
    made = tenant.route(**options)
    assert not made.get("failed") and made["delivery_route"].items() >= shown.items(), made
    assert tenant.route(**options)["changed"] is False


def test_an_internal_domain_is_found_in_each_of_its_spellings(tenant: Tenant) -> None:
    for number, domain in enumerate(["bücher.example", "BÜCHER.example.", "xn--bcher-kva.example"]):
        result = tenant.call("mimecast_tenant", **to(type="domain", domain=domain))
        assert not result.get("failed") and result["changed"] is (number == 0), result


# What connectivity_check refuses before it connects to anything.
WRONG_CHECKS = [
    ("a route twice", {"delivery_routes": [HQ, HQ]}, ROUTE + "it is declared twice"),
    ("a route's port", hq(port=70000), ROUTE + "port is 70000: it must be a number from 1 to 65535"),
    ("a route's host name", hq(hostname="::1"), ROUTE + "hostname is '::1': " + NOT_A_HOST),
    ("a route's policy", policy(valid_to="soon"), IN + "valid_to is 'soon': " + NOT_A_DAY),
    ("a route without host name", {"delivery_routes": [{"name": "HQ"}]}, "Check 'HQ': give host or domain, or a route of delivery_routes that has a hostname"),
    ("a route that is not declared", {**hq(), "checks": [{"route": "Moon"}]}, "Check 'Moon': route 'Moon' is not among delivery_routes (these are: 'HQ')"),
    ("nothing to connect to", {"checks": [{"port": 25}]}, "Check 'number 1': give host or domain, or a route"),
    ("no workers", {**hq(), "workers": 0}, "workers is 0: give a number from 1 to 64"),
    ("port 0", {"checks": [{"host": "127.0.0.1", "port": 0}]}, "Check '127.0.0.1': port is 0: it must be a number from 1 to 65535"),
    ("port 70000", {"checks": [{"host": "127.0.0.1", "port": 70000}]}, "Check '127.0.0.1': port is 70000: it must be a number from 1 to 65535"),
    ("neither checks nor routes", {}, "one of the following is required: checks, delivery_routes"),
]


@pytest.mark.parametrize(("options", "text"), [case[1:] for case in WRONG_CHECKS], ids=[case[0] for case in WRONG_CHECKS])
def test_wrong_checks_connect_to_nothing(tenant: Tenant, options: dict[str, Any], text: str) -> None:
    result = tenant.call("connectivity_check", ask_service=True, **options)
    assert result.get("failed") and text in result["msg"], result
    assert tenant.sandbox.requests() == []


@pytest.mark.parametrize(("option", "value"), [
    ("timeout", 0), ("timeout", -1), ("address", "nowhere:port"), ("recipient", "a\r\nb"), ("helo", "a b"), ("host", "a..b"),
])
def test_a_check_that_cannot_be_made_says_which_option_is_wrong(tenant: Tenant, option: str, value: Any) -> None:
    check = {"host": "mx1.example.com", "address": "127.0.0.1:9", option: value}
    verdict = tenant.call("connectivity_check", checks=[check])["verdicts"][0]
    assert verdict["code"] in ("check_invalid", "host_name_invalid") and verdict["verdict"] in ("unknown", "failed")
    assert "correct" in verdict["message"]
