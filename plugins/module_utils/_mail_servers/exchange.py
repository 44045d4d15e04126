# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Exchange on premises, 2010 and newer: one send connector with all smart hosts, and for journaling a connector, a contact and a rule.

The parameters are those that Microsoft documents for these versions (ExchangePowerShell: New-SendConnector and the others). A connector, since
Exchange does not share mail between two that cost the same.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers import exchange_script, powershell
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.wish import NONE, RELAXED, STRICT, MailServerError, Part, Product, Wish

TITLE = "Microsoft Exchange"
SCRIPTED = ("2010", "2013", "2016", "2019", "se")
CONSOLE = ("2003", "2007")  # older than the documented parameters, and than PowerShell 2.0
AUTH_LEVELS = {STRICT: "CertificateValidation", RELAXED: "EncryptionOnly", NONE: None}
SCOPES = {"global": "Global", "internal": "Internal", "external": "External"}
PURPOSES = {"outbound": "mail to the outside goes through Mimecast", "journaling": "copies of mail go to the archive"}
PARAMETERS = "[switch] $Undo"
CREDENTIAL = ", [switch] $RenewPassword, [Management.Automation.PSCredential] $Credential"
CONNECT = """\
if (-not (Get-Command Get-SendConnector -ErrorAction SilentlyContinue)) {
  # As the shortcut of the Exchange Management Shell does.
  . (Join-Path $env:ExchangeInstallPath 'bin\\RemoteExchange.ps1')
  Connect-ExchangeServer -auto
}
"""
AUTHORIZED = (
    "First see to it that the account knows the addresses that this server sends from (authorized outbounds), that SPF of the domains includes the "
    "region's record, and that the firewall lets the server out to port {0} of the region's ranges.")
REVOCATION = "TLS is strict: the server checks certificates and asks whether they are revoked, so it has to reach the lists of the issuers by HTTP."
NAME_UNCHECKED = "The name in the certificate is not compared: what name the smart hosts show is not published."
SOURCES = "If several servers shall send, name them: Set-SendConnector -Identity '{0}' -SourceTransportServers with their names."
LICENCE = "A journal rule for all recipients is premium journaling, which needs Enterprise CALs."
PORT_25 = "{0} has no setting for the port of a smart host: leave out port, or give 25"
TRACE = "Send a message to an address outside, and find it in Mimecast's message tracking."
ARRIVED = "Send a message between two users, and see in Mimecast that the journal service has received it."


def connector_settings(spaces: str, hosts: tuple[str, ...], port: int, tls: str, authentication: bool) -> tuple[tuple[str, Any], ...]:
    """A send connector to smart hosts."""
    return (
        ("AddressSpaces", ("SMTP:{0};1".format(spaces),)),
        ("DNSRoutingEnabled", False),
        ("Enabled", True),
        ("Port", port),
        ("RequireTLS", tls != NONE),
        ("SmartHostAuthMechanism", "BasicAuthRequireTLS" if authentication else "None"),
        ("SmartHosts", hosts),
        ("TlsAuthLevel", AUTH_LEVELS[tls]),
    )


def journal_parts(wish: Wish, on_premises: bool) -> tuple[Part, ...]:
    """What journaling needs besides its connector, in the order in which it has to be made: the rule comes last."""
    journaling = wish.journaling
    if journaling is None:
        return ()
    name = wish.journal_name
    policy = (("EmailAddressPolicyEnabled", False),) if on_premises else ()
    report = (Part("TransportConfig", "of the organization", (("JournalingReportNdrTo", journaling.undeliverable),)),) if journaling.undeliverable else ()
    return (
        # The archive wants the message as it was, and nobody there reads what machines answer.
        Part("RemoteDomain", name, (
            ("AllowedOOFType", "None"), ("AutoReplyEnabled", False), ("DeliveryReportEnabled", False), ("DomainName", journaling.domain),
            ("TNEFEnabled", False))),
        Part("MailContact", name, (*policy, ("ExternalEmailAddress", journaling.address), ("HiddenFromAddressListsEnabled", True))),
        *report,
        Part("JournalRule", name, (("Enabled", True), ("JournalEmailAddress", journaling.address), ("Scope", SCOPES[journaling.scope]))),
    )


def _parts(wish: Wish) -> tuple[Part, ...]:
    out, journaling = wish.outbound, wish.journaling
    sends = (Part("SendConnector", wish.outbound_name, connector_settings("*", out.smart_hosts, out.port, out.tls, out.authentication)),) if out else ()
    copies = (Part("SendConnector", wish.journal_name, connector_settings(
        journaling.domain, journaling.hosts, journaling.port, journaling.tls, False)),) if journaling else ()
    return (*sends, *copies, *journal_parts(wish, on_premises=True))


def _render(wish: Wish, parts: tuple[Part, ...]) -> str:
    authentication = bool(wish.outbound and wish.outbound.authentication)
    return exchange_script.script(
        parts, head=head(wish, TITLE, PARAMETERS + (CREDENTIAL if authentication else "")), connect=CONNECT,
        connector="SendConnector", spaces="AddressSpaces", authentication=authentication, needs_other=True)


def head(wish: Wish, title: str, parameters: str) -> dict[str, str]:
    """What the first lines say."""
    return {"word": wish.product, "title": title, "purpose": "; ".join(PURPOSES[part] for part in wish.parts), "parameters": parameters}


def check(wish: Wish) -> None:
    """What no version of Exchange does."""
    if wish.outbound and wish.outbound.authentication and wish.outbound.tls == NONE:
        raise MailServerError("outbound.authentication needs TLS, else the password crosses the network in clear: set outbound.tls to strict or relaxed")


def is_console(wish: Wish) -> bool:
    """Whether this version is configured by hand; MailServerError if it is not known."""
    version = wish.version.strip().lower()
    if version in CONSOLE:
        return True
    if version and version not in SCRIPTED:
        raise MailServerError("version {0!r} of Exchange is not known: {1}, or leave it out for one of those from 2010 on".format(
            wish.version, ", ".join((*CONSOLE, *SCRIPTED))))
    return False


def _steps(wish: Wish, where: str) -> tuple[str, ...]:
    out = wish.outbound
    credential = " with -Credential (Get-Credential), the name and password for the smart hosts" if out and out.authentication else ""
    steps = [AUTHORIZED.format(out.port)] if out else []
    steps += [LICENCE] if wish.journaling else []
    steps += [
        "In the Exchange Management Shell on a mailbox server, run {0} with -WhatIf and read what it would change; run it again without -WhatIf{1}.".format(
            where, credential),
        "To take it back, run it with -Undo. It removes what it has made, and leaves a connector that was there before.",
    ]
    return (*steps, *after(wish, SOURCES.format(wish.outbound_name) if out else ""))


def after(wish: Wish, sources: str = "") -> tuple[str, ...]:
    """What is left when the script has run."""
    others = ("The script names other connectors that take mail for all domains. Disable them when the test message has arrived.",) if wish.outbound else ()
    return (
        *((sources,) if sources else ()), *((TRACE,) if wish.outbound else ()), *others, *((ARRIVED,) if wish.journaling else ()),
    )


def strict(wish: Wish) -> bool:
    """Whether any part checks certificates."""
    return any(part.tls == STRICT for part in (wish.outbound, wish.journaling) if part)


def _warnings(wish: Wish) -> tuple[str, ...]:
    return (REVOCATION, NAME_UNCHECKED) if strict(wish) else ()


PRODUCT = Product(TITLE, _parts, _render, powershell.parts_of, _steps, _warnings, check, "ps1", scripted=True)
