# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The server connections of a tenant document: removals for its plan, and handovers for what only a person can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_state import State, look
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_wish import Wish, wish_of
from ansible_collections.mimecast.connect.plugins.module_utils._engine import wishes as engine
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import SERVER_CONNECTIONS


@dataclass(frozen=True)
class Connections:
    """``removals`` are for the plan; ``handovers`` stand beside it, by the name of the connection. ``missing`` are to be made."""

    removals: list[engine.Wish]
    handovers: dict[str, Handover]
    missing: frozenset[str]

    def require_for(self, wanted: list[engine.Wish]) -> None:
        """InputError with the steps when an object needs a connection that only a person can make first."""
        for wish in wanted:
            for row in wish.resource.fields if wish.state == "present" else ():
                for kind, name in row.codec.references(wish.values.get(row.option)):
                    if kind == SERVER_CONNECTIONS.kind and name in self.missing:
                        raise InputError("Nothing was changed: {0} needs {1}, which is declared but not there, and only a person can make it. {2} "
                                         "Then run again, or leave {0} out until then".format(
                                             wish, SERVER_CONNECTIONS.describe(name), self.handovers[name].as_text()))

    def result(self) -> dict[str, Any]:
        """What the result says of them."""
        found: dict[str, Any] = {"pending": bool(self.handovers), "handovers": [handover.as_dict() for handover in self.handovers.values()]}
        if self.handovers:
            titles = ["{0} ({1})".format(handover.title, handover.state()) for handover in self.handovers.values()]
            found["msg"] = "To be done by hand: {0}".format("; ".join(titles))
        return found


def declared(items: list[dict[str, Any]] | None, account: str, problems: list[str]) -> list[Wish]:
    """The connections of a document; everything wrong with them is added to ``problems``."""
    found: dict[str, Wish] = {}
    for position, item in enumerate(items or (), 1):
        wish = wish_of(item, account, problems, " number {0}".format(position))
        if wish and found.setdefault(wish.name, wish) is not wish:
            problems.append("Server connection {0!r}: it is declared twice; names must differ".format(wish.name))
    return list(found.values())


def compare(world: World, wishes: list[Wish], purge: bool, account: str) -> Connections:
    """Look at each declared connection, with ``purge`` at all. Without either, nothing is read."""
    names = {wish.name for wish in wishes}
    others = [item.name for item in world.objects(SERVER_CONNECTIONS.kind) if item.name not in names] if purge else []
    states = [look(world, wish) for wish in (*wishes, *(Wish(name, "absent", "", account=account) for name in dict.fromkeys(others)))]
    handovers: dict[str, Handover] = {}
    removals, missing = [], set()
    for state in states:
        handover = _handover(state)
        if handover:
            handovers[state.wish.name] = handover
            missing.update(() if state.found else (state.wish.name,))
        elif state.wish.state == "absent":
            removals.append(engine.Wish(SERVER_CONNECTIONS, state.wish.name, state="absent"))
    return Connections(removals, handovers, frozenset(missing))


def _handover(state: State) -> Handover | None:
    if state.wish.state == "absent":
        return state.removal()
    if state.wish.state == "exists":
        state.require_listed()
    state.require_values()
    return state.handover()
