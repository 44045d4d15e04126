# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Google Workspace: routes to the hosts of the service, and rules of Gmail that use them, for the admin console.

From Google's help (answers 2614757, 2368131, 6297084 and 7276605) and Mimecast's page on journaling (34000799970451), of which the part
after the route is not readable. The box "Outbound gateway" takes one server, so two smart hosts need a route and a rule.
"""

from __future__ import annotations

from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers import console
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.exchange import ARRIVED, TRACE
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.wish import NONE, STRICT, MailServerError, Part, Product, Wish

TITLE = "Google Workspace"
GMAIL = "Admin console, Apps, Google Workspace, Gmail, "
HOSTS, RULES, ARCHIVING = GMAIL + "Hosts, Add route", GMAIL + "Routing, Routing, Configure", GMAIL + "Routing, Third-party email archiving"
OPEN_PORTS = (25, 587)
FLAG = (
    "First see in Mimecast's console, Authorized Outbounds, that the account is configured to process traffic from G Suite. Only Mimecast Support changes "
    "that. SPF of the domains has to include the region's record.")
TOP = "Select the top organization for every setting. A change may take 24 hours."
EDITION = "Third-party email archiving exists in Enterprise Standard, Enterprise Plus and Education Plus only."
WHICH = (
    "That copies for the archive follow a routing rule for their recipient is a reading of Google's help: the readable part of Mimecast's page ends with the "
    "route. Prove it with a message before relying on it.")
BOTH = "The rule for the journaling address has to win over the rule for outbound mail: see where the first copies arrive."


def _route(name: str, hosts: tuple[str, ...], port: int, tls: str) -> Part:
    """A mail route; each host gets its share, and the shares add up to 100."""
    shares = [100 // len(hosts) + (number < 100 % len(hosts)) for number in range(len(hosts))]
    servers = [("Specify email server", "Multiple hosts")]
    servers += [("Primary", "{0}, port {1}, load {2} %".format(host, port, share)) for host, share in zip(hosts, shares)]
    if len(hosts) == 1:
        servers = [("Specify email server", "Single host"), ("Host", "{0}, port {1}".format(hosts[0], port))]
    return Part(HOSTS, "", (
        ("Name", name), *servers,
        ("Perform MX lookup on host", console.NO),
        ("Require mail to be transmitted via a secure (TLS) connection", console.tick(tls != NONE)),
        ("Require CA signed certificate", console.tick(tls == STRICT)),
        ("Validate certificate hostname", console.tick(tls == STRICT)),
    ))


def _rule(name: str, *only: tuple[str, str]) -> Part:
    return Part(RULES, "", (
        ("Name", name), ("Email messages to affect", "Outbound"), *only, ("For the above types of messages", "Modify message"), ("Change route", name)))


def _parts(wish: Wish) -> tuple[Part, ...]:
    out, journaling = wish.outbound, wish.journaling
    copies = (
        _route(wish.journal_name, journaling.hosts, journaling.port, journaling.tls),
        _rule(wish.journal_name, ("Only affect specific envelope recipients", journaling.address)),
        Part(ARCHIVING, "", (("Email address", journaling.address),)),
    ) if journaling else ()
    sends = (_route(wish.outbound_name, out.smart_hosts, out.port, out.tls), _rule(wish.outbound_name)) if out else ()
    return (*copies, *sends)


def _undo(wish: Wish) -> tuple[str, ...]:
    out = ("Routing: delete the rule {0!r}. Mail then leaves by MX again.".format(wish.outbound_name), "Hosts: delete the route {0!r}.".format(
        wish.outbound_name)) if wish.outbound else ()
    copies = (
        "Routing, Third-party email archiving: remove {0}.".format(wish.journaling.address),
        "Routing: delete the rule {0!r}; then, in Hosts, the route of that name.".format(wish.journal_name),
    ) if wish.journaling else ()
    return (*out, *copies)


def _notes(wish: Wish) -> tuple[str, ...]:
    return (TOP, *((EDITION, WHICH) if wish.journaling else ()), *((BOTH,) if wish.journaling and wish.outbound else ()))


def _check(wish: Wish) -> None:
    if wish.outbound and wish.outbound.authentication:
        raise MailServerError("outbound.authentication is not possible: a mail route of Gmail has no log-in, and the service needs none from Google")
    for part in (wish.outbound, wish.journaling):
        if part and part.port not in OPEN_PORTS and part.port < 1024:
            raise MailServerError("port {0} is not possible: a mail route of Gmail takes 25, 587 and 1024 to 65535".format(part.port))


def _render(wish: Wish, parts: tuple[Part, ...]) -> str:
    return console.text(wish.product, TITLE, parts, _undo(wish), _notes(wish))


def _steps(wish: Wish, where: str) -> tuple[str, ...]:
    return (
        *((FLAG,) if wish.outbound else ()), *_notes(wish), *console.steps(_parts(wish)),
        *((TRACE,) if wish.outbound else ()), *((ARRIVED,) if wish.journaling else ()),
        "The way back is in {0}.".format(where),
    )


def _warnings(wish: Wish) -> tuple[str, ...]:
    return (WHICH,) if wish.journaling else ()


PRODUCT = Product(TITLE, _parts, _render, console.parse, _steps, _warnings, _check, "txt", scripted=False)
