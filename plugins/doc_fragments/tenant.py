# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re

import yaml

from ansible_collections.mimecast.connect.plugins.doc_fragments import policy
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_wish import CONNECTION_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import item_spec
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.users_rows import USER_SPEC
from ansible_collections.mimecast.connect.plugins.modules import (
    mimecast_account, mimecast_delivery_route, mimecast_directory_connector, mimecast_dkim, mimecast_domain, mimecast_group, mimecast_journaling_service,
    mimecast_outbound_addresses, mimecast_policy, mimecast_server_connection, mimecast_users,
)

POLICY_FRAGMENTS = {
    "mimecast.connect.policy": policy.ModuleDocFragment.DOCUMENTATION,
    "mimecast.connect.policy.owned": policy.ModuleDocFragment.OWNED,
}
# kind -> the module of one such object; a kind without one of its own stands in the module as an option of its name
MODULES = {
    "emergency_contact": mimecast_account,
    "domains": mimecast_domain,
    "users": mimecast_users,
    "server_connections": mimecast_server_connection,
    "active_directory_connectors": mimecast_directory_connector,
    "microsoft_365_connectors": mimecast_directory_connector,
    "google_workspace_connectors": mimecast_directory_connector,
    "groups": mimecast_group,
    "outbound_addresses": mimecast_outbound_addresses,
    "delivery_routes": mimecast_delivery_route,
    "dkim": mimecast_dkim,
    "anti_spoofing_policies": mimecast_policy,
    "anti_spoofing_bypass_policies": mimecast_policy,
    "blocked_senders_policies": mimecast_policy,
    "greylisting_policies": mimecast_policy,
    "journaling_services": mimecast_journaling_service,
}
# What else is to be said of a kind in a document.
NOTES = {
    "domains": ["Internal domains only, which are neither registered nor removed here; a domain that is not internal is an error."],
    "server_connections": [
        "One that is not connected as declared is no change. What a person has to do stands in RV(handovers), and the rest of the document "
        "is applied all the same, unless a connector of it needs a connection that is not there.",
        "O(server_connections[].state=absent) is a change like all others where the API deletes the connection, else a handover.",
    ],
    "users": [
        "Known recipients. Those that are missing or have another name are imported, before anything else is written, and awaited "
        "for up to 600 seconds. So they are known before a domain takes mail for known recipients only.",
        "An import removes nobody, so users are no choice of O(purge). Members of groups are declared with O(groups).",
    ],
}
# Kinds that are not written one by one have a spec of their own.
SPECS = {"server_connections": CONNECTION_SPEC, "users": USER_SPEC}


def _options(kind: str) -> dict[str, dict[str, object]]:
    """The module's options with the shared ones of policies, as far as this kind has them; links go one level deeper."""
    found: dict[str, dict[str, object]] = {}
    documentation = yaml.safe_load(MODULES[kind].DOCUMENTATION)
    for fragment in documentation["extends_documentation_fragment"]:
        found.update(json.loads(POLICY_FRAGMENTS.get(fragment, '{"options": {}}'))["options"])
    found.update(documentation["options"])
    found = found[kind]["suboptions"] if kind in found else found
    spec = SPECS[kind] if kind in SPECS else item_spec(CATALOGUE, CATALOGUE[kind])
    nested = json.loads(re.sub(r"\bO\((?=[a-z])(?!{0})".format(kind), "O({0}[].".format(kind), json.dumps(found)))
    chosen = {option: nested[option] for option in nested if option in spec}
    for option, part in chosen.items():
        if "choices" in spec[option]:
            part["choices"] = list(spec[option]["choices"])
    return chosen


def _kind(kind: str, *description: str) -> dict[str, object]:
    """The option that takes a list of what a module takes one of."""
    module = MODULES[kind].__name__.rpartition(".")[2]
    singleton = kind not in SPECS and CATALOGUE[kind].singleton
    form = {"type": "dict"} if singleton else {"type": "list", "elements": "dict"}
    text = "In exactly the options of M(mimecast.connect.{0}).".format(module)
    return {**form, "description": [text, *description], "suboptions": _options(kind)}


def _renamed(kind: str, option: str, description: str) -> str:
    """The same under another name."""
    text = json.dumps(_kind(kind, description)).replace("O({0}[]".format(kind), "O({0}[]".format(option))
    return json.dumps({"options": {option: json.loads(text)}})


def _fragment(kinds: list[str], description: str) -> str:
    return json.dumps({"options": {kind: _kind(kind, description) for kind in kinds}})


class ModuleDocFragment:
    """The tenant document: every kind in the words of its own module."""

    DOCUMENTATION: str = json.dumps({"options": {kind: _kind(kind, "What is not declared here stays as it is.", *NOTES.get(kind, ())) for kind in MODULES}})

    CONNECTORS_TO_CHECK: str = _renamed(
        "active_directory_connectors", "directory_connectors",
        "Each host of each of them is checked, except those with O(directory_connectors[].state=absent).")

    CONNECTIONS_TO_CHECK: str = _fragment(
        ["server_connections"], "Exchange Web Services of each of them are checked, except those with O(server_connections[].state=absent).")

    DOMAINS_TO_CHECK: str = _fragment(
        ["domains"], "Directory connectors that name no domains have to hold addresses of those that no other connector names and whose "
        "O(domains[].inbound_type) is V(ldap) or not set. A check of type V(dns) without a domain is made of each.")

    ROUTES_TO_CHECK: str = _fragment(["delivery_routes"], "Each of them is checked, except those with O(delivery_routes[].state=absent).")
