# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mimecast_tenant: the whole document as one plan, with guards, purge, plans as files, users and handovers."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_wish import CONNECTION_RULES, CONNECTION_SPEC, warnings_of
from ansible_collections.mimecast.connect.plugins.module_utils._engine.guards import Guards
from ansible_collections.mimecast.connect.plugins.module_utils._engine.manage import Manner, carry_out, outcome
from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change, Plan, make_plan
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import kind_spec
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import wishes
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.recipients import require_recipients
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE, DOCUMENT_KINDS, READ_KINDS
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import SERVER_CONNECTIONS
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tenant_connections import compare, declared
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.users import WAIT, Imports
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.users_plan import CREATE, NOTHING, UPDATE, Directory, user_changes
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.users_plan import make_plan as make_user_plan
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.users_rows import USER_SPEC, User, from_file, from_options

CONNECTIONS = SERVER_CONNECTIONS.kind


class _Users:
    """The users of the document against those of the tenant. Without any, nothing is read."""

    def __init__(self, client: Client, users: list[User]) -> None:
        self._client = client
        # Passwords of a file are no options, which Ansible would hide by itself.
        client.secrets.update(user.password for user in users if user.password)
        self._directory = Directory(client, None) if users else None
        self.plan = make_user_plan(self._directory, users, "", False) if self._directory else NOTHING

    def changes(self) -> list[Change]:
        """One for each user, as plan files hold them."""
        return user_changes(self._directory, self.plan) if self._directory else []

    def result(self, found: dict[str, Any]) -> dict[str, Any]:
        """The result of the other kinds with the imports, which come before them."""
        return {
            "changed": bool(self.plan.files) or found["changed"],
            "changes": [*self.plan.changes, *found["changes"]],
            "diff": {side: {**self.plan.diff[side], **found["diff"][side]} for side in ("before", "after")},
            **({"users": {word: self.plan.summary[word] for word in ("declared", CREATE, UPDATE)}} if self._directory else {}),
        }

    def carry_out(self) -> dict[str, Any]:
        """Import what is missing and wait for it; what to add to the result."""
        return Imports(self._client, self._directory, self.plan, WAIT).carry_out() if self._directory and self.plan.files else {}


def work(context: Context) -> dict[str, Any]:
    """All that is wrong with the input first; then one plan from one look at each collection; then, unless in check mode, the writes."""
    given = context.params
    undeclared = [kind for kind in given["purge"] if given[kind] is None]
    if undeclared:
        raise InputError("Nothing was changed: purge names {0}, which the document does not declare. Give an empty list "
                         "if all of them are to go".format(" and ".join(undeclared)))
    account = given["account_code"] or ""
    problems: list[str] = []
    wanted_connections = declared(given[CONNECTIONS], account, problems)
    wanted_users = _users_of(given, problems)
    wanted = wishes(CATALOGUE, {kind: given[kind] for kind in DOCUMENT_KINDS}, problems)

    world = World(context.client, CATALOGUE)
    connections = compare(world, wanted_connections, CONNECTIONS in given["purge"], account)
    connections.require_for(wanted)
    plan = make_plan(world, [*wanted, *connections.removals], tuple(kind for kind in given["purge"] if kind != CONNECTIONS))
    users = _Users(context.client, wanted_users)
    if given["require_recipients"]:
        require_recipients(context.client, plan, wanted_users)
    guards = Guards(given["max_removals"], given["max_removal_percent"], tuple(given["protect"]))
    Manner(guards, given["plan_file"], given["apply_plan"]).approve(Plan([users.changes(), *plan.batches]), world)

    result = {**users.result(outcome(plan)), **connections.result()}
    warnings = [text for wish in wanted_connections for text in warnings_of(wish)]
    result.update({"warnings": warnings} if warnings else {})
    return result if context.dry else {**result, **_carried_out(world, plan, users)}


def _carried_out(world: World, plan: Plan, users: _Users) -> dict[str, Any]:
    # Users first: a domain that is to take mail for known recipients only must not do so before they are known.
    told = users.carry_out()
    if not told.get("failed"):
        carry_out(world, plan, users.plan.changes)
    return told


def _users_of(given: dict[str, Any], problems: list[str]) -> list[User]:
    try:
        return from_file(given["users_src"]) if given["users_src"] else from_options(given["users"] or [])
    except InputError as error:
        problems.append(str(error))
        return []


JOB = Job(
    {
        **API_SPEC,
        **{kind: kind_spec(CATALOGUE, CATALOGUE[kind]) for kind in DOCUMENT_KINDS},
        CONNECTIONS: {"type": "list", "elements": "dict", "options": CONNECTION_SPEC, **CONNECTION_RULES},
        "users": {"type": "list", "elements": "dict", "options": USER_SPEC},
        "users_src": {"type": "path"},
        "purge": {"type": "list", "elements": "str", "choices": [kind for kind in READ_KINDS if CATALOGUE[kind].delete], "default": []},
        "protect": {"type": "list", "elements": "str", "default": []},
        "max_removals": {"type": "int", "default": 10},
        "max_removal_percent": {"type": "int", "default": 30},
        "require_recipients": {"type": "bool", "default": False},
        "plan_file": {"type": "path"},
        "apply_plan": {"type": "path"},
    },
    work,
    {"mutually_exclusive": [["users", "users_src"]]},
)
