# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Carry out a plan, prove it by reading back, and leave no duplicate whatever goes wrong on the way."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import PAGE_SIZE, Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError, ConnectError, OutcomeUnknown
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import Operation
from ansible_collections.mimecast.connect.plugins.module_utils._engine.codecs import Outgoing
from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import CREATE, DELETE, Change, Plan
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import Field, Members
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import Key
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import Found, World

# Seconds between looks at a write that does not show yet; how long a write may lag is not published.
LOOKS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
REFUSED = (400, 409, 422)  # answers to a removal of what is in use
REPEATS = 3  # tries of a change or removal whose outcome stays unknown; both may safely be repeated


class Applier:
    """Carries out plans against one world. ``done`` lists the changes that were written, also after a failure."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client: Client = world.client
        self.done: list[Change] = []
        self._own_ids: dict[Key, str] = {}  # of what this run creates, as far as the service told

    def apply(self, plan: Plan) -> None:
        """Write batch by batch. A ConnectError leaves a state from which the same run can finish."""
        for batch in plan.batches:
            writers = {CREATE: self._create, DELETE: self._delete}
            for change in batch:
                writers.get(change.action, self._update)(change)
                self.done.append(change)
            if batch[0].action == DELETE:
                self._world.forget(batch[0].resource.kind)
                continue
            self._prove(batch)
            for change in batch:
                for row in _outside(change):
                    self._bring(change, row, self._one(*change.key), change.after[row.option])

    def _create(self, change: Change) -> None:
        try:
            answer = self._client.write(change.resource.create, _what(change), body=self._body(change))
        except OutcomeUnknown as error:
            # Repeating a creation could make a second object: look for the first instead.
            if not self._look(change.resource.kind, [change.key]):
                raise OutcomeUnknown(
                    "{0}. The tenant does not show it, so it was probably not created; run again".format(error)) from None
            return
        own = answer.get("id") or answer.get("policyId")
        if own:
            self._own_ids[change.key] = str(own)

    def _update(self, change: Change) -> None:
        found = self._one(*change.key)
        if found is None:
            raise ConnectError("Cannot {0}: it disappeared while this run was at work; run again".format(_what(change)))
        body = self._body(change)
        if not body:
            return  # only members change

        def proved() -> bool:
            again = self._again(change, found)
            return again is not None and not _differences(change, again)

        operation = change.resource.update
        if change.resource.empty and not any(change.after[option] for option in change.fields):
            operation, body = change.resource.empty, None
        with _noticing_removal(change):
            self._repeat(lambda: self._client.write(operation, _what(change), found.id or None, body), proved)

    def _delete(self, change: Change) -> None:
        # Objects of one name can only be removed together as members of an owner that goes, so all are meant.
        for found in self._world.find(change.resource.kind, change.name, change.scope):
            for row in change.resource.fields:
                if row.members and change.before.get(row.option):
                    self._bring(change, row, found, [])
            self._remove(change, _what(change), found.id)

    def _remove(self, change: Change, what: str, object_id: str) -> None:
        def gone() -> bool:
            # Not every call answers 404 when it removes a second time.
            self._world.forget(change.resource.kind)
            return not self._world.find(change.resource.kind, change.name, change.scope)

        try:
            self._repeat(lambda: self._client.write(change.resource.delete, what, object_id), gone)
        except ApiError as error:
            if error.status in REFUSED and change.resource.if_kept:
                raise ApiError("{0}. {1}".format(str(error).rstrip("."), change.resource.if_kept.format(change, **change.before)),
                               error.status, error.code) from None
            if error.status != 404:  # already gone is what was wanted
                raise

    def _repeat(self, write: Callable[[], Any], proved: Callable[[], bool]) -> None:
        for attempt in range(1, REPEATS + 1):
            try:
                write()
                return
            except OutcomeUnknown as error:
                if proved():
                    return
                if attempt == REPEATS:
                    raise OutcomeUnknown("{0}. Tried {1} times; run again later".format(error, REPEATS)) from None
                self._client.stats["retries"] += 1
                time.sleep(LOOKS[attempt])

    def _body(self, change: Change) -> dict[str, Any]:
        named = change.action == CREATE and not change.resource.singleton
        body: dict[str, Any] = {change.resource.name_api: change.name} if named else {}
        for option in change.fields:
            if change.resource.row(option).members:
                continue
            codec = change.resource.row(option).codec
            out = Outgoing(self._id_of, change.secrets.get(option, {}), change.action == CREATE)
            value = out.secrets[option] if codec.hidden else change.after[option]
            body.update(codec.write(value, out))
        return body

    def _one(self, kind: str, scope: str, name: str) -> Found | None:
        """The object that this run works with. A copy that another run makes meanwhile is none of our business: it will go."""
        found = self._world.find(kind, name, scope)
        own = self._own_ids.get((kind, scope, name))
        return next((item for item in found if item.id == own), found[0] if found else None)

    def _bring(self, change: Change, row: Field, found: Found, wanted: list[str]) -> None:
        """Bring a set outside of the object to what is wanted, in batches; whatever was lost on the way is seen and done again."""
        what = "change the {0} of {1}".format(row.option, change)
        current = change.before.get(row.option) or []
        for pause in LOOKS:
            if pause:
                time.sleep(pause)
                current = found.members(row)
            add, remove = sorted(set(wanted) - set(current)), sorted(set(current) - set(wanted))
            if not add and not remove:
                return
            with contextlib.suppress(OutcomeUnknown):
                self._send(row.members, row.members.add, what, found.id, add)
                self._send(row.members, row.members.remove, what, found.id, remove)
            current = found.members(row)
            if set(current) == set(wanted):
                return
        raise ConnectError("Cannot {0}: {1} of {2} still differ after several tries; run again".format(
            what, len(set(current) ^ set(wanted)), len(wanted)))

    def _send(self, members: Members, operation: Operation, what: str, object_id: str, items: list[str]) -> None:
        for start in range(0, len(items), members.batch):
            batch = items[start:start + members.batch]
            answer = self._client.write(operation, what, object_id, {members.key: [members.part(item) for item in batch]})
            self._client.progress("{0}: {1} of {2}".format(what, start + len(batch), len(items)))
            results = answer.get("results") or []
            refused = [item for item, result in zip(batch, results) if isinstance(result, dict) and result.get("success") is False]
            if refused:
                raise ApiError("Cannot {0}: the service refuses {1}{2}; check whether they are spelt right and may be there".format(
                    what, ", ".join(refused[:10]), " and {0} more".format(len(refused) - 10) if len(refused) > 10 else ""))

    def _again(self, change: Change, found: Found) -> Found | None:
        """The object as it is now: read singly, or in its list where there is no single read."""
        if change.resource.get:
            found.refresh()
            return found
        self._world.forget(change.resource.kind)
        return self._one(*change.key)

    def _id_of(self, kind: str, name: str) -> str:
        found = self._one(kind, "", name)
        if found is None:
            raise ConnectError("{0} disappeared while this run was at work; run again".format(self._world.catalogue[kind].describe(name)))
        return found.id

    def _prove(self, batch: list[Change]) -> None:
        """Read back. Creations need the list, which alone shows a second object of the same name."""
        resource = batch[0].resource
        created = [change for change in batch if change.action == CREATE]
        pages = self._world.loaded(resource.kind) // PAGE_SIZE + 1
        by_list = bool(created) or resource.get is None or len(batch) >= pages
        if by_list:
            self._look(resource.kind, [change.key for change in batch])
            for change in created:
                self._settle(change)
        for change in batch:
            self._prove_one(change, by_list)

    def _prove_one(self, change: Change, fresh: bool) -> None:
        wrong = ""
        for pause in LOOKS:
            if pause:
                time.sleep(pause)
            found = self._one(*change.key)
            if found is not None and (pause or not fresh):
                with _noticing_removal(change):
                    found = self._again(change, found)
            if found is None:
                raise ConnectError("Cannot {0}: it was written, but the tenant does not show it; run again in a few minutes".format(_what(change)))
            wrong = _differences(change, found)
            if not wrong:
                return
        raise ConnectError(
            "Cannot {0}: the service accepted it, but reads back {1}. Either it ignores that option or somebody else "
            "changed the object at the same time; run again, and report it if this stays".format(_what(change), wrong))

    def _look(self, kind: str, keys: list[Key]) -> bool:
        """Read the list until it shows all ``keys``; False when it does not within the time."""
        for pause in LOOKS:
            if pause:
                time.sleep(pause)
            self._world.forget(kind)
            if all(self._world.find(kind, name, scope) for _kind, scope, name in keys):
                return True
        return False

    def _settle(self, change: Change) -> None:
        """Two controllers may create the same name at once: all but the first in the list give way.

        The first waits for that; when nobody gives way (the other did not see ours) it gives way itself.
        """
        kind, scope, name = change.key
        own = self._own_ids.get(change.key)
        ids: list[str] = []
        for pause in LOOKS:
            if pause:
                time.sleep(pause)
                self._world.forget(kind)
            ids = [item.id for item in self._world.find(kind, name, scope)]
            if not ids or ids == [own or ids[0]]:
                return
            if own in ids[1:]:
                break
        if own is None:
            self._world.one(kind, name, scope)  # raises: which copy is ours, nobody knows
        if own not in ids:
            return  # ids of this kind change from read to read, or ours lags more than anything we know
        self._remove(change, "remove the second copy of {0}, which another run created at the same time".format(change), own)
        del self._own_ids[change.key]
        self._world.forget(kind)


def _outside(change: Change) -> list[Field]:
    return [row for row in change.resource.fields if row.members and row.option in change.fields]


@contextlib.contextmanager
def _noticing_removal(change: Change) -> Iterator[None]:
    try:
        yield
    except ApiError as error:
        if error.status == 404:
            raise ApiError("Cannot {0}: somebody removed it while this run was at work; run again".format(_what(change)), 404) from None
        raise


def _what(change: Change) -> str:
    return "{0} {1}".format(change.action, change)


def _differences(change: Change, found: Found) -> str:
    wrong = []
    for option in change.fields:
        codec = change.resource.row(option).codec
        if change.resource.row(option).members or codec.hidden:
            continue
        if not codec.shows(change.after[option], found[option]):
            wrong.append("{0} as {1!r} instead of {2!r}".format(option, found[option], change.after[option]))
    return " and ".join(wrong)
