# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Exchange 2003 and 2007, by hand: their PowerShell, where there is any, is older than the documented parameters.

From Mimecast's pages DOC-1620 (2003), DOC-1618 and DOC-1471 (2010 and 2007).
"""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers import console
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.exchange import ARRIVED, AUTHORIZED, TITLE, TRACE, check
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.wish import NONE, MailServerError, Part, Product, Wish

MANAGER = "Exchange System Manager, Administrative Groups, Routing Groups, Connectors, New, SMTP Connector, "
HUB = "Exchange Management Console, Organization Configuration, Hub Transport, "
CONTACT = "Exchange Management Console, Recipient Configuration, Mail Contact, New Mail Contact"
OLD = "2003"
NO_SMTP_JOURNAL = "journaling by SMTP is not possible with Exchange 2003: its journaling goes to a mailbox, which the service reads by POP3"
NOT_ENFORCED = (
    "TLS is not among the settings: the parameters by which newer versions require it and check the certificate do not exist in Exchange {0}. tls has no "
    "effect here.")
TWO = (
    "If the field takes one name only, make a second SMTP connector with the second host. Mimecast's page on Exchange 2003 does so, while its page on the "
    "steps of Connect says that every Exchange needs just one connector; the cost of the second is not readable.")


def _parts(wish: Wish) -> tuple[Part, ...]:
    out, journaling = wish.outbound, wish.journaling
    if wish.version.strip() == OLD:
        return (
            Part(MANAGER + "General", "", (
                ("Name", wish.outbound_name), ("Forward all mail through this connector to the following smart hosts", ", ".join(out.smart_hosts)))),
            Part(MANAGER + "Address Space, Add, SMTP", "", (("Email domain", "*"), ("Cost", "1"))),
        ) if out else ()
    sends = (_connector(wish.outbound_name, "*", out.smart_hosts),) if out else ()
    copies = (
        _connector(wish.journal_name, journaling.domain, journaling.hosts),
        Part(CONTACT, "", (("Name", wish.journal_name), ("External E-Mail Address", journaling.address), ("E-Mail Type", "SMTP"))),
        Part(HUB + "Journaling, New Journal Rule", "", (
            ("Rule name", wish.journal_name), ("Send Journal reports to e-mail address", wish.journal_name), ("Scope", journaling.scope.capitalize()),
            ("Enable Rule", console.YES))),
    ) if journaling else ()
    return (*sends, *copies)


def _connector(name: str, space: str, hosts: tuple[str, ...]) -> Part:
    return Part(HUB + "Send Connectors, New Send Connector", "", (
        ("Name", name), ("Intended use", "Custom"), ("Address space", "SMTP, {0}, cost 1".format(space)),
        ("Route mail through the following smart hosts", ", ".join(hosts)), ("Smart host authentication", "None")))


def _check(wish: Wish) -> None:
    check(wish)
    if wish.journaling and wish.version.strip() == OLD:
        raise MailServerError(NO_SMTP_JOURNAL)
    for part in (wish.outbound, wish.journaling):
        if part and part.port != 25:
            raise MailServerError("port {0} is not rendered for Exchange {1}: leave it out".format(part.port, wish.version.strip()))
    if wish.outbound and wish.outbound.authentication:
        raise MailServerError("outbound.authentication is not rendered for Exchange {0}: authorize the address that it sends from".format(wish.version.strip()))


def _undo(wish: Wish) -> tuple[str, ...]:
    return (
        *(("Delete the journal rule {0!r}, then the contact and the connector of that name.".format(wish.journal_name),) if wish.journaling else ()),
        *(("Delete the connector {0!r}, and enable the one that took mail for all domains before.".format(wish.outbound_name),) if wish.outbound else ()),
    )


def _warnings(wish: Wish) -> tuple[str, ...]:
    asked = any(part.tls != NONE for part in (wish.outbound, wish.journaling) if part)
    several = wish.version.strip() == OLD and wish.outbound and wish.outbound.smart_hosts[1:]
    return (*((NOT_ENFORCED.format(wish.version.strip()),) if asked else ()), *((TWO,) if several else ()))


def _render(wish: Wish, parts: tuple[Part, ...]) -> str:
    return console.text(wish.product, "{0} {1}".format(TITLE, wish.version.strip()), parts, _undo(wish), _warnings(wish))


def _steps(wish: Wish, where: str) -> tuple[str, ...]:
    return (
        *((AUTHORIZED.format(wish.outbound.port),) if wish.outbound else ()), *_warnings(wish), *console.steps(_parts(wish)),
        *(("Other connectors for all domains: disable or delete them when a test message has arrived.", TRACE) if wish.outbound else ()),
        *((ARRIVED,) if wish.journaling else ()),
        "The way back is in {0}.".format(where),
    )


PRODUCT = Product(TITLE, _parts, _render, console.parse, _steps, _warnings, _check, "txt", scripted=False)
