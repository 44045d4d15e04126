# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re

import yaml

from ansible_collections.mimecast.connect.plugins.modules import mimecast_delivery_route

MODULES = {"delivery_routes": mimecast_delivery_route}


def _kind(kind: str, description: str) -> dict[str, object]:
    """The option that takes a list of what a module takes one of; its options refer to each other one level deeper."""
    documentation = MODULES[kind].DOCUMENTATION
    nested = re.sub(r"\bO\((?=[a-z])", "O({0}[].".format(kind), documentation)
    text = "A list of objects in exactly the options of M(mimecast.connect.{0}).".format(yaml.safe_load(documentation)["module"])
    return {
        "type": "list",
        "elements": "dict",
        "description": [text, description],
        "suboptions": yaml.safe_load(nested)["options"],
    }


def _fragment(kinds: list[str], description: str) -> str:
    return json.dumps({"options": {kind: _kind(kind, description) for kind in kinds}})


class ModuleDocFragment:
    """The tenant document: every kind in the words of its own module."""

    DOCUMENTATION: str = _fragment(list(MODULES), "Objects of this kind that are not in the list stay as they are.")

    ROUTES_TO_CHECK: str = _fragment(["delivery_routes"], "Each of them is checked, except those with O(delivery_routes[].state=absent).")
