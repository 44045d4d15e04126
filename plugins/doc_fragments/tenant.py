# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re

import yaml

from ansible_collections.mimecast.connect.plugins.doc_fragments import policy
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import item_spec
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.modules import (
    mimecast_account, mimecast_delivery_route, mimecast_directory_connector, mimecast_dkim, mimecast_domain, mimecast_group, mimecast_journaling_service,
    mimecast_outbound_addresses, mimecast_policy,
)

POLICY_FRAGMENTS = {
    "mimecast.connect.policy": policy.ModuleDocFragment.DOCUMENTATION,
    "mimecast.connect.policy.owned": policy.ModuleDocFragment.OWNED,
}
# kind -> the module of one such object; a kind without one of its own stands in the module as an option of its name
MODULES = {
    "emergency_contact": mimecast_account,
    "domains": mimecast_domain,
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
    "domains": "Internal domains only, which are neither registered nor removed here; a domain that is not internal is an error.",
}


def _options(kind: str) -> dict[str, dict[str, object]]:
    """The module's options with the shared ones of policies, as far as this kind has them; links go one level deeper."""
    found: dict[str, dict[str, object]] = {}
    documentation = yaml.safe_load(MODULES[kind].DOCUMENTATION)
    for fragment in documentation["extends_documentation_fragment"]:
        found.update(json.loads(POLICY_FRAGMENTS.get(fragment, '{"options": {}}'))["options"])
    found.update(documentation["options"])
    found = found[kind]["suboptions"] if kind in found else found
    spec = item_spec(CATALOGUE, CATALOGUE[kind])
    nested = json.loads(re.sub(r"\bO\((?=[a-z])(?!{0})".format(kind), "O({0}[].".format(kind), json.dumps(found)))
    chosen = {option: nested[option] for option in nested if option in spec}
    for option, part in chosen.items():
        if "choices" in spec[option]:
            part["choices"] = list(spec[option]["choices"])
    return chosen


def _kind(kind: str, description: str) -> dict[str, object]:
    """The option that takes a list of what a module takes one of."""
    module = MODULES[kind].__name__.rpartition(".")[2]
    form = {"type": "dict"} if CATALOGUE[kind].singleton else {"type": "list", "elements": "dict"}
    text = "In exactly the options of M(mimecast.connect.{0}).".format(module)
    notes = [NOTES[kind]] if kind in NOTES else []
    return {**form, "description": [text, description, *notes], "suboptions": _options(kind)}


def _fragment(kinds: list[str], description: str) -> str:
    return json.dumps({"options": {kind: _kind(kind, description) for kind in kinds}})


class ModuleDocFragment:
    """The tenant document: every kind in the words of its own module."""

    DOCUMENTATION: str = _fragment(list(MODULES), "What is not declared here stays as it is.")

    ROUTES_TO_CHECK: str = _fragment(["delivery_routes"], "Each of them is checked, except those with O(delivery_routes[].state=absent).")
