# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A domain must not take mail for known recipients only while the tenant knows none of them: all its mail would be refused."""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine.plan import Change, Plan
from ansible_collections.mimecast.connect.plugins.module_utils._resources.domains import DOMAINS
from ansible_collections.mimecast.connect.plugins.module_utils._resources.users import USERS_OF_DOMAIN
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.users_rows import User

NEEDING = ("ldap", "known")


def require_recipients(client: Client, plan: Plan, users: list[User]) -> None:
    """InputError names each domain whose check changes to one of NEEDING without an address; ``users`` are about to be known."""
    declared = {user.email.rpartition("@")[2] for user in users}
    lacking = [change for change in plan.changes if _needs(change) and not _is_known(client, change.name, declared)]
    if lacking:
        raise InputError("Nothing was changed: {0} would lose all mail, because the tenant knows no address there. Synchronise the directory that has "
                         "them or import users first, or choose another inbound_type".format(
                             " and ".join("{0} (inbound_type {1})".format(change, change.after["inbound_type"]) for change in lacking)))


def _needs(change: Change) -> bool:
    return change.resource is DOMAINS and "inbound_type" in change.fields and change.after["inbound_type"] in NEEDING


def _is_known(client: Client, domain: str, declared: set[str]) -> bool:
    if domain in declared:
        return True
    body = {"meta": {"pagination": {"pageSize": 1}}, "data": [{"domain": domain}]}
    answer = client.read(USERS_OF_DOMAIN, "read the users of domain {0!r}".format(domain), body=body)
    return any(row.get("users") for row in answer.get("data") or () if isinstance(row, dict))
