# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What the tenant lacks of the users that are declared, and the imports that bring it about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine import plan as engine_plan
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import Found, World
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._resources.users import USERS, known_users
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.users_rows import User

# No limit is published. 5000 rows of 200 bytes still pass a proxy that takes 1 MiB, and 20,000 users need four imports.
FILE = 5000
DIFF = 1000  # users that a diff names; results have to stay small

CREATE, UPDATE, JOIN = "created", "updated", "joined"


class Directory:
    """The users that the tenant knows, and the members of the group that they are to join."""

    def __init__(self, client: Client, group: str | None) -> None:
        self._client = client
        self._group: Found | None = _group(client, group) if group else None
        self.names: dict[str, str] = {}
        self.members: set[str] = set()
        self.read()

    @property
    def group_id(self) -> str:
        """'' without a group."""
        return self._group.id if self._group else ""

    def read(self) -> None:
        """Read, or read again."""
        self.names = {user["email"]: user["name"] for user in known_users(self._client)}
        if self._group:
            self.members = set(self._group.members(self._group.resource.row("members")))

    def lack(self, user: User) -> str:
        """What an import of the user would do; '' when there is nothing to do. Passwords cannot be read and do not count."""
        known = self.names.get(user.email)
        if known is None:
            return CREATE
        if user.name and user.name != known:
            return UPDATE
        return JOIN if self._group and user.email not in self.members else ""


@dataclass(frozen=True)
class Plan:
    """``files`` are the users of each import. ``cleared`` are the members that the first import takes out of the group."""

    files: list[list[User]]
    summary: dict[str, int]
    changes: list[dict[str, Any]]
    diff: dict[str, Any]
    cleared: list[str]


NOTHING = Plan([], {}, [], {"before": {}, "after": {}}, [])


def make_plan(directory: Directory, users: list[User], group: str, clear: bool) -> Plan:
    """Compare. A group is cleared only if it holds others than the given users; then all of these are imported again."""
    cleared = sorted(directory.members.difference(user.email for user in users)) if clear else []
    lacks = {user.email: directory.lack(user) for user in users}
    wanted = users if cleared else [user for user in users if lacks[user.email]]
    files = [wanted[start:start + FILE] for start in range(0, len(wanted), FILE)]
    summary = {"declared": len(users), **{word: sum(lack == word for lack in lacks.values()) for word in (CREATE, UPDATE, JOIN)}}
    changes = [
        {"action": "import", "kind": "users", "name": "{0} to {1} of {2}".format(number * FILE + 1, number * FILE + len(file), len(wanted)),
         "options": ["clear_group"] if cleared and not number else []}
        for number, file in enumerate(files)
    ]
    return Plan(files, {**summary, "removed_from_group": len(cleared)}, changes, _diff(directory, wanted, lacks, group, cleared), cleared)


def user_changes(directory: Directory, plan: Plan) -> list[engine_plan.Change]:
    """What the imports do to each user: a plan file holds that, since what an interrupted run leaves is other imports."""
    changes = []
    for user in (user for file in plan.files for user in file):
        known = directory.names.get(user.email)
        action, before = (engine_plan.CREATE, {}) if known is None else (engine_plan.UPDATE, {"name": known})
        secrets = {"password": {"password": user.password}} if user.password else {}
        changes.append(engine_plan.Change(action, USERS, user.email, "", before, {"name": user.name}, ("name",), secrets=secrets))
    return changes


def _diff(directory: Directory, wanted: list[User], lacks: dict[str, str], group: str, cleared: list[str]) -> dict[str, Any]:
    named = [user for user in wanted if lacks[user.email] in (CREATE, UPDATE)]
    before: dict[str, Any] = {"users": {user.email: directory.names[user.email] for user in named[:DIFF] if lacks[user.email] == UPDATE}}
    after: dict[str, Any] = {"users": {user.email: user.name for user in named[:DIFF]}}
    if len(named) > DIFF:
        after["users"]["..."] = "and {0} more".format(len(named) - DIFF)
    if group:
        title = "members of group {0!r}".format(group)
        before[title], after[title] = _some(cleared), _some([user.email for user in wanted if user.email not in directory.members])
    shown = [title for title in after if before.get(title) or after[title]]
    return {"before": {title: before[title] for title in shown if before[title]}, "after": {title: after[title] for title in shown}}


def _some(addresses: list[str]) -> list[str]:
    more = len(addresses) - DIFF
    return addresses[:DIFF] + (["and {0} more".format(more)] if more > 0 else [])


def _group(client: Client, name: str) -> Found:
    found = World(client, CATALOGUE).one("groups", name)
    if found is None:
        raise InputError("Cannot import users into group {0!r}: the tenant has none of that name; make it with mimecast_group first".format(name))
    if found["source"] == "ldap":
        raise InputError("Cannot import users into group {0!r}: it comes from the directory, so change it there".format(name))
    return found
