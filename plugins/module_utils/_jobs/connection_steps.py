# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a person does in the console for a server connection, step by step. No public API does it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_wish import (
    CONSOLE_TYPES, EWS, FIELDS, OFFICE_365, PASSWORD, SECURITY_MODES, Wish,
)
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import (
    CONNECTED, CONNECTION_PROVIDERS, CONNECTION_USERS, DELETABLE_PROVIDERS,
)


def creation(wish: Wish, found: dict[str, Any], lacking: str) -> Handover:
    """The steps in the console for a connection that is missing or not as declared."""
    type_word = CONSOLE_TYPES[wish.type]
    button, last = ("Edit Connection to the right of {0!r}".format(wish.name), "Save Changes") if found else ("New Server Connection", "Create Connection")
    steps = [*_before(wish), *_console(wish), "Click {0}.".format(button)]
    if not found:
        steps.append("Enter the Name: {0}".format(wish.name))
    steps.append("Select the Connection Type: {0}".format(type_word))
    steps += [_entered(label, option, wish) for label, option in FIELDS[wish.type] if option in wish.given]
    steps += ["Click Test Connection; it must succeed.", "Click {0}.".format(last)]
    why = "No public API creates or changes a server connection: {0}.".format(lacking)
    if found and not wish.takes(found["provider"]):
        why += " If something still uses the one that is there, declare yours under another name."
    return Handover(
        title="{0} the server connection {1!r} ({2})".format("Edit" if found else "Create", wish.name, type_word),
        for_whom=_for_whom(wish),
        steps=tuple(steps),
        why=why,
        gone_when="The tenant lists {0} with status {1!r} and provider {2}.".format(
            wish, CONNECTED, " or ".join(CONNECTION_PROVIDERS[wish.type])),
        acknowledged=wish.acknowledged,
    )


def removal(wish: Wish, found: dict[str, Any]) -> Handover:
    """The steps in the console for a connection that is to go and that the API does not delete."""
    return Handover(
        title="Delete the server connection {0!r} ({1})".format(wish.name, found["provider"]),
        for_whom=_for_whom(wish),
        steps=(*_console(wish), "Make sure that no service uses {0!r} any more; those that can are {1}.".format(
            wish.name, ", ".join(CONNECTION_USERS)),
            "Click the Delete icon to the right of {0!r}.".format(wish.name), "Click Delete Connection."),
        why="The API deletes connections of the providers {0} only, and the provider of this one is {1!r}.".format(
            " and ".join(DELETABLE_PROVIDERS), found["provider"]),
        gone_when="The tenant does not list {0} any more.".format(wish),
        acknowledged=wish.acknowledged,
    )


def _for_whom(wish: Wish) -> str:
    admin = "an administrator of the Mimecast account{0}".format(" " + wish.account if wish.account else "")
    if wish.state == "absent":
        return admin
    other = {EWS: "an administrator of Exchange", OFFICE_365: "somebody who may give consent for the Microsoft 365 tenant"}
    return "{0} and {1}".format(admin, other[wish.type])


def _console(wish: Wish) -> list[str]:
    return [
        "Log in to the Administration Console{0}.".format(" of account " + wish.account if wish.account else ""),
        "Click Administrator, then Services | Server Connections (in newer consoles Services | Connectors, where fields can have other names).",
    ]


def _before(wish: Wish) -> list[str]:
    """What has to be true outside of the console (the vendor's page Managing Server Connections)."""
    if wish.type == OFFICE_365:
        return ["Make the association between Mimecast and Office 365{0} if there is none; the vendor's page Creating an Office 365 Association "
                "for Server Connections says how, and where its client id is found.".format(_for(wish, "tenant_domain"))]
    host = urlsplit(wish.values["url"]).hostname if "url" in wish.values else "Exchange"
    return [
        "On every Exchange server (2010 SP1 or later), in IIS Manager, Server > Sites > Default Web Site > EWS > Authentication, enable "
        "Basic Authentication.",
        "Let {0} show a certificate that Mimecast trusts, and open TCP port 443 to it from the Mimecast ranges, past any log-on form of a "
        "reverse proxy; a load balancer must send these ranges to one and the same server.".format(host),
        "Configure application impersonation{0}; the vendor's page Configuring Application Impersonation says how. Exempt the password of "
        "the master mailbox from ageing, or set a reminder to change it here too.".format(_for(wish, "master_mailbox")),
    ]


def _for(wish: Wish, option: str) -> str:
    return " for {0}".format(wish.values[option]) if option in wish.values else ""


def _entered(label: str, option: str, wish: Wish) -> str:
    if option == PASSWORD:
        return "Type the {0} from the vault; it is the value of {1} in the task.".format(label, PASSWORD)
    if option == "security_mode":
        return "Select the {0}: {1}".format(label, SECURITY_MODES[wish.values[option]])
    return "Enter the {0}: {1}".format(label, wish.values[option])
