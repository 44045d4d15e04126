# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""HCL Domino: a relay host, and journaling to an address outside, as fields of its documents.

From HCL's documentation (relay host, outbound SMTP port, mail journaling, foreign SMTP domain) and Mimecast's page on Domino (34000622797843),
most of which is not readable. What neither says stands in the notes, not in the fields.
"""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers import console
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.exchange import ARRIVED, AUTHORIZED, TRACE, check
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.wish import NONE, MailServerError, Part, Product, Wish

TITLE = "HCL Domino"
ADMINISTRATOR = "Domino Administrator, Configuration, "
MESSAGING = ADMINISTRATOR + "Messaging, "
SETTINGS = MESSAGING + "Configurations, Edit Configuration, Router/SMTP, "
BASICS, JOURNALING, RULES = SETTINGS + "Basics", SETTINGS + "Advanced, Journaling", SETTINGS + "Restrictions and Controls, Rules, New Rule"
PORTS = ADMINISTRATOR + "Server document, Ports, Internet Ports, Mail, column Mail (SMTP Outbound)"
FOREIGN, CONNECTION = MESSAGING + "Domains, Add Domain", MESSAGING + "Connections, Add Connection"
SECOND = (
    "Whether the field for the relay host takes more than one name is not in HCL's documentation, so it holds the first. For the second, {0}, ask HCL, or "
    "change the field when the first is down.")
SECOND_COPY = "The Connection document holds the first journal host; a second one for {0}, with a higher cost, is its replacement."
NEGOTIATED = (
    "Domino encrypts if the host offers it (Negotiated TLS). That it would send nothing without TLS, or check the certificate, is not in HCL's documentation, "
    "so TLS is not enforced here.")
PORT_FOR_ALL = "The port applies to all that this server sends by SMTP."
WHICH_ADDRESS = (
    "Mimecast's page on Domino calls the journaling address journal@..., its other pages journaling@...: right is the one that the journal service in the "
    "account shows.")
BY_MAIL = "That journaling sends to an address outside is how Mimecast's page is understood; of its fields only a part is readable."
NO_SUPPORT = (
    "Mimecast's support does not cover Domino: its page is a guide only. Fields are named as in HCL's documentation of release 12, as far as it was readable; "
    "those of the Connection document and of the rule may read otherwise.")


def _ports(port: int, tls: str) -> Part:
    return Part(PORTS, "", (("TCP/IP port number", str(port)), ("TCP/IP port status", "Enabled" if tls == NONE else "Negotiated TLS")))


def _parts(wish: Wish) -> tuple[Part, ...]:
    out, journaling = wish.outbound, wish.journaling
    found: list[Part] = []
    port = out or journaling
    if port:
        found.append(_ports(port.port, port.tls))
    if out:
        found.append(Part(BASICS, "", (
            ("SMTP used when sending messages outside of the local Internet domain", "Enabled"),
            ("Relay host for messages leaving the local Internet domain", out.smart_hosts[0]),
            ("Use authentication when sending messages to the relay host", "Required" if out.authentication else "Disabled"),
        )))
    if journaling:
        virtual = wish.journal_name.replace(" ", "")
        found += [
            Part(FOREIGN, "", (
                ("Domain type", "Foreign SMTP Domain"), ("Messages addressed to, Internet domain", journaling.domain),
                ("Should be routed to, Domain name", virtual))),
            Part(CONNECTION, "", (
                ("Connection type", "SMTP"), ("Source server", "the server that sends to the Internet"), ("Destination domain", virtual),
                ("SMTP MTA relay host", journaling.hosts[0]))),
            Part(JOURNALING, "", (("Journaling", "Enabled"), ("Method", "Send to mail-in database"), ("Mail Destination", journaling.address))),
            Part(RULES, "", (("Condition", "All Documents"), ("Action", "Journal this message"))),
        ]
    return tuple(found)


def _undo(wish: Wish) -> tuple[str, ...]:
    out = (
        "Router/SMTP, Basics: put back into the fields what stood there before, and write it down before you change them.",
    ) if wish.outbound else ()
    copies = ("Disable the rule first, then Journaling; then delete the Connection and the Foreign SMTP Domain document.",) if wish.journaling else ()
    return (*out, *copies, "Server document: put back port and status as they were.", "Restart the router: tell router quit, load router.")


def _notes(wish: Wish) -> tuple[str, ...]:
    out, journaling = wish.outbound, wish.journaling
    second = (SECOND.format(", ".join(out.smart_hosts[1:])),) if out and out.smart_hosts[1:] else ()
    copies = (SECOND_COPY.format(", ".join(journaling.hosts[1:])),) if journaling and journaling.hosts[1:] else ()
    journal = (WHICH_ADDRESS, BY_MAIL, *copies) if journaling else ()
    return (NO_SUPPORT, PORT_FOR_ALL, *second, *journal, *((NEGOTIATED,) if _encrypts(wish) else ()))


def _encrypts(wish: Wish) -> bool:
    return any(part.tls != NONE for part in (wish.outbound, wish.journaling) if part)


def _check(wish: Wish) -> None:
    check(wish)
    out, journaling = wish.outbound, wish.journaling
    if out and journaling and (out.port, out.tls == NONE) != (journaling.port, journaling.tls == NONE):
        raise MailServerError("port and tls of outbound and of journaling differ, and Domino has one setting for all that it sends")


def _render(wish: Wish, parts: tuple[Part, ...]) -> str:
    return console.text(wish.product, TITLE, parts, _undo(wish), _notes(wish))


def _steps(wish: Wish, where: str) -> tuple[str, ...]:
    return (
        *((AUTHORIZED.format(wish.outbound.port),) if wish.outbound else ()), *_notes(wish), *console.steps(_parts(wish)),
        "Restart the router: tell router quit, load router.",
        *((TRACE,) if wish.outbound else ()), *((ARRIVED,) if wish.journaling else ()),
        "The way back is in {0}.".format(where),
    )


def _warnings(wish: Wish) -> tuple[str, ...]:
    return tuple(note for note in _notes(wish) if note not in (NO_SUPPORT, PORT_FOR_ALL))


PRODUCT = Product(TITLE, _parts, _render, console.parse, _steps, _warnings, _check, "txt", scripted=False)
