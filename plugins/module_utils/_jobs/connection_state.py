# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What the tenant has of a declared server connection, and what that means: nothing, a handover, or a removal through the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_steps import creation, removal
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_wish import FIELDS, Wish
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import (
    CONNECTED, CONNECTION_PROVIDERS, DELETABLE_PROVIDERS, SERVER_CONNECTIONS,
)


@dataclass(frozen=True)
class State:
    """The connection as the service lists it, {} when it does not; and what it lacks of what is declared, in words or ''."""

    wish: Wish
    found: dict[str, Any]
    lacking: str

    def require_listed(self) -> None:
        """ConnectError unless it is as declared."""
        if self.lacking:
            raise ConnectError("Cannot confirm {0}: {1}; state=exists changes nothing".format(self.wish, self.lacking))

    def require_values(self) -> None:
        """The console wants every field for a new connection, and again when its type changes."""
        if not self.lacking or self.found and self.wish.takes(self.found["provider"]):
            return
        missing = [option for _label, option in FIELDS[self.wish.type] if option not in self.wish.given]
        if missing:
            raise InputError("Cannot hand over {0}: it {1} and needs {2}".format(
                self.wish, "would change its type" if self.found else "does not exist yet", " and ".join(missing)))

    def handover(self) -> Handover | None:
        """What a person has to do so that it is as declared."""
        return creation(self.wish, self.found, self.lacking) if self.lacking else None

    def removal(self) -> Handover | None:
        """What a person has to do so that it goes; None when it is gone or the API deletes it. ConnectError when another type is meant."""
        if not self.found:
            return None
        provider = self.found["provider"]
        if not self.wish.takes(provider):
            raise ConnectError("Cannot delete {0}: its provider is {1!r}, which is not of type {2}; leave type out if it is meant "
                               "all the same".format(self.wish, provider, self.wish.type))
        return None if provider in DELETABLE_PROVIDERS else removal(self.wish, self.found)


def look(world: World, wish: Wish) -> State:
    """The state of a connection. ConnectError when there are two of its name."""
    item = world.one(SERVER_CONNECTIONS.kind, wish.name)
    if item is None:
        return State(wish, {}, "the tenant lists none of that name")
    found = {"name": item.name, **item.values()}
    lacking = []
    if not wish.takes(found["provider"]):
        lacking.append("its provider is {0!r} instead of {1}".format(found["provider"], " or ".join(CONNECTION_PROVIDERS[wish.type])))
    if found["status"] != CONNECTED:
        lacking.append("its status is {0!r} instead of {1!r}".format(found["status"], CONNECTED))
    return State(wish, found, " and ".join(lacking))
