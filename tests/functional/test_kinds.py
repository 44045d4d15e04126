# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every kind of object, from one table: check, diff, idempotence, change, exists, absent, secrets. Faults are in
test_every_module.py."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from conftest import DEFINITIONS, MODULES, Tenant

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import users as _users, users_plan as _users_plan
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE, DOCUMENT_KINDS
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute

SECRET = "s3cret-of-the-object"


@dataclass(frozen=True)
class Kind:
    """One object of a kind: how it is declared, and what is changed."""

    kind: str
    module: str
    declared: dict[str, Any]
    change: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    secret: bool = False

    def call(self, tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
        """The module of the kind with the declared object, changed as given."""
        item = {**self.declared, **options}
        if self.module == "mimecast_account":
            return tenant.call(self.module, check, **{self.kind: item})
        return tenant.call(self.module, check, **self.options, **item)

    def document(self, **options: Any) -> dict[str, Any]:
        """The tenant document with that object."""
        item = {**self.declared, **options}
        return {self.kind: item if CATALOGUE[self.kind].singleton else [item]}


INSIDE = {"from": {"type": "internal"}, "to": {"type": "internal"}}
POLICIES = [
    Kind(kind + "_policies", "mimecast_policy", {"name": "P", "action": action, **INSIDE, **more}, {"enabled": False, **change},
         {"type": kind})
    for kind, action, more, change in (
        ("anti_spoofing", "apply", {"hostnames": {"set": ["mx.example.net"]}}, {"hostnames": {"add": ["mx2.example.net"]}}),
        ("anti_spoofing_bypass", "enable_bypass", {"spf_domains": {"set": ["news.example.net"]}}, {"action": "disable_bypass"}),
        ("blocked_senders", "block_sender", {"source_ranges": {"set": ["198.51.100.0/24"]}}, {"valid_to": "2031-12-31"}),
        ("greylisting", "apply", {"valid_from": "2030-01-31"}, {"valid_from": "always"}),
    )
]
KINDS = [
    Kind("delivery_routes", "mimecast_delivery_route",
         {"name": "HQ", "hostname": "mx1.example.com", "policies": [{"name": "In", "to": {"type": "domain", "domain": "example.com"}}],
          "smtp_authentication": {"mechanisms": ["LOGIN"], "username": "u", "password": SECRET}},
         {"port": 2525}, secret=True),
    Kind("dkim", "mimecast_dkim",
         {"name": "Key", "domain": "example.com", "selector": "s1", "key_length": 1024,
          "policies": [{"name": "Sign", "from": {"type": "domain", "domain": "example.com"}}]},
         {"sign": False}),
    *POLICIES,
    Kind("journaling_services", "mimecast_journaling_service",
         {"name": "J", "message_format": "exchange_env",
          "smtp": {"email": "j@example.com", "tls": True, "authentication": True, "password": SECRET, "source_ranges": {"set": ["198.51.100.0/24"]}}},
         {"smtp": {"tls": False, "source_ranges": {"set": []}}}, secret=True),
    Kind("active_directory_connectors", "mimecast_directory_connector",
         {"name": "AD", "hostname": "ldap.example.com", "user_dn": "cn=svc", "password": SECRET, "root_dn": "dc=example", "max_unlink": "1000",
          "domains": {"set": ["example.com"]}},
         {"port": 389, "encryption": "relaxed", "max_unlink": "unlimited"}, {"type": "active_directory"}, secret=True),
    Kind("microsoft_365_connectors", "mimecast_directory_connector", {"name": "365", "tenant_domain": "example.onmicrosoft.com"},
         {"sync_guests": True}, {"type": "microsoft_365"}),
    Kind("google_workspace_connectors", "mimecast_directory_connector", {"name": "G", "user": "admin@example.com", "key": SECRET},
         {"delete_users": True}, {"type": "google_workspace"}, secret=True),
    Kind("groups", "mimecast_group", {"name": "TLS", "members": {"set": ["Partner.example", "boss@bank.example"]}},
         {"members": {"add": ["c.example"], "remove": ["boss@bank.example"]}}),
    Kind("outbound_addresses", "mimecast_outbound_addresses", {"addresses": {"set": ["198.51.100.7", "198.51.100.8"]}},
         {"addresses": {"remove": ["198.51.100.7"]}}),
    Kind("domains", "mimecast_domain", {"name": "example.com", "inbound_type": "ldap"}, {"inbound_type": "smtp_null"}),
    Kind("emergency_contact", "mimecast_account",
         {"name": "Duty", "email": "duty@example.org", "mobile_phone": "+44 20 7946 0000", "alternate_emails": {"set": ["a@example.org"]}},
         {"telephone": "+442079460001", "alternate_emails": {"add": ["b@example.org"]}}),
]
STORED = {
    "delivery_routes": DEFINITIONS, "active_directory_connectors": "active_directory_integrations",
    "google_workspace_connectors": "google_integrations",
}
EVERY = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)


def stored(tenant: Tenant, kind: Kind) -> Any:
    return tenant.call("mimecast_info", gather_subset=[kind.kind])[kind.kind]


def of_that_name(tenant: Tenant, kind: Kind) -> list[Any]:
    return [item for item in stored(tenant, kind) if item["name"] == kind.declared["name"]]


def test_every_kind_is_in_the_table() -> None:
    assert {kind.kind for kind in KINDS} == set(DOCUMENT_KINDS)


@EVERY
def test_a_life(tenant: Tenant, kind: Kind) -> None:
    """Predicted, made, kept, changed, confirmed, and where it can be, removed; each step predicted by check mode."""
    states = [{}, {}, kind.change, kind.change, {**kind.change, "state": "exists"}]
    states += [{"state": "absent"}] * 2 if CATALOGUE[kind.kind].delete else []
    expected = [True, False, True, False, False, True, False]
    for options, changed in zip(states, expected):
        tenant.requests()
        predicted = kind.call(tenant, check=True, **options)
        assert not predicted.get("failed") and tenant.requests(writes=True) == [], predicted
        result = kind.call(tenant, **options)
        for part in ("changed", "changes", "diff"):
            assert result[part] == predicted[part], part
        assert result["changed"] is changed, result
        assert len(tenant.requests(writes=True)) >= len(result["changes"])
        assert SECRET not in json.dumps(result) + json.dumps(predicted)
    if CATALOGUE[kind.kind].delete:
        assert of_that_name(tenant, kind) == []


@EVERY
def test_the_document_and_the_module_agree(tenant: Tenant, kind: Kind) -> None:
    by_document = tenant.call("mimecast_tenant", **kind.document())
    assert by_document.get("changed"), by_document
    assert kind.call(tenant)["changed"] is False
    assert tenant.call("mimecast_tenant", **kind.document(**kind.change))["changed"] is True
    assert kind.call(tenant, **kind.change)["changed"] is False


@EVERY
def test_exists_tells_what_differs(tenant: Tenant, kind: Kind) -> None:
    assert kind.call(tenant)["changed"]
    tenant.requests()
    result = kind.call(tenant, **kind.change, state="exists")
    assert result["failed"] and "instead of" in result["msg"] and tenant.requests(writes=True) == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.secret], ids=lambda kind: kind.kind)
def test_secrets(tenant: Tenant, kind: Kind) -> None:
    assert kind.call(tenant)["changed"] and SECRET in json.dumps(tenant.objects(STORED.get(kind.kind, kind.kind)))
    assert kind.call(tenant, update_secret="on_create")["changed"] is False
    for _time in range(2):
        result = kind.call(tenant, update_secret="always")
        assert result["changed"] and SECRET not in json.dumps(result)
    assert SECRET not in json.dumps(stored(tenant, kind))


def test_the_last_outbound_address_needs_a_word(tenant: Tenant) -> None:
    assert tenant.call("mimecast_outbound_addresses", addresses={"set": ["198.51.100.7"]})["changed"]
    refused = tenant.call("mimecast_outbound_addresses", addresses={"set": []})
    assert refused["failed"] and "Set allow_empty" in refused["msg"]
    assert tenant.call("mimecast_outbound_addresses", addresses={"set": []}, allow_empty=True)["changed"]
    assert tenant.requests()[-1]["operation"] != "replaceOutboundIpAddresses"
    assert tenant.call("mimecast_outbound_addresses", addresses={"set": []})["changed"] is False


@pytest.mark.parametrize("options, words", [
    ({"type": "greylisting", "action": "block_sender"}, "with type greylisting it can be no_action or apply"),
    ({"type": "greylisting", "action": "apply", "spf_domains": {"set": []}}, "spf_domains does not go with type greylisting"),
    ({"type": "anti_spoofing_bypass", "action": "enable_bypass", "from_part": "header"}, "with type anti_spoofing_bypass it can be both"),
    ({"type": "blocked_senders"}, "it does not exist yet and needs action"),
])
def test_options_that_do_not_go_together(tenant: Tenant, options: dict[str, Any], words: str) -> None:
    result = tenant.call("mimecast_policy", name="P", **options)
    assert result["failed"] and words in result["msg"] and "policy 'P'" in result["msg"], result


def test_a_key_cannot_change_its_domain(tenant: Tenant) -> None:
    made = tenant.call("mimecast_dkim", name="K", domain="example.com", selector="s1")
    assert made["record"]["name"] == "s1._domainkey.example.com" and made["record"]["value"].startswith("v=DKIM1; k=rsa; p=M")
    refused = tenant.call("mimecast_dkim", name="K", selector="s2")
    assert refused["failed"] and "selector is 's1' and cannot become 's2'. The service fixes it when it makes the key" in refused["msg"]


def test_a_journaling_service_is_one_of_two(tenant: Tenant) -> None:
    smtp = {"email": "j@example.com"}
    pop3 = {"email": "j@example.com", "mailbox": "j", "host": "pop.example.com", "password": "pw"}
    for options, words in (({}, "it has neither"), ({"smtp": smtp, "pop3": pop3}, "it has smtp and pop3"),
                           ({"pop3": {**pop3, "password": None}}, "pop3 needs password"),
                           ({"smtp": {**smtp, "inactivity_timeout": 10}}, "it must be a number from 180 to 960")):
        result = tenant.call("mimecast_journaling_service", name="J", **options)
        assert result["failed"] and words in result["msg"], result
    assert tenant.call("mimecast_journaling_service", name="J", pop3=pop3)["changed"]
    assert tenant.call("mimecast_journaling_service", name="J", pop3={"relaxed": True})["changed"]
    again = tenant.call("mimecast_journaling_service", name="J", pop3={"relaxed": True, "host": "POP.example.com"})
    assert again["changed"] is False


def test_many_members(tenant: Tenant) -> None:
    """Batches of 500 to write, pages of 100 to read, and no request more than that asks for."""
    many = ["d{0}.example".format(number) for number in range(20000)]
    tenant.requests()
    made = tenant.call("mimecast_group", name="Many", members={"set": many})
    assert made["changed"], made
    found = [one["operation"] for one in tenant.requests()]
    assert {name: found.count(name) for name in set(found)} == {
        "listGroups": 2, "createGroup": 1, "addGroupMembers": 40, "listGroupMembers": 200}
    again = tenant.call("mimecast_group", name="Many", members={"set": many[::-1]})
    assert again["changed"] is False and again["api"]["requests"] == 202
    diff = tenant.call("mimecast_group", True, name="Many", members={"set": [*many[1:], "new.example"]})["diff"]
    assert diff == {"before": {"group 'Many'": {"members": ["d0.example"]}},
                    "after": {"group 'Many'": {"members": ["new.example"]}}}


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "cut_body"])
def test_a_batch_that_is_lost_is_seen_and_sent_again(tenant: Tenant, quick: None, fault: str) -> None:
    tenant.sandbox.faults([{"operation": "addGroupMembers", "kind": fault, "after": 1, "times": 1}])
    many = ["d{0}.example".format(number) for number in range(1200)]
    result = tenant.call("mimecast_group", name="Many", members={"set": many})
    assert result.get("changed"), result
    assert tenant.call("mimecast_group", name="Many", members={"set": many})["changed"] is False


def test_a_member_that_is_refused_is_named(tenant: Tenant) -> None:
    tenant.sandbox.settings(member_refuse=["bad.example"])
    result = tenant.call("mimecast_group", name="TLS", members={"add": ["good.example", "bad.example"]})
    assert result["failed"] and "the service refuses bad.example" in result["msg"], result


def test_groups_that_are_not_ours(tenant: Tenant) -> None:
    tenant.sandbox.insert(tenant.code, "groups", {"description": "Staff", "source": "ldap"})
    refused = tenant.call("mimecast_group", name="Staff", members={"add": ["a@example.com"]})
    assert refused["failed"] and "it comes from the directory, so change it there" in refused["msg"]
    tenant.call("mimecast_policy", type="greylisting", name="G", action="apply", **{"from": {"type": "group", "group": "Sales"}})
    used = tenant.call("mimecast_group", name="Sales", state="absent")
    assert used["failed"] and "greylisting policy 'G' uses it as from" in used["msg"]


def told(tenant: Tenant, module: str, options: dict[str, Any]) -> list[str]:
    """What the module says while it is at work; a person sees one of it in some seconds."""
    found: list[str] = []
    job = import_module(MODULES + module).JOB
    checked = ArgumentSpecValidator(job.argument_spec).validate({**tenant.connection, **options})
    result, _secrets = execute(job, checked.validated_parameters, False, progress=found.append)
    assert result.get("changed"), result
    return found


def test_progress_of_members(tenant: Tenant) -> None:
    found = told(tenant, "mimecast_group", {"name": "Many", "members": {"set": ["d{0}.example".format(number) for number in range(1200)]}})
    assert "change the members of group 'Many': 1000 of 1200" in found and "read the members of group 'Many': 1200 so far" in found


def test_progress_of_imports(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each file, also between two looks at it."""
    monkeypatch.setattr(_users_plan, "FILE", 400)
    monkeypatch.setattr(_users, "TELL", 0.05)
    tenant.sandbox.settings(import_duration_ms=700)
    found = told(tenant, "mimecast_users", {"users": [{"email": "u{0}@example.com".format(number)} for number in range(600)]})
    for name in ("1 to 400", "401 to 600"):
        lines = [line.partition(": ")[2] for line in found if line.startswith("import users {0} of 600: ".format(name))]
        assert lines[0] == "sent" and lines.count("its status is 'processing'") > 5, lines
    assert "read users: 0 so far" in found
