# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mail_server_rendering as a user has it: what comes out for each product, the file, check mode, and what it refuses."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import playbooks
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from playbooks import ROOT

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.mail_server_rendering import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.table import PRODUCTS
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute

HOSTS = ["eu-smtp-outbound-1.mimecast.com", "eu-smtp-outbound-2.mimecast.com"]
M365 = ["eu-smtp-o365-outbound-1.mimecast.com", "eu-smtp-o365-outbound-2.mimecast.com"]
OUT = {"smart_hosts": HOSTS}
COPIES = {"address": "journaling@journal.example.com", "hosts": ["eu-smtp-journal-1.mimecast.com", "eu-smtp-journal-2.mimecast.com"]}
REPORTED = {**COPIES, "undeliverable": "reports@archive.example.net"}
SCRIPTED = ("exchange", "exchange_online")


def call(product: str, check: bool = False, **options: Any) -> dict[str, Any]:
    """The module's result."""
    checked = ArgumentSpecValidator(JOB.argument_spec, **JOB.rules).validate({"product": product, **options})
    assert not checked.error_messages
    return execute(JOB, checked.validated_parameters, check)[0]


@pytest.mark.parametrize("product", PRODUCTS)
def test_all_hosts_and_the_address_are_in_the_text_and_the_steps_name_the_product(product: str) -> None:
    result = call(product, outbound=OUT, journaling=COPIES)
    assert all(host in result["text"] for host in [*HOSTS, *COPIES["hosts"], COPIES["address"]])
    assert PRODUCTS[product].title in result["handover"]["title"] and result["handover"]["state"] == "open"
    assert result["steps"] == result["handover"]["steps"] and len(result["steps"]) > 4 and not result["changed"]
    assert bool(result["data"]) is (product in SCRIPTED)
    assert result == call(product, outbound=OUT, journaling=COPIES, version="", dest="")


def test_exchange_sends_through_one_connector_with_both_hosts() -> None:
    text = call("exchange", outbound=OUT)["text"]
    assert text.count("Kind = 'SendConnector'") == 1 and "JournalRule'\n" not in text
    assert "AddressSpaces = @('SMTP:*;1')" in text and "SmartHosts = @('{0}', '{1}')".format(*HOSTS) in text
    assert "SmartHostAuthMechanism = 'None'" in text and "DNSRoutingEnabled = $false" in text and "$Credential" not in text


def test_exchange_online_sends_to_a_partner_and_looks_at_certificates() -> None:
    result = call("exchange_online", outbound={"smart_hosts": M365}, journaling=REPORTED)
    for setting in ("ConnectorType = 'Partner'", "RecipientDomains = @('*')", "UseMXRecord = $false", "TlsSettings = 'CertificateValidation'",
                    "JournalingReportNdrTo = 'reports@archive.example.net'", "RecipientDomains = @('journal.example.com')"):
        assert setting in result["text"]
    assert any("to himself" in step for step in result["steps"]) and not any("o365" in warning for warning in result["warnings"])
    assert any(HOSTS[0] in warning and "-o365-outbound-" in warning for warning in call("exchange_online", outbound=OUT)["warnings"])


def test_the_rule_is_made_last_so_that_no_copy_is_lost() -> None:
    for product in SCRIPTED:
        text = call(product, journaling=REPORTED)["text"]
        kinds = [line.split("'")[1] for line in text.splitlines() if line.startswith("    Kind = '")]
        assert kinds[1:] == ["RemoteDomain", "MailContact", "TransportConfig", "JournalRule"]


@pytest.mark.parametrize(("tls", "said"), [
    ("strict", ["RequireTLS = $true", "TlsAuthLevel = 'CertificateValidation'"]), ("relaxed", ["RequireTLS = $true", "TlsAuthLevel = 'EncryptionOnly'"]),
    ("none", ["RequireTLS = $false", "TlsAuthLevel = $null"]),
])
def test_tls_of_exchange(tls: str, said: list[str]) -> None:
    text = call("exchange", outbound={**OUT, "tls": tls, "port": 587})["text"]
    assert all(setting in text for setting in [*said, "Port = 587"])


def test_a_password_is_asked_for_and_never_in_a_text() -> None:
    result = call("exchange", outbound={**OUT, "authentication": True})
    assert "[Management.Automation.PSCredential] $Credential" in result["text"] and "'BasicAuthRequireTLS'" in result["text"]
    assert any("-Credential" in step for step in result["steps"])


def test_google_gets_a_route_with_equal_shares_and_a_rule() -> None:
    text = call("google_workspace", outbound=OUT, journaling=COPIES)["text"]
    assert text.count("load 50 %") == 4 and "Change route: Mimecast outbound" in text and "Validate certificate hostname: yes" in text
    assert "Third-party email archiving\n   Email address: journaling@journal.example.com" in text and "To take it back:" in text
    three = call("google_workspace", outbound={"smart_hosts": [*HOSTS, "eu-smtp-outbound-3.mimecast.com"], "tls": "none"})["text"]
    assert [three.count("load {0} %".format(share)) for share in (34, 33)] == [1, 2] and "(TLS) connection: no" in three


def test_what_is_unknown_of_domino_is_a_warning() -> None:
    warnings = " ".join(call("domino", outbound=OUT, journaling=COPIES)["warnings"])
    assert HOSTS[1] in warnings and "TLS is not enforced" in warnings and "journal@" in warnings


@pytest.mark.parametrize("version", ["2003", "2007"])
def test_old_exchange_is_configured_by_hand(version: str) -> None:
    result = call("exchange", version=version, outbound={**OUT, "tls": "none"})
    assert not result["data"] and HOSTS[1] in result["text"] and "PowerShell" not in result["text"]
    assert any(version in warning for warning in call("exchange", version=version, outbound=OUT)["warnings"])


SMTP_2003 = "journaling by SMTP is not possible with Exchange 2003"


@pytest.mark.parametrize(("product", "options", "said"), [
    ("exchange", {"journaling": COPIES, "version": "2003"}, SMTP_2003),
    ("exchange", {"outbound": OUT, "version": "5.5"}, "version '5.5' of Exchange is not known: 2003, 2007, 2010"),
    ("exchange", {"outbound": {"smart_hosts": []}}, "outbound.smart_hosts is empty"),
    ("exchange", {"outbound": {"smart_hosts": ["198.51.100.7"]}}, "'198.51.100.7' is no host name"),
    ("exchange", {"outbound": {"smart_hosts": [HOSTS[0], HOSTS[0].upper()]}}, "names a host twice"),
    ("exchange", {"outbound": {**OUT, "port": 0}}, "outbound.port is 0; give a number from 1 to 65535"),
    ("exchange", {"outbound": {**OUT, "authentication": True, "tls": "none"}}, "password crosses the network in clear"),
    ("exchange", {"outbound": OUT, "name": "it's"}, "name \"it's\" is not possible"),
    ("exchange", {"journaling": {**COPIES, "domain": "other.example.com"}}, "is not in journaling.domain other.example.com"),
    ("exchange", {"journaling": {**COPIES, "address": "journaling"}}, "is no mail address"),
    ("exchange", {"journaling": {**COPIES, "undeliverable": "x@journal.example.com"}}, "is in the journaling domain itself"),
    ("exchange_online", {"outbound": {**OUT, "port": 587}}, "no setting for the port"),
    ("exchange_online", {"outbound": {**OUT, "authentication": True}}, "has no log-in"),
    ("exchange_online", {"journaling": {**COPIES, "undeliverable": "x@example.onmicrosoft.com"}}, "is in Exchange Online"),
    ("google_workspace", {"outbound": {**OUT, "port": 26}}, "takes 25, 587 and 1024 to 65535"),
    ("google_workspace", {"outbound": {**OUT, "authentication": True}}, "has no log-in"),
    ("domino", {"outbound": OUT, "journaling": {**COPIES, "port": 2525}}, "one setting for all that it sends"),
])
def test_what_cannot_be_is_told(product: str, options: dict[str, Any], said: str, tmp_path: Path) -> None:
    result = call(product, dest=str(tmp_path), **options)
    assert result["failed"] and said in result["msg"] and result["msg"].startswith("Cannot render ") and " for {0}: ".format(product) in result["msg"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_file_follows_what_is_declared(product: str, tmp_path: Path) -> None:
    first = call(product, outbound=OUT, dest=str(tmp_path))
    path = Path(first["file"])
    assert first["changed"] and path.read_text() == first["text"] and stat.S_IMODE(path.stat().st_mode) == 0o644
    assert path.name == "{0}-outbound.{1}".format(product, "ps1" if product in SCRIPTED else "txt")
    assert not call(product, outbound=OUT, dest=str(tmp_path))["changed"]
    other = {**OUT, "smart_hosts": HOSTS[::-1]}
    predicted = call(product, check=True, outbound=other, dest=str(tmp_path))
    assert predicted["changed"] and path.read_text() == first["text"]
    done = call(product, outbound=other, dest=str(tmp_path))
    assert done == predicted and path.read_text() == done["text"] and done["diff"]["before"] == {str(path): first["text"].splitlines()}
    call(product, journaling=COPIES, dest=str(tmp_path))
    assert path.read_text() == done["text"] and len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("product", PRODUCTS)
def test_what_is_somebody_elses_is_not_overwritten(product: str, tmp_path: Path) -> None:
    path = Path(call(product, outbound=OUT, dest=str(tmp_path))["file"])
    others = [call(other, outbound=OUT)["text"] for other in PRODUCTS if other != product]
    for text in ("Get-Mailbox\n", "$objects = @(\n)\n", "mimecast.connect\n", "\0\n", *others):
        path.write_text(text)
        result = call(product, outbound=OUT, dest=str(tmp_path))
        assert result["failed"] and "no rendering for {0}; move it".format(product) in result["msg"] and path.read_text() == text


@pytest.mark.parametrize("check", [False, True])
def test_a_file_is_not_taken_for_the_folder(check: bool, tmp_path: Path) -> None:
    file = tmp_path / "connect.ps1"
    said = f"Cannot write exchange-outbound.ps1 to {str(file)!r}: dest is the folder for this file, "
    assert call("exchange", check=check, outbound=OUT, dest=str(file))["msg"] == said + "which is not there; make it first"
    file.write_text("Get-Mailbox\n")
    result = call("exchange", check=check, outbound=OUT, dest=str(file))
    assert result["msg"] == said + f"and this is a file; name a folder, such as {str(tmp_path)!r}"
    assert list(tmp_path.iterdir()) == [file] and file.read_text() == "Get-Mailbox\n"
    assert Path(call("exchange", outbound=OUT, dest=str(tmp_path))["file"]).parent == tmp_path


def test_both_ways_of_running_say_the_same(tmp_path: Path) -> None:
    task = {"mimecast.connect.mail_server_rendering": {"product": "exchange", "version": 2019, "outbound": OUT, "dest": str(tmp_path)}}
    process = {**task, "vars": {"mimecast_in_process": False}}
    done = playbooks.run(tmp_path / "run", [{**process, "check_mode": True}, {**task, "check_mode": True}, task, process], "--diff")
    assert done.code == 0, done.output
    results = [{name: value for name, value in one.items() if name not in ("invocation", "diff", "changed")} for one in done.results]
    assert all(json.dumps(one, sort_keys=True) == json.dumps(results[0], sort_keys=True) for one in results)
    assert [one["changed"] for one in done.results] == [True, True, True, False] and HOSTS[1] in done.stdout


def test_every_product_is_in_the_documents() -> None:
    page = (ROOT / "docs" / "mail-servers.md").read_text(encoding="utf-8")
    assert {word for word in PRODUCTS if "| `{0}` |".format(word) in page} == set(PRODUCTS)
