# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fake Exchange: what its cmdlets hold, in the forms in which the real one is known to print it, and which parameters they document."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

# From Microsoft's reference (ExchangePowerShell), for all versions that a script is for.
_CONNECTOR = {
    "AddressSpaces", "AuthenticationCredential", "Comment", "DNSRoutingEnabled", "Enabled", "Port", "RequireTLS", "SmartHostAuthMechanism", "SmartHosts",
    "TlsAuthLevel",
}
_CLOUD = {"Comment", "ConnectorType", "Enabled", "RecipientDomains", "SmartHosts", "TlsSettings", "UseMXRecord"}
_REMOTE = {"AllowedOOFType", "AutoReplyEnabled", "DeliveryReportEnabled", "TNEFEnabled"}
DOCUMENTED: dict[str, set[str]] = {
    "New-SendConnector": {"Name", *_CONNECTOR}, "Set-SendConnector": {"Identity", *_CONNECTOR}, "Remove-SendConnector": {"Identity", "Confirm"},
    "New-OutboundConnector": {"Name", *_CLOUD}, "Set-OutboundConnector": {"Identity", *_CLOUD}, "Remove-OutboundConnector": {"Identity", "Confirm"},
    "New-RemoteDomain": {"Name", "DomainName"}, "Set-RemoteDomain": {"Identity", *_REMOTE}, "Remove-RemoteDomain": {"Identity", "Confirm"},
    "New-MailContact": {"Name", "ExternalEmailAddress"}, "Remove-MailContact": {"Identity", "Confirm"}, "Get-MailContact": {"Filter"},
    "Set-MailContact": {"Identity", "EmailAddressPolicyEnabled", "ExternalEmailAddress", "HiddenFromAddressListsEnabled"},
    "New-JournalRule": {"Name", "JournalEmailAddress", "Scope", "Enabled"}, "Set-JournalRule": {"Identity", "JournalEmailAddress", "Scope"},
    "Enable-JournalRule": {"Identity"}, "Remove-JournalRule": {"Identity", "Confirm"}, "Set-TransportConfig": {"JournalingReportNdrTo"},
    "Get-SendConnector": set(), "Get-OutboundConnector": set(), "Get-RemoteDomain": set(), "Get-JournalRule": set(), "Get-TransportConfig": set(),
    "Connect-ExchangeServer": {"auto"}, "Connect-ExchangeOnline": {"ShowBanner"},
}
# What is there when nothing was said.
_DEFAULTS = {
    "SendConnector": {"Comment": "", "TlsAuthLevel": None, "AuthenticationCredential": None},
    "OutboundConnector": {"Comment": "", "TlsSettings": None},
    "RemoteDomain": {"AllowedOOFType": "External", "AutoReplyEnabled": True, "DeliveryReportEnabled": True, "TNEFEnabled": None},
    "MailContact": {"EmailAddressPolicyEnabled": True, "HiddenFromAddressListsEnabled": False},
    "JournalRule": {"Enabled": False, "Scope": "Global"},
}


class Exchange:
    """``cloud`` is Exchange Online. ``written`` are the calls that changed something."""

    def __init__(self, cloud: bool = False) -> None:
        self.objects: dict[str, list[dict[str, Any]]] = {noun: [] for noun in _DEFAULTS}
        self.objects["TransportConfig"] = [{"JournalingReportNdrTo": "<>"}]
        self.foreign = "SendConnector" if cloud else "OutboundConnector"
        self.written: list[str] = []

    def cmdlets(self) -> dict[str, Callable[..., list[Any]]]:
        return {
            name: partial(self._call, name) for name in DOCUMENTED
            if name.partition("-")[2] in self.objects and name.partition("-")[2] != self.foreign
        }

    def one(self, noun: str, name: str) -> dict[str, Any]:
        found = [item for item in self.objects[noun] if item.get("Name", name) == name]
        assert len(found) == 1, (noun, name, found)
        return found[0]

    def _call(self, cmdlet: str, **named: Any) -> list[Any]:
        unknown = set(named) - DOCUMENTED[cmdlet]
        assert not unknown, "A parameter cannot be found that matches {0} ({1})".format(unknown, cmdlet)
        verb, _dash, noun = cmdlet.partition("-")
        if verb == "Get":
            wanted = named["Filter"].split("'")[1] if "Filter" in named else None
            return [dict(item) for item in self.objects[noun] if wanted is None or item["Name"] == wanted]
        self.written.append(cmdlet)
        return getattr(self, "_" + verb.lower())(noun, named)

    def _new(self, noun: str, named: dict[str, Any]) -> list[Any]:
        assert all(item["Name"] != named["Name"] for item in self.objects[noun]), "there is one already"
        assert named.get("RequireTLS", True) or "TlsAuthLevel" not in named, "TlsAuthLevel is only for connectors that require TLS"
        made = {**_DEFAULTS[noun], **_printed(named)}
        self.objects[noun].append(made)
        return [made]

    def _set(self, noun: str, named: dict[str, Any]) -> list[Any]:
        there = self.one(noun, named.pop("Identity", ""))
        there.update(_printed(named))
        return []

    def _enable(self, noun: str, named: dict[str, Any]) -> list[Any]:
        self.one(noun, named["Identity"])["Enabled"] = True
        return []

    def _remove(self, noun: str, named: dict[str, Any]) -> list[Any]:
        assert named["Confirm"] is False
        self.objects[noun].remove(self.one(noun, named["Identity"]))
        return []


def _printed(named: dict[str, Any]) -> dict[str, Any]:
    """As Exchange prints it: hosts in an order of its own, addresses with their type."""
    found = dict(named)
    if "SmartHosts" in found:
        found["SmartHosts"] = sorted(found["SmartHosts"], reverse=True)
    if "RecipientDomains" in found:
        found["RecipientDomains"] = ["smtp:{0};1".format(domain) for domain in found["RecipientDomains"]]
    if "ExternalEmailAddress" in found:
        found["ExternalEmailAddress"] = "SMTP:" + found["ExternalEmailAddress"]
    return found
