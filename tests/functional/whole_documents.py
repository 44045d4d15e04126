# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated documents over every kind, with references between them. Some cannot be applied, as those of people cannot."""

from __future__ import annotations

from typing import Any

from conftest import DOMAINS, Tenant
from hypothesis import strategies as st
from test_laws import DAYS, route_wishes

GROUP_NAMES = ["TLS", "Partners", "Sales"]
CONNECTION = "Consented"
SECRET = "any-password"

states = st.sampled_from(["present", "present", "present", "absent"])
flags = st.booleans()


def wish(needed: dict[str, Any], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """One object; what is needed is given as values or as strategies."""
    given = {name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in needed.items()}
    return st.fixed_dictionaries(given, optional=optional)


def named(strategy: st.SearchStrategy[dict[str, Any]], most: int = 2) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(strategy, max_size=most, unique_by=lambda item: item["name"])


def edited(*items: str) -> st.SearchStrategy[dict[str, list[str]]]:
    """The whole set, or some to add."""
    some = st.lists(st.sampled_from(items), unique=True)
    return st.one_of(some.map(lambda found: {"set": found}), some.map(lambda found: {"add": found}))


sides = st.one_of(
    st.sampled_from(GROUP_NAMES).map(lambda name: {"type": "group", "group": name}),
    st.sampled_from(DOMAINS).map(lambda name: {"type": "domain", "domain": name}), st.just({"type": "internal"}))
ranges = edited("198.51.100.0/24", "192.0.2.1")


def policies(*actions: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return named(wish(
        {"name": st.sampled_from(["P", "Q"]), "action": st.sampled_from(actions)},
        **{"from": sides, "to": sides, "enabled": flags, "valid_to": st.sampled_from(DAYS), "state": states, **more}))


def connectors(name: str, needed: dict[str, Any], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return named(wish(
        {"name": name, **needed}, enabled=flags, info=st.sampled_from(["", "ours"]), domains=edited(*DOMAINS), delete_users=flags,
        max_unlink=st.sampled_from(["0", "1000", "unlimited"]), state=states, **more), 1)


keys = wish(
    {"name": "Key", "domain": "example.com", "selector": "s1", "key_length": 1024},
    sign=flags, policies=named(wish({"name": st.sampled_from(["S", "T"]), "from": sides})), state=states)
journals = st.one_of(
    wish({"name": "J", "smtp": wish({"email": "j@example.com"}, tls=flags, source_ranges=ranges, initial_delay=st.just(5))},
         enabled=flags, message_format=st.sampled_from(["standard_eml", "exchange_env"]), state=states),
    wish({"name": "K", "pop3": wish({"email": "k@example.com", "mailbox": "k", "host": "pop.example.com", "password": SECRET}, pop3s=flags)},
         remove_journal_headers=flags, state=states))
PARTS = {
    "emergency_contact": wish(
        {"name": "Duty", "email": "duty@example.org", "mobile_phone": "+44 20 7946 0000"},
        telephone=st.just("+442079460001"), alternate_emails=edited("a@example.org", "b@example.org")),
    "domains": named(wish({"name": st.sampled_from(DOMAINS)}, inbound_type=st.sampled_from(["any", "known", "ldap"]))),
    "active_directory_connectors": connectors(
        "AD", {"hostname": st.sampled_from(["ldap.example.com", "192.0.2.9"]), "user_dn": "cn=svc", "root_dn": "dc=example", "password": SECRET},
        port=st.sampled_from([389, 636]), encryption=st.sampled_from(["strict", "none"]), sync_contacts=flags),
    "microsoft_365_connectors": connectors(
        "365", {"tenant_domain": "example.onmicrosoft.com"}, connector=st.sampled_from(["", CONNECTION]), sync_guests=flags),
    "google_workspace_connectors": connectors("G", {"user": "admin@example.com", "key": SECRET}),
    "groups": named(wish({"name": st.sampled_from(GROUP_NAMES)}, members=edited("a.example", "b.example", "c@example.org"), state=states), 3),
    "outbound_addresses": wish({"addresses": st.sampled_from([{"set": ["198.51.100.7"]}, {"add": ["198.51.100.8"]}, {"set": ["192.0.2.1", "192.0.2.2"]}])}),
    "delivery_routes": named(route_wishes, 3),
    "dkim": named(keys, 1),
    "anti_spoofing_policies": policies("apply", "no_action", hostnames=edited("mx.example.net", "mx2.example.net")),
    "anti_spoofing_bypass_policies": policies("enable_bypass", "disable_bypass", spf_domains=edited("news.example.net")),
    "blocked_senders_policies": policies("block_sender", "no_action", source_ranges=ranges, from_part=st.sampled_from(["header", "both"])),
    "greylisting_policies": policies("apply", "no_action", override=flags, bidirectional=flags),
    "journaling_services": named(journals),
}
documents = st.fixed_dictionaries({}, optional=PARTS)


def new_tenant(sandbox: Any, **options: Any) -> Tenant:
    """An empty tenant with the server connection that a person has consented to."""
    tenant = Tenant(sandbox, **options)
    sandbox.insert(tenant.code, "connectors", {"name": CONNECTION, "status": "connected"})
    return tenant
