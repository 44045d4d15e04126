# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The usual Connect document with nothing to change, written in four ways: one task, single modules, uri, plain Python."""

from __future__ import annotations

import runpy
from typing import Any

from bench_ways import AUTHORISED, LOG_ON, SERVICE, Task, token_task
from paths import ROOT

# The document is that of the tests, which assert how many requests it takes.
_USUAL = runpy.run_path(str(ROOT / "tests" / "functional" / "usual.py"))
DOCUMENT: dict[str, Any] = _USUAL["DOCUMENT"]
INTERNAL_DOMAINS: list[str] = _USUAL["INTERNAL_DOMAINS"]

POLICY = "/policy-management/cloud-gateway/v1"
GROUPS = "/directory/cloud-gateway/v1/groups"
INTEGRATIONS = "/directory/cloud-gateway/v1/integrations"
# name -> (path, key of the list)
COLLECTIONS = {
    "contact": ("/account/cloud-gateway/v1/emergency-contact", ""),
    "outbound": ("/email/cloud-gateway/v1/outbound-ip-addresses", "outboundIpAddresses"),
    "integrations": (INTEGRATIONS, "integrations"),
    "groups": (GROUPS, "groups"),
    "routes": (POLICY + "/delivery-route/definitions", "definitions"),
    "route_policies": (POLICY + "/delivery-route/policies", "policies"),
    "dkim": (POLICY + "/dns-authentication-outbound/definitions", "dnsOutboundDefinitions"),
    "dkim_policies": (POLICY + "/dns-authentication-outbound/policies", "policies"),
    "bypass": (POLICY + "/anti-spoofing-bypass/policies", "policies"),
    "journaling": ("/journaling/cloud-gateway/v1/services", "journalingServices"),
}
UNPAGED = ("contact", "outbound")
REQUESTS = len(COLLECTIONS) + 1 + len(DOCUMENT["groups"])  # the connector, and the members of each group, are read singly

SINGLE = {
    "emergency_contact": lambda item: {"mimecast.connect.mimecast_account": {"emergency_contact": item}},
    "active_directory_connectors": lambda item: {"mimecast.connect.mimecast_directory_connector": {"type": "active_directory", **item}},
    "groups": lambda item: {"mimecast.connect.mimecast_group": item},
    "outbound_addresses": lambda item: {"mimecast.connect.mimecast_outbound_addresses": item},
    "delivery_routes": lambda item: {"mimecast.connect.mimecast_delivery_route": item},
    "dkim": lambda item: {"mimecast.connect.mimecast_dkim": item},
    "anti_spoofing_bypass_policies": lambda item: {"mimecast.connect.mimecast_policy": {"type": "anti_spoofing_bypass", **item}},
    "journaling_services": lambda item: {"mimecast.connect.mimecast_journaling_service": item},
}


def whole_tasks(count: int) -> list[Task]:
    """One warm-up that fetches the token, then the document as one task."""
    return [{"mimecast.connect.mimecast_tenant": DOCUMENT}] * (count + 1)


def single_tasks(count: int) -> list[Task]:
    """One task for each object; policies go with what they belong to."""
    objects = [SINGLE[kind](item) for kind, items in DOCUMENT.items() for item in (items if isinstance(items, list) else [items])]
    return [objects[0], *objects * count]


def empty_tasks(count: int) -> list[Task]:
    """Tasks that do nothing: what Ansible itself costs."""
    return [{"ansible.builtin.debug": {"msg": "nothing"}}] * (count + 1)


def document_tasks(count: int) -> list[Task]:
    """Tasks that are given the document and do nothing but return it: what Ansible takes to hand it over. debug costs more."""
    return [{"ansible.builtin.set_fact": DOCUMENT}] * (count + 1)


def _query(name: str) -> str:
    return "" if name in UNPAGED else "?pageSize=100"


def _get(path: str, register: str, **more: Any) -> Task:
    return {"ansible.builtin.uri": {"url": SERVICE + path, **AUTHORISED}, "register": register, **more}


def _named(answer: str, name: str) -> str:
    return "({0} | selectattr('description', 'equalto', '{1}') | first | default({{}}))".format(answer, name)


def _write(path: str, method: str, when: str) -> Task:
    return {"ansible.builtin.uri": {"url": SERVICE + path, "method": method, **AUTHORISED}, "when": when}


def uri_tasks(count: int) -> list[Task]:
    """Token once; for each document a GET for each collection, facts, and writes that are skipped."""
    gets = [_get(path + _query(name), "answer_" + name) for name, (path, _key) in COLLECTIONS.items()]
    found = {
        "found_" + name: "{{ answer_" + name + ".json" + ("." + key if key else "") + " }}" for name, (_path, key) in COLLECTIONS.items()
    }
    singly = [_get(INTEGRATIONS + "/active-directory/{{ found_integrations[0].id | urlencode | replace('/', '%2F') }}", "answer_connector")]
    singly += [
        _get(GROUPS + "/{{ " + _named("found_groups", group["name"]) + ".id | urlencode | replace('/', '%2F') }}/members?pageSize=100",
             "members_" + group["name"])
        for group in DOCUMENT["groups"]
    ]
    return [token_task(), *[*gets, {"ansible.builtin.set_fact": found}, *singly, *_skipped()] * count]


def _skipped() -> list[Task]:
    """A write for each object, which compares and has nothing to do."""
    contact, connector = DOCUMENT["emergency_contact"], DOCUMENT["active_directory_connectors"][0]
    addresses = DOCUMENT["outbound_addresses"]["addresses"]["set"]
    tasks = [
        _write(COLLECTIONS["contact"][0], "PUT", "found_contact.contactName != '{0}'".format(contact["name"])),
        _write(COLLECTIONS["outbound"][0], "PUT",
               "found_outbound | map(attribute='outboundIpAddress') | sort != {0!r}".format(sorted(addresses))),
        _write(INTEGRATIONS + "/active-directory", "POST", "answer_connector.json.hostname != '{0}'".format(connector["hostname"])),
    ]
    tasks += [
        _write(GROUPS, "POST", "members_{0}.json.groupMembers | map(attribute='domain') | sort != {1!r}".format(
            group["name"], sorted(group["members"]["set"]))) for group in DOCUMENT["groups"]
    ]
    tasks += [
        _write(COLLECTIONS[name][0], "POST", _named("found_" + name, item["name"]) + "." + condition)
        for name, item, condition in _compared()
    ]
    return tasks


def _compared() -> list[tuple[str, dict[str, Any], str]]:
    """Collection, declared object, and what would have to be written."""
    routes, keys = DOCUMENT["delivery_routes"], DOCUMENT["dkim"]
    return [
        *(("routes", item, "hostname | default('') != '{0}'".format(item["hostname"])) for item in routes),
        *(("route_policies", policy, "enabled | default(false) != true") for item in routes for policy in item["policies"]),
        *(("dkim", item, "selector | default('') != '{0}'".format(item["selector"])) for item in keys),
        *(("dkim_policies", policy, "enabled | default(false) != true") for item in keys for policy in item["policies"]),
        *(("bypass", item, "option | default('') != '{0}'".format(item["action"])) for item in DOCUMENT["anti_spoofing_bypass_policies"]),
        *(("journaling", item, "messageFormat | default('') != '{0}'".format(item["message_format"])) for item in DOCUMENT["journaling_services"]),
    ]


SCRIPT = LOG_ON + """
from urllib.parse import quote
document, collections, unpaged, groups, integrations = json.loads(sys.argv[2])
for _ in range(int(sys.argv[1])):
    found = {name: get(path + ("" if name in unpaged else "?pageSize=100")) for name, (path, key) in collections.items()}
    found = {name: answer[collections[name][1]] if collections[name][1] else answer for name, answer in found.items()}
    named = {name: {row["description"]: row for row in rows} for name, rows in found.items() if name not in unpaged}
    connector = get(integrations + "/active-directory/" + quote(named["integrations"]["Head office"]["id"], safe=""))
    assert connector["hostname"] == document["active_directory_connectors"][0]["hostname"]
    assert found["contact"]["contactName"] == document["emergency_contact"]["name"]
    assert {row["outboundIpAddress"] for row in found["outbound"]} == set(document["outbound_addresses"]["addresses"]["set"])
    for group in document["groups"]:
        answer = get(groups + "/" + quote(named["groups"][group["name"]]["id"], safe="") + "/members?pageSize=100")
        assert {row["domain"] for row in answer["groupMembers"]} == set(group["members"]["set"])
    for route in document["delivery_routes"]:
        assert named["routes"][route["name"]]["hostname"] == route["hostname"]
        assert all(named["route_policies"][policy["name"]]["enabled"] for policy in route["policies"])
    for key in document["dkim"]:
        assert named["dkim"][key["name"]]["selector"] == key["selector"]
        assert all(named["dkim_policies"][policy["name"]]["enabled"] for policy in key["policies"])
    assert all(named["bypass"][item["name"]]["option"] == item["action"] for item in document["anti_spoofing_bypass_policies"])
    assert all(named["journaling"][item["name"]]["messageFormat"] == item["message_format"] for item in document["journaling_services"])
"""
SCRIPT_INPUT = [DOCUMENT, COLLECTIONS, UNPAGED, GROUPS, INTEGRATIONS]
