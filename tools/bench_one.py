# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One delivery route with nothing to change, written in three ways: the module, uri, plain Python."""

from __future__ import annotations

from bench_ways import AUTHORISED, LOG_ON, SERVICE, Task, token_task

ROUTE = {"name": "HQ", "hostname": "mx1.example.com", "policies": [{"name": "In", "to": {"type": "domain", "domain": "example.com"}}]}
BASE = "/policy-management/cloud-gateway/v1/delivery-route"

SCRIPT = LOG_ON + """
for _ in range(int(sys.argv[1])):
    found = {kind: get("@PATH@/" + kind + "?pageSize=100")[kind] for kind in ("definitions", "policies")}
    route = next(row for row in found["definitions"] if row["description"] == "HQ")
    policy = next(row for row in found["policies"] if row["definitionId"] == route["id"])
    assert (route["hostname"], policy["to"]["domain"]) == ("mx1.example.com", "example.com")
""".replace("@PATH@", BASE)


def own_tasks(count: int) -> list[Task]:
    """One warm-up that fetches the token, then tasks with nothing to do."""
    return [{"mimecast.connect.mimecast_delivery_route": ROUTE}] * (count + 1)


def uri_tasks(count: int) -> list[Task]:
    """What a user writes without a collection: token once; for each object read both lists, compare, write when needed."""
    definitions, policies = SERVICE + BASE + "/definitions", SERVICE + BASE + "/policies"
    tasks = [token_task()]
    for _number in range(count):
        tasks += [
            {"ansible.builtin.uri": {"url": definitions + "?pageSize=100", **AUTHORISED}, "register": "definitions"},
            {"ansible.builtin.uri": {"url": policies + "?pageSize=100", **AUTHORISED}, "register": "policies"},
            {"ansible.builtin.set_fact": {
                "route": "{{ definitions.json.definitions | selectattr('description', 'equalto', 'HQ') | first | default({}) }}",
                "policy": "{{ policies.json.policies | selectattr('description', 'equalto', 'In') | first | default({}) }}"}},
            {"ansible.builtin.uri": {"url": definitions, "method": "POST", **AUTHORISED}, "when": "route.hostname | default('') != 'mx1.example.com'"},
            {"ansible.builtin.uri": {"url": policies, "method": "POST", **AUTHORISED}, "when": "policy.to.domain | default('') != 'example.com'"},
        ]
    return tasks
