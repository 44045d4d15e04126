# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every codec of every table: what is written is read back the same, and a value never differs from itself."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import MISSING, EditedSet, Outgoing
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE

TARGETS = [
    {"type": "everyone"},
    {"type": "domain", "domain": "Example.com"},
    {"type": "group", "group": "Sales"},
    {"type": "address", "address": "Boss@example.com"},
    {"type": "attribute", "attribute_id": "a1", "attribute_value": "v"},
]
LOG_ON = {"mechanisms": ["login", "PLAIN"], "username": "u", "password": "pw", "domain": "d"}
WISHES: dict[tuple[str, str], list[Any]] = {
    ("delivery_routes", "hostname"): ["MX1.example.com", "198.51.100.7"],
    ("delivery_routes", "port"): [25, 2525],
    ("delivery_routes", "alternate_route"): ["Second site"],
    ("delivery_routes", "smtp_authentication"): [LOG_ON],
    ("delivery_route_policies", "route"): ["HQ"],
    ("delivery_route_policies", "from"): TARGETS,
    ("delivery_route_policies", "to"): TARGETS,
    ("delivery_route_policies", "from_part"): ["envelope", "header", "both"],
    ("delivery_route_policies", "valid_from"): ["always", "2030-01-31"],
    ("delivery_route_policies", "valid_to"): ["always", "2030-01-31"],
    ("delivery_route_policies", "enabled"): [True, False],
    ("delivery_route_policies", "override"): [True, False],
    ("delivery_route_policies", "bidirectional"): [True, False],
    ("delivery_route_policies", "source_ranges"): [{"set": ["203.0.113.0/24", "198.51.100.1"]}, {"set": []}],
}
POLICY_ROWS: dict[str, list[Any]] = {
    option: wishes for (kind, option), wishes in list(WISHES.items()) if kind == "delivery_route_policies" and option != "route"
}
for _kind in ("anti_spoofing", "anti_spoofing_bypass", "blocked_senders", "greylisting"):
    WISHES.update({(_kind + "_policies", option): wishes for option, wishes in POLICY_ROWS.items()})
    WISHES[_kind + "_policies", "action"] = ["apply"]
del WISHES["anti_spoofing_bypass_policies", "source_ranges"]
WISHES.update({("dkim_policies", option): wishes for option, wishes in POLICY_ROWS.items()})
WISHES.update({
    ("anti_spoofing_bypass_policies", "from_part"): ["both"],
    ("anti_spoofing_bypass_policies", "spf_domains"): [{"set": ["News.example.net"]}],
    ("anti_spoofing_policies", "hostnames"): [{"set": ["mx.example.net"]}],
    ("dkim_policies", "definition"): ["Key"],
    ("domains", "inbound_type"): ["any", "smtp", "ldap", "known", "backup_mx", "smtp_null"],
    ("dkim", "domain"): ["Example.com"],
    ("dkim", "selector"): ["s1"],
    ("dkim", "key_length"): [1024, 2048],
    ("dkim", "sign"): [True, False],
    ("outbound_addresses", "addresses"): [{"set": ["198.51.100.7", "198.51.100.8"]}],
    ("emergency_contact", "name"): ["Duty manager"],
    ("emergency_contact", "email"): ["Duty@example.com"],
    ("emergency_contact", "mobile_phone"): ["+44 20 7946 0000"],
    ("emergency_contact", "telephone"): ["+442079460001"],
    ("emergency_contact", "alternate_emails"): [{"set": ["a@example.com"]}],
    ("journaling_services", "enabled"): [True, False],
    ("journaling_services", "message_format"): ["standard_eml"],
    ("journaling_services", "remove_journal_headers"): [True, False],
    ("journaling_services", "archive_non_internal"): [True, False],
    ("journaling_services", "archive_unknown_internal"): [True, False],
    ("journaling_services", "smtp"): [
        {"email": "j@example.com", "tls": False, "source_ranges": {"set": ["198.51.100.0/24"]}, "authentication": True, "password": "pw"}],
    ("journaling_services", "pop3"): [{"email": "j@example.com", "mailbox": "j", "host": "pop.example.com", "port": 995, "password": "pw"}],
})
for _kind in ("active_directory", "microsoft_365", "google_workspace"):
    WISHES.update({(_kind + "_connectors", option): [True, False] for option in (
        "enabled", "acknowledge_disabled_accounts", "delete_users", "sync_contacts", "sync_guests")})
    WISHES.update({
        (_kind + "_connectors", "info"): ["A remark"],
        (_kind + "_connectors", "domains"): [{"set": ["Example.com"]}],
        (_kind + "_connectors", "max_unlink"): ["1000", "unlimited"],
    })
WISHES.update({("active_directory_connectors", option): wishes for option, wishes in {
    "hostname": ["ldap.example.com"], "alternate_hostname": ["ldap2.example.com"], "port": [389], "encryption": ["strict", "none"],
    "user_dn": ["cn=svc"], "root_dn": ["dc=example"]}.items()})
WISHES.update({("microsoft_365_connectors", option): wishes for option, wishes in {
    "tenant_domain": ["example.onmicrosoft.com"], "connector": ["Consent"], "cloud": ["gov"]}.items()})
WISHES["google_workspace_connectors", "user"] = ["admin@example.com"]
for _key in (("active_directory_connectors", "sync_guests"), ("google_workspace_connectors", "sync_guests"),
             ("google_workspace_connectors", "sync_contacts")):
    del WISHES[_key]
ROWS = [(resource, row) for resource in CATALOGUE.resources for row in resource.fields if not row.read_only and not row.members and not row.codec.hidden]


def id_of(kind: str, name: str) -> str:
    return "id of {0} {1}".format(kind, name)


def name_of(kind: str, object_id: str) -> str:
    return object_id.removeprefix("id of {0} ".format(kind))


def as_read(body: dict[str, Any]) -> dict[str, Any]:
    """What the service answers after a write: groups nested, secrets gone."""
    found = dict(body)
    for side in ("from", "to"):
        if "groupId" in (found.get(side) or {}):
            found[side] = {"type": found[side]["type"], "group": {"id": found[side]["groupId"]}}
    if "smtpAuthentication" in found:
        found.update({key: value for key, value in found.pop("smtpAuthentication").items() if key != "password"})
    return found


def test_every_row_has_wishes() -> None:
    assert set(WISHES) == {(resource.kind, row.option) for resource, row in ROWS}


@pytest.mark.parametrize("resource, row", ROWS, ids=["{0}.{1}".format(resource.kind, row.option) for resource, row in ROWS])
def test_written_is_read_back(resource: Any, row: Any) -> None:
    codec = row.codec
    for given in WISHES[resource.kind, row.option]:
        wish = codec.clean(given)
        value = codec.merge(wish, row.default)
        body = codec.write(value, Outgoing(id_of, codec.secrets(given), creating=True))
        back = codec.read(as_read(body), name_of)
        assert codec.normal(back) == codec.normal(value), given
        assert codec.normal(codec.merge(wish, back)) == codec.normal(back), "a second run would change something"
        assert "pw" not in repr(value) and "pw" not in repr(back)
    assert codec.read({}, name_of) is MISSING or codec.read({}, name_of) == row.default


@pytest.mark.parametrize("wish, current, after", [
    ({"set": ["198.51.100.0/24"]}, ["203.0.113.0/24"], ["198.51.100.0/24"]),
    ({"add": ["198.51.100.0/24"]}, ["203.0.113.0/24"], ["198.51.100.0/24", "203.0.113.0/24"]),
    ({"remove": ["203.0.113.0/24"]}, ["203.0.113.0/24"], []),
    ({"add": ["b"], "remove": ["a"]}, ["a", "c"], ["b", "c"]),
    ({"add": ["b"]}, None, ["b"]),
    ({}, ["a"], ["a"]),
])
def test_edited_sets(wish: dict[str, list[str]], current: list[str], after: list[str]) -> None:
    codec = EditedSet("x")
    assert codec.merge(codec.clean(wish), current) == after
    assert codec.merge(codec.clean(wish), after) == after


def test_the_same_item_cannot_be_added_and_removed() -> None:
    with pytest.raises(ValueError, match="under add and under remove"):
        EditedSet("x").clean({"add": ["a"], "remove": ["a"]})
