# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""OPNsense: aliases as its own download and upload write them (Firewall, Aliases); the upload finds an alias by its name and replaces it."""

from __future__ import annotations

import json
import uuid

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import Held, Names, Rendering, Vendor, Wish, both, held

NAMES = Names(r"[A-Za-z_][A-Za-z0-9_]*", 31, "letters, digits and underscores, no digit first")
PORTS = "_ports"


def render(wish: Wish) -> Rendering:
    """An alias of networks and one of ports for each service."""
    aliases = {}
    for service in wish.allowlist.services:
        name = "{0}_{1}".format(wish.name, service.name)
        for title, kind, content in ((name, "network", both(service)), (name + PORTS, "port", [str(port) for port in service.ports])):
            # Any key will do; this one is the same in each run.
            key = str(uuid.uuid5(uuid.NAMESPACE_URL, "mimecast.connect/" + title))
            aliases[key] = {
                "enabled": "1", "name": NAMES.checked(title), "type": kind, "content": "\n".join(content),
                "description": "{0}: who may connect to {1}".format(wish.name, service.name),
            }
    return Rendering(json.dumps({"aliases": {"alias": aliases}}, indent=1) + "\n")


def parse(text: str) -> dict[str, Held]:
    """The services of such a file."""
    found = {alias["name"]: alias for alias in json.loads(text)["aliases"]["alias"].values()}
    return {
        name: held(alias["content"].split("\n"), map(int, found[name + PORTS]["content"].split("\n")))
        for name, alias in found.items() if alias["type"] == "network" and name + PORTS in found
    }


def steps(wish: Wish, where: str) -> tuple[str, ...]:
    """How a person brings it to the device."""
    return (
        "Log in to OPNsense and open Firewall, Aliases.",
        "Upload {0} there, and apply.".format(where),
        "Use the aliases in the rule that lets mail in: source and destination port. To lock down, put a rule below it that blocks these ports.",
    )


VENDOR = Vendor("OPNsense", render, parse, steps, joiner="_")
