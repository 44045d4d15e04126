# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Exchange Online: an outbound connector to a partner for all domains, and for journaling a connector, a contact and a rule.

Its connectors have no port and no log-in. The service takes mail from the tenant by a flag of the account, so no address is authorized.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers import exchange, exchange_script, powershell
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.wish import NONE, RELAXED, STRICT, MailServerError, Part, Product, Wish

TITLE = "Exchange Online"
TLS_SETTINGS = {STRICT: "CertificateValidation", RELAXED: "EncryptionOnly", NONE: None}
CONNECT = """\
if ($Connect) { Connect-ExchangeOnline @Connect -ShowBanner:$false }
if (-not (Get-Command Get-OutboundConnector -ErrorAction SilentlyContinue)) { throw 'Run Connect-ExchangeOnline first. Nothing was changed.' }
"""
FLAG = (
    "First see to it that the account is set up for mail from Microsoft 365, and that the tenant's onmicrosoft.com domain is an internal domain of it: "
    "Mimecast knows the tenant by that name in Microsoft's certificate. SPF of the domains has to include the region's record.")
SELF = "Microsoft does not journal a message that somebody sends to himself."
REPORTS = (
    "Journal reports that nobody takes go to journaling.undeliverable. It has to be an address outside of Exchange Online, and not the journaling address; "
    "without it, look whether Get-TransportConfig shows one (JournalingReportNdrTo).")
NO_REPORTS = "journaling.undeliverable is not set: the script warns if the tenant has no address for undeliverable journal reports"
OTHER_HOSTS = "Host {0} is none of the smart hosts for Microsoft 365, whose names hold -o365-outbound-: take those that the account shows"


def _settings(domains: str, hosts: tuple[str, ...], tls: str) -> tuple[tuple[str, Any], ...]:
    return (
        ("ConnectorType", "Partner"),
        ("Enabled", True),
        ("RecipientDomains", (domains,)),
        ("SmartHosts", hosts),
        ("TlsSettings", TLS_SETTINGS[tls]),
        ("UseMXRecord", False),
    )


def _parts(wish: Wish) -> tuple[Part, ...]:
    out, journaling = wish.outbound, wish.journaling
    sends = (Part("OutboundConnector", wish.outbound_name, _settings("*", out.smart_hosts, out.tls)),) if out else ()
    copies = (Part("OutboundConnector", wish.journal_name, _settings(journaling.domain, journaling.hosts, journaling.tls)),) if journaling else ()
    return (*sends, *copies, *exchange.journal_parts(wish, on_premises=False))


def _render(wish: Wish, parts: tuple[Part, ...]) -> str:
    return exchange_script.script(
        parts, head=exchange.head(wish, TITLE, exchange.PARAMETERS + ", [hashtable] $Connect"), connect=CONNECT,
        connector="OutboundConnector", spaces="RecipientDomains", authentication=False, needs_other=False)


def _check(wish: Wish) -> None:
    if wish.outbound and wish.outbound.authentication:
        raise MailServerError("outbound.authentication is not possible: a connector of Exchange Online has no log-in, and the service needs none from it")
    for part in (wish.outbound, wish.journaling):
        if part and part.port != 25:
            raise MailServerError(exchange.PORT_25.format(TITLE))
    if wish.journaling and wish.journaling.undeliverable.lower().endswith(".onmicrosoft.com"):
        raise MailServerError("journaling.undeliverable {0!r} is in Exchange Online, which Microsoft does not allow: give an address elsewhere".format(
            wish.journaling.undeliverable))


def _steps(wish: Wish, where: str) -> tuple[str, ...]:
    return (
        *((FLAG,) if wish.outbound else ()),
        *((SELF, REPORTS) if wish.journaling else ()),
        "In PowerShell with the module ExchangeOnlineManagement, run Connect-ExchangeOnline as an administrator of the tenant.",
        "Run {0} with -WhatIf and read what it would change; run it again without -WhatIf.".format(where),
        "To take it back, run it with -Undo. It removes what it has made, and leaves a connector that was there before.",
        *exchange.after(wish),
    )


def _warnings(wish: Wish) -> tuple[str, ...]:
    found = [OTHER_HOSTS.format(host) for host in (wish.outbound.smart_hosts if wish.outbound else ()) if "-o365-outbound-" not in host]
    found += [NO_REPORTS] if wish.journaling and not wish.journaling.undeliverable else []
    return (*found, *((exchange.NAME_UNCHECKED,) if exchange.strict(wish) else ()))


PRODUCT = Product(TITLE, _parts, _render, powershell.parts_of, _steps, _warnings, _check, "ps1", scripted=True)
