# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of firewall_rendering: an allowlist in the words of a product, as a text, as arguments of modules, and as a handover."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall import plan
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import MODES, Allowlist
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import BITS, merge, networks, subtract
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import Held, Place, Wish
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.table import VENDORS, read, rendered
from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.rendered_file import diff_of, existing, replace
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

WHY = "This collection does not log in to {0}."
APPLIED = " {0} can apply the data of this result instead."
GONE = "An allowed source reaches the ports, and to lock down, no other does: connectivity_check of type tcp from both sides shows it."
PLACES = {"position": "int"}


def work(context: Context) -> dict[str, Any]:
    """Render, and write the file if one is named and differs; in check mode only say that it would."""
    params = context.params
    try:
        return _work(params, context.dry)
    except FirewallError as error:
        raise InputError("Cannot render {0!r} for {1}: {2}".format(params["name"], params["vendor"], error)) from None


def _work(params: dict[str, Any], dry: bool) -> dict[str, Any]:
    word, dest = params["vendor"], params["dest"]
    wish, notes = _wish(params)
    found = rendered(word, wish)
    result = {
        "changed": False, "content": found.content, "data": found.data, "normalised": notes, "warnings": list(found.warnings),
        "handover": _handover(word, wish, "file {0}".format(dest) if dest else "the content of this result").as_dict(),
    }
    if dest:
        result.update(_write(word, dest, found.content, dry))
    return result


def _wish(params: dict[str, Any]) -> tuple[Wish, list[str]]:
    services, notes = plan.wishes(params["services"], Allowlist(), now=0)
    if not services:
        raise FirewallError("services is empty, so nobody would get in")
    place = Place(**{name: value for name, value in (params["place"] or {}).items() if value})
    return Wish(params["name"], Allowlist().with_(services), place, params["purge"], params["certificate"]), notes


def _handover(word: str, wish: Wish, where: str) -> Handover:
    vendor = VENDORS[word]
    why = WHY.format(vendor.title) + (APPLIED.format(" and ".join(vendor.modules)) if vendor.modules else "")
    return Handover(
        "Bring the rules {0!r} to {1}".format(wish.name, vendor.title), "Administrator of {0}".format(vendor.title), vendor.steps(wish, where), why, GONE)


def _write(word: str, dest: str, content: str, dry: bool) -> dict[str, Any]:
    """Bring the file to this content; what is no rendering for the same product is not overwritten."""
    if os.path.isdir(dest) or dest.endswith(os.sep):
        raise InputError("Cannot write {0!r}: dest is the file itself, and this names a folder; name a file in it, such as {1!r}".format(
            dest, os.path.join(dest, "mimecast.txt")))
    before = existing(dest)
    after, known = read(word, content), {}
    if before.strip():
        try:
            known = read(word, before)
        except FirewallError as error:
            raise InputError("Cannot write {0!r}: {1}; name another file".format(dest, error)) from None
    if before != content and not dry:
        replace(dest, content)
    return {
        "changed": before != content,
        "added": _difference(after, known), "removed": _difference(known, after),
        "diff": diff_of(dest, before, content),
    }


def _difference(one: dict[str, Held], other: dict[str, Held]) -> list[dict[str, Any]]:
    """By object: the networks of one that the other lacks."""
    found = []
    for name in sorted(one):
        lacking = [
            text for family in BITS
            for text in networks(subtract(merge(_sources(one[name], family)), merge(_sources(other.get(name, Held()), family))), family)]
        if lacking:
            found.append({"object": name, "sources": lacking})
    return found


def _sources(held: Held, family: int) -> Any:
    return held.sources4 if family == 4 else held.sources6


JOB = Job(
    {
        "vendor": {"type": "str", "required": True, "choices": list(VENDORS)},
        "name": {"type": "str", "default": "mimecast"},
        "services": {"type": "list", "elements": "dict", "required": True, "options": {
            "name": {"type": "str", "required": True},
            "ports": {"type": "list", "elements": "int", "required": True},
            "sources": {"type": "list", "elements": "str", "required": True},
            "mode": {"type": "str", "choices": list(MODES), "default": "open"},
        }},
        "place": {"type": "dict", "options": {name: {"type": PLACES.get(name, "str")} for name in vars(Place())}},
        "certificate": {"type": "str", "default": Wish.certificate},
        "purge": {"type": "bool", "default": False},
        "dest": {"type": "path"},
    },
    work,
)
