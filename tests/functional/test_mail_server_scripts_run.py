# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the scripts for Exchange do, on a fake one (powershell_runner.py): once, again, with -WhatIf, after drift, and back."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from exchange_fake import Exchange
from powershell_runner import Runner, Stopped
from test_mail_server_rendering import COPIES, HOSTS, M365, OUT, REPORTED, SCRIPTED, call

BOTH = {"outbound": OUT, "journaling": REPORTED}
CLOUD = {"exchange": False, "exchange_online": True}
CONNECTORS = {"exchange": "SendConnector", "exchange_online": "OutboundConnector"}


class Shell:
    """$PSCmdlet."""

    def __init__(self, what_if: bool) -> None:
        self.what_if = what_if

    def shouldprocess(self, _target: str, _action: str) -> bool:
        return not self.what_if


class Run:
    """A run as ansible.windows.win_powershell makes it."""

    def __init__(self, exchange: Exchange, script: str, what_if: bool = False, **parameters: Any) -> None:
        before = len(exchange.written)
        self.ansible: dict[str, Any] = {"Changed": True, "Result": {}}
        runner = Runner(exchange.cmdlets())
        self.rows = runner.run(script, Ansible=self.ansible, PSCmdlet=Shell(what_if), WhatIfPreference=what_if, **parameters)
        self.warnings = " ".join(runner.warnings)
        self.written = exchange.written[before:]
        self.changed = self.ansible["Changed"]
        assert self.ansible["Result"]["changes"] == self.rows

    def done(self) -> list[tuple[str, str]]:
        return [(row["Action"], row["Kind"]) for row in self.rows]


@pytest.mark.parametrize("product", SCRIPTED)
def test_it_makes_what_is_declared_and_the_second_run_changes_nothing(product: str) -> None:
    exchange, script = Exchange(CLOUD[product]), call(product, **BOTH)["text"]
    predicted = Run(exchange, script, what_if=True)
    assert predicted.changed and not predicted.written and not exchange.objects["MailContact"]
    first = Run(exchange, script)
    connector = CONNECTORS[product]
    assert first.done() == predicted.done() == [
        ("create", connector), ("create", connector), ("create", "RemoteDomain"), ("create", "MailContact"), ("set", "TransportConfig"),
        ("create", "JournalRule")]
    assert first.changed and sorted(exchange.one(connector, "Mimecast outbound")["SmartHosts"]) == HOSTS
    assert exchange.one("JournalRule", "Mimecast journal")["Enabled"] and not exchange.one("RemoteDomain", "Mimecast journal")["TNEFEnabled"]
    assert exchange.one("MailContact", "Mimecast journal")["ExternalEmailAddress"] == "SMTP:" + COPIES["address"]
    assert exchange.one("TransportConfig", "")["JournalingReportNdrTo"] == REPORTED["undeliverable"]
    second = Run(exchange, script)
    assert not second.changed and not second.rows and not second.written


@pytest.mark.parametrize("product", SCRIPTED)
def test_only_what_differs_is_set_and_the_values_before_are_told(product: str) -> None:
    exchange, script = Exchange(CLOUD[product]), call(product, **BOTH)["text"]
    Run(exchange, script)
    exchange.one(CONNECTORS[product], "Mimecast outbound").update(SmartHosts=["old.example.com"], Enabled=False)
    exchange.one("JournalRule", "Mimecast journal")["Enabled"] = False
    run = Run(exchange, script)
    assert run.done() == [("set", CONNECTORS[product]), ("set", "JournalRule")]
    assert run.rows[0]["Before"] == "Enabled = False; SmartHosts = old.example.com" and HOSTS[1] in run.rows[0]["After"]
    assert exchange.one("JournalRule", "Mimecast journal")["Enabled"] and not Run(exchange, script).changed


@pytest.mark.parametrize("product", SCRIPTED)
def test_undo_leaves_exchange_as_it_was(product: str) -> None:
    exchange, script = Exchange(CLOUD[product]), call(product, **BOTH)["text"]
    exchange.objects["MailContact"].append({"Name": "Somebody", "ExternalEmailAddress": "SMTP:a@example.org"})
    before = copy.deepcopy(exchange.objects)
    Run(exchange, script)
    assert not Run(exchange, script, what_if=True, Undo=True).written
    back = Run(exchange, script, Undo=True)
    assert back.done()[0] == ("remove", "JournalRule") and len(back.rows) == 5 and "JournalingReportNdrTo stays" in back.warnings
    before["TransportConfig"] = exchange.objects["TransportConfig"]
    assert exchange.objects == before and not Run(exchange, script, Undo=True).changed


def test_undo_leaves_a_connector_that_was_there_before() -> None:
    exchange, script = Exchange(), call("exchange", outbound=OUT, name="Internet")["text"]
    exchange.objects["SendConnector"].append({"Name": "Internet outbound", "Comment": "by hand", "Enabled": True, "AddressSpaces": ["SMTP:*;1"]})
    assert Run(exchange, script).done() == [("set", "SendConnector")]
    back = Run(exchange, script, Undo=True)
    assert not back.changed and "was not made by this script" in back.warnings and exchange.one("SendConnector", "Internet outbound")


@pytest.mark.parametrize(("spaces", "enabled", "warned"), [
    (["SMTP:*;1"], True, True), (["SMTP:*;10"], True, True), (["smtp:*"], True, True), (["SMTP:*;1"], False, False), (["SMTP:*.example.org;1"], True, False),
])
def test_other_connectors_for_all_domains_are_named(spaces: list[str], enabled: bool, warned: bool) -> None:
    exchange, script = Exchange(), call("exchange", outbound=OUT)["text"]
    exchange.objects["SendConnector"].append({"Name": "To the Internet", "Enabled": enabled, "AddressSpaces": spaces})
    assert ("To the Internet takes mail for all domains as well" in Run(exchange, script).warnings) is warned
    assert ("mail to the outside waits" in Run(exchange, script, Undo=True).warnings) is not warned


def test_a_cost_that_differs_is_a_difference() -> None:
    exchange, script = Exchange(), call("exchange", outbound=OUT)["text"]
    Run(exchange, script)
    exchange.one("SendConnector", "Mimecast outbound")["AddressSpaces"] = ["SMTP:*;5"]
    assert Run(exchange, script).rows[0]["Before"] == "AddressSpaces = *;5"


def test_tls_can_be_given_up_and_taken_back() -> None:
    exchange = Exchange()
    scripts = {tls: call("exchange", outbound={**OUT, "tls": tls})["text"] for tls in ("none", "strict", "relaxed")}
    for tls, level in (("none", None), ("strict", "CertificateValidation"), ("none", None), ("relaxed", "EncryptionOnly")):
        assert Run(exchange, scripts[tls]).changed and not Run(exchange, scripts[tls]).changed
        assert exchange.one("SendConnector", "Mimecast outbound")["TlsAuthLevel"] == level


def test_a_log_in_needs_a_credential_and_is_stable_with_it() -> None:
    exchange, script = Exchange(), call("exchange", outbound={**OUT, "authentication": True})["text"]
    credential = {"UserName": "relay@example.com"}
    with pytest.raises(Stopped, match="needs -Credential .* Nothing was changed"):
        Run(exchange, script)
    assert not exchange.written
    assert Run(exchange, script, Credential=credential).changed
    assert exchange.one("SendConnector", "Mimecast outbound")["AuthenticationCredential"] == credential
    assert not Run(exchange, script, Credential=credential).changed and not Run(exchange, script).changed
    assert Run(exchange, script, Credential=credential, RenewPassword=True).done() == [("set", "SendConnector")]
    assert Run(exchange, script, Credential={"UserName": "other@example.com"}).changed


def test_what_stands_in_the_way_stops_it_before_anything_is_changed() -> None:
    exchange, script = Exchange(), call("exchange", **BOTH)["text"]
    exchange.objects["RemoteDomain"].append({"Name": "Mimecast journal", "DomainName": "other.example.com"})
    with pytest.raises(Stopped, match="RemoteDomain Mimecast journal is for another domain. Nothing was changed"):
        Run(exchange, script)
    exchange.objects["RemoteDomain"].clear()
    exchange.objects["SendConnector"] += [{"Name": "Mimecast outbound"}, {"Name": "Mimecast outbound"}]
    with pytest.raises(Stopped, match="several of SendConnector Mimecast outbound. Nothing was changed"):
        Run(exchange, script)
    assert not exchange.written


def test_a_missing_address_for_reports_is_told() -> None:
    exchange, script = Exchange(cloud=True), call("exchange_online", journaling=COPIES)["text"]
    assert "No address for undeliverable journal reports" in Run(exchange, script).warnings
    exchange.one("TransportConfig", "")["JournalingReportNdrTo"] = "reports@example.net"
    assert not Run(exchange, script).warnings
    assert Run(exchange, call("exchange_online", outbound={"smart_hosts": M365})["text"]).changed
