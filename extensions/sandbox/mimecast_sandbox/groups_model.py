# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profile groups, their members and the users: the kinds, and the rules that several calls share (API notes, section 4)."""
from __future__ import annotations

import datetime
from collections.abc import Callable

from .call import Call
from .errors import ApiError
from .resources import Body, Reference, Resource, found, register

BUILT_IN = "permitted senders"  # its members cannot be written (API notes, section 2)
FORBIDDEN_ADDRESS = "err_xdk_operation_forbidden_for_address"


def group_filter(asked: Body) -> Callable[[Body], bool] | None:
    """`query` matches any part of the description (API notes, section 2), `source` exactly."""
    query, source = asked.get("query", "").casefold(), asked.get("source")
    if not query and not source:
        return None
    return lambda group: query in group["description"].casefold() and source in (None, group["source"])


def _complete_member(body: Body) -> Body:
    # An empty address would hide the domain from look-ups by name.
    return body if body.get("emailAddress") else {name: body[name] for name in body if name != "emailAddress"}


def _complete_user(body: Body) -> Body:
    made = now()
    return {"createdDateTime": made, "updatedDateTime": made, **body}


GROUPS = register(Resource(
    kind="groups", number=4, list_key="groups",
    fields=frozenset({"description", "source", "parentId"}),
    defaults={"source": "cloud"},
    references=(Reference(("parentId",), "groups"),),
    keep=lambda call: group_filter(call.query),
))

MEMBERS = register(Resource(
    kind="group_members", number=30, list_key="groupMembers",
    fields=frozenset({"groupId", "emailAddress", "domain", "name", "type", "note"}),
    defaults={"type": "created_manually"},
    references=(Reference(("groupId",), "groups"),),
    complete=_complete_member,
))

USERS = register(Resource(
    kind="users", number=31, list_key="users",
    fields=frozenset({"emailAddress", "name", "mobile", "type", "addressType", "alias", "password", "accountDisabled",
                      "accountLocked", "allowPop", "allowSmtp", "archiveStartDate", "forcePasswordChange",
                      "passwordNeverExpires", "createdDateTime", "updatedDateTime"}),
    defaults={"type": "created_manually", "addressType": "user", "alias": False, "accountDisabled": False},
    complete=_complete_user,
))

IMPORTS = register(Resource(
    kind="user_imports", number=32, list_key="imports",
    fields=frozenset({"created", "until", "notifyEmailAddress", "allowAddressMigration", "clearGroup", "groupId",
                      "totalUsers", "successfulImportedUsers", "reportFile"}),
    defaults={"until": 0, "allowAddressMigration": False, "clearGroup": False, "totalUsers": 0,
              "successfulImportedUsers": 0, "reportFile": ""},
    references=(Reference(("groupId",), "groups"),),
))


def writable(call: Call, ref: int) -> Body:
    """The stored group; raises ApiError for one that is missing, comes from a directory or is built in."""
    group = found(call.state.store.get(call.tenant, GROUPS.kind, ref))
    if group["source"] == "ldap":
        raise ApiError(400, "err_folder_read_only", "the group comes from a directory")
    if group["description"].casefold() == BUILT_IN:
        raise ApiError(400, FORBIDDEN_ADDRESS, "the group is built in")
    return group


def internal_domains(call: Call) -> set[str]:
    return {body["domain"].lower() for _ref, body in call.state.store.rows(call.tenant, "internal_domains")}


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+0000")
