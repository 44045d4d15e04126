# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a person has to do for journaling where no module knows the mail server."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover
from ansible_collections.mimecast.connect.plugins.module_utils._journaling.service import POP3, Service

ADMINISTRATOR = "administrator of the mail server"


def handovers(method: str, email: str, hosts: list[str], service: Service, places: int) -> list[dict[str, Any]]:
    """In the order in which they have to be done; places: how many mail servers have a module or a rendering of their own."""
    if not service.name or not service.enabled:
        return []
    if method == POP3:
        return [(_switch_on if service.arrives else _first_message)(service).as_dict()]
    return [] if places or service.arrives else [_send(email, hosts, service).as_dict()]


def _first_message(service: Service) -> Handover:
    options = service.transports[POP3]
    return Handover(
        "Prove that the service fetches from the journal mailbox {0}".format(options.get("mailbox")),
        ADMINISTRATOR,
        (
            "Leave journaling on the mail server switched off for now.",
            "Let the firewall pass connections from the ranges of the service to {0}.".format(options.get("host")),
            "Put one message into the mailbox {0}, for instance by sending it to its address.".format(options.get("mailbox")),
            "Wait until the journaling service '{0}' shows when it last received something, then run this role again.".format(service.name),
        ),
        "Journaling fills the mailbox when the service does not empty it, and only the service can show that it gets through.",
        "the journaling service '{0}' has received a message and has no error".format(service.name),
    )


def _switch_on(service: Service) -> Handover:
    options = service.transports[POP3]
    return Handover(
        "Switch on journaling to the mailbox {0}".format(options.get("mailbox")),
        ADMINISTRATOR,
        (
            "Set the mail server to put a copy of every message that its users send or receive into the mailbox {0} on {1}.".format(
                options.get("mailbox"), options.get("host")),
            "Look into the mailbox after a few minutes: the service has to have emptied it.",
        ),
        "Journaling into a local mailbox is set on the mail server, which no module of this collection does.",
        "it is acknowledged in the customer file, because a message in the archive does not say where the copy was made",
    )


def _send(email: str, hosts: list[str], service: Service) -> Handover:
    return Handover(
        "Have the mail server send copies to {0}".format(email),
        ADMINISTRATOR,
        (
            "Create an external contact for {0}.".format(email),
            "Route mail for {0} to {1}, port 25, with fail-over.".format(email.rpartition("@")[2], " and ".join(hosts)),
            "Journal every message that users send or receive to that contact.",
        ),
        "Neither journaling_mail_servers nor journaling_products says which mail server makes the copies.",
        "the journaling service '{0}' has received a message and has no error".format(service.name),
    )
