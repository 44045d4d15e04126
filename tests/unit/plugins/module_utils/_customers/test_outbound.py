# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What outbound mail asks of a customer, as a table of customers of whom one thing is wrong."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.mimecast.connect.plugins.module_utils._customers.outbound import plan

NOW = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.timezone.utc)
EU = ["eu-smtp-outbound-1.mimecast.com", "eu-smtp-outbound-2.mimecast.com"]
EU_MICROSOFT = ["eu-smtp-o365-outbound-1.mimecast.com", "eu-smtp-o365-outbound-2.mimecast.com"]
POSTFIX = {"product": "postfix", "hosts": ["mail-1"]}
EXCHANGE = {"product": "exchange", "version": 2019, "windows_host": "ex-1"}
MICROSOFT = {"product": "exchange_online", "tenant_domain": "acme.onmicrosoft.com"}
GOOGLE = {"product": "google_workspace"}
RIGHT: dict[str, Any] = {
    "domains": [{"name": "Example.com", "inbound_type": "known"}], "addresses": {"addresses": {"add": ["198.51.100.25"]}}, "region": "eu", "smart_hosts": [],
    "servers": [POSTFIX], "port": 25, "tls": "strict", "username": "", "password": "", "spf": True, "dns": {}, "checks": [], "soak_days": 5, "since": "",
}


def planned(**changes: Any) -> dict[str, Any]:
    return plan({**RIGHT, **changes}, NOW)


def test_a_postfix_of_a_region() -> None:
    found = planned()
    assert found["problems"] == [] and found["hosts"] == ["mail-1"] and found["postfix"] == {"mail-1": EU} and found["renderings"] == []
    assert found["domains"] == found["spf_domains"] == [{"name": "example.com"}], "what the domain does with inbound mail is of no concern here"
    assert found["checks"] == {"mail-1": [
        {"name": "from mail-1 to " + host, "host": host, "port": 25, "tls": "strict"} for host in EU]}


def test_a_hybrid_has_both_parts() -> None:
    found = planned(servers=[EXCHANGE, MICROSOFT], username="connect", password="pw", port=587)
    assert found["problems"] == [] and found["hybrid"] and found["hosts"] == []
    assert [(one["product"], one["version"], one["windows_host"], one["outbound"]["smart_hosts"], one["outbound"]["authentication"])
            for one in found["renderings"]] == [("exchange", "2019", "ex-1", EU, True), ("exchange_online", "", "", EU_MICROSOFT, False)]
    assert found["domains"] == [{"name": "example.com"}, {"name": "acme.onmicrosoft.com"}] and found["spf_domains"] == [{"name": "example.com"}]
    # The cloud never logs in.
    assert {one["host"]: one.get("username") for one in found["checks"][""]} == {**dict.fromkeys(EU, "connect"), **dict.fromkeys(EU_MICROSOFT)}
    assert "pw" not in str(found["renderings"]) and [one["outbound"]["port"] for one in found["renderings"]] == [587, 25]


def test_what_the_account_shows_goes_before_what_is_published() -> None:
    mine, other = ["a.smart.test", "b.smart.test"], ["c.smart.test"]
    found = planned(smart_hosts=mine, servers=[POSTFIX, {**MICROSOFT, "smart_hosts": other}], checks=[{"host": "c.smart.test", "port": 2525}])
    assert found["problems"] == [] and found["postfix"] == {"mail-1": mine}
    assert [one["host"] for one in found["checks"]["mail-1"]] == mine
    assert [(one["host"], one["port"]) for one in found["checks"][""]] == [("c.smart.test", 2525)]


def test_how_records_are_published() -> None:
    dns = {"server": "ns1.example.com", "dest": "zones", "nameservers": {"ns1.example.com": "192.0.2.53"}, "resolver": "192.0.2.1"}
    assert planned(dns=dns)["records"] == {"region": "eu", **dns}
    assert planned(dns={**dns, "backend": "nsupdate"})["records"] == {
        "region": "eu", "backend": "nsupdate", "server": "ns1.example.com", "resolver": "192.0.2.1"}


def test_without_servers_the_smart_hosts_are_tried_out_from_here() -> None:
    found = planned(servers=[])
    assert found["problems"] == [] and [one["host"] for one in found["checks"][""]] == EU and not found["postfix"] and not found["renderings"]
    assert planned(servers=[], region="", spf=False)["problems"] == [], "nothing is asked for"


@pytest.mark.parametrize("changes", [
    {"servers": [MICROSOFT], "addresses": {}},
    {"servers": [MICROSOFT, GOOGLE], "addresses": {}},
    {"addresses": {}, "username": "connect", "password": "pw"},
    {"addresses": {"addresses": {"set": ["198.51.100.25"]}}},
    {"addresses": {"state": "exists"}},
    {"region": "CUK12A34"},
    {"region": "", "smart_hosts": EU, "dns": {"spf_include": "eu._netblocks.mimecast.com"}},
    {"region": "je", "spf": False},
    {"soak_days": "0", "since": "2026-11-22"},
])
def test_who_is_right(changes: dict[str, Any]) -> None:
    assert planned(**changes)["problems"] == []


@pytest.mark.parametrize("changes, problem", [
    ({"domains": []}, "no domain is declared whose mail goes out: give outbound_domains"),
    ({"domains": [{"name": "a b"}, {"name": "example.com"}]}, "outbound_domains has 'a b': it is not a domain name such as example.com"),
    ({"addresses": {}}, "nothing says by what the service recognises the mail servers: give outbound_addresses, or outbound_username and outbound_password"),
    ({"addresses": {"addresses": {"remove": ["192.0.2.1"]}}}, "nothing says by what the service recognises the mail servers"),
    ({"addresses": {}, "servers": [EXCHANGE, MICROSOFT]}, "nothing says by what the service recognises the mail servers"),
    ({"username": "connect"}, "outbound_username and outbound_password go together"),
    ({"username": "connect", "password": "pw", "tls": "none"}, "outbound_tls is none, and no password may be sent in clear text"),
    ({"region": "xx", "smart_hosts": EU, "spf": False}, "outbound_region: 'xx' is no region and no account code"),
    ({"region": "", "spf": False}, "nothing says which smart hosts Postfix sends through: give outbound_region, or outbound_smart_hosts"),
    ({"region": "ca", "servers": [MICROSOFT]}, "no smart hosts of region ca are published for Microsoft 365: give those that the account shows"),
    ({"servers": [{"product": "postfix"}]}, "nothing says where Postfix runs"),
    ({"servers": [{"product": "exchange_online"}]}, "the tenant at Microsoft is missing"),
    ({"servers": [{**MICROSOFT, "tenant_domain": "acme.mail.onmicrosoft.com"}]}, "give the tenant's own name, such as acme.onmicrosoft.com"),
    ({"servers": [{**GOOGLE, "windows_host": "ex-1"}]}, "windows_host does not go with Google Workspace"),
    ({"region": "", "smart_hosts": EU}, "nothing says what SPF includes: give outbound_region, or spf_include of outbound_dns, or switch outbound_spf off"),
    ({"region": "je"}, "no SPF include of region je is published: give what the account shows as spf_include of outbound_dns"),
    ({"soak_days": -1}, "outbound_soak_days is -1: it must be a number from 0 to 365"),
    ({"since": "Monday"}, "outbound_since is 'Monday': it is not a day such as 2026-12-31"),
    ({"since": "2026-11-23"}, "outbound_since is 2026-11-23, which has not come yet"),
    ({"checks": [{"host": "mx.test"}]}, "outbound_checks has a check of mx.test, which is no smart host here; they are " + ", ".join(EU)),
])
def test_one_thing_is_wrong_and_one_sentence_says_so(changes: dict[str, Any], problem: str) -> None:
    (said,) = planned(**changes)["problems"]
    assert problem in said and not said.endswith(".")
