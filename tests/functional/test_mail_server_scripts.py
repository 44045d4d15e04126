# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scripts for Exchange before an independent reader: nothing leaves its quotes, and no cmdlet is asked for what it does not document."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import powershell_reader as reader
import pytest
import yaml
from exchange_fake import DOCUMENTED
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_mail_server_rendering import COPIES, M365, OUT, REPORTED, SCRIPTED, call

from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers import powershell
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.wish import Part

ON_PREMISES_ONLY = {"EmailAddressPolicyEnabled"}
OURS = {"Get-Plain", "Show-Settings", "Find-Object", "Set-Object", "New-There", "Remove-Object", "Invoke-Change", "Invoke-Apply", "Invoke-Undo"}
SHELL = {"New-Object", "Where-Object", "ForEach-Object", "Sort-Object", "Out-Null", "Test-Path", "Write-Warning", "Get-Command", "Join-Path", ""}
DECLARED = {
    "outbound": {"outbound": OUT}, "journaling": {"journaling": COPIES}, "both": {"outbound": OUT, "journaling": REPORTED},
    "no TLS": {"outbound": {**OUT, "tls": "none"}, "journaling": {**REPORTED, "tls": "relaxed", "scope": "internal"}},
}
EVERY = [(product, declared) for product in SCRIPTED for declared in DECLARED]
LOG_IN = {"outbound": {**OUT, "authentication": True}}


def objects(text: str) -> list[tuple[str, set[str]]]:
    """Kinds of objects with the names of their settings."""
    return [(part.kind, {name for name, _value in part.settings}) for part in powershell.parts_of(text)]


@pytest.mark.parametrize(("product", "declared"), EVERY)
def test_cmdlets_are_only_asked_for_what_they_document(product: str, declared: str) -> None:
    text = call(product, **DECLARED[declared])["text"]
    used = [(name, parameters) for name, parameters in reader.commands(text) if name not in OURS | SHELL]
    assert used
    for name, parameters in used:
        assert {parameter.lstrip("-") for parameter in parameters} - {"ErrorAction"} <= DOCUMENTED[name], name
    for kind, names in objects(text):
        noun = {"RemoteDomain": {"DomainName"}, "JournalRule": {"Enabled"}}.get(kind, set())  # what only New takes
        assert names - noun <= DOCUMENTED["Set-" + kind], kind
        if kind in ("SendConnector", "OutboundConnector", "JournalRule"):
            assert names <= DOCUMENTED["New-" + kind]
        assert product == "exchange" or not names & ON_PREMISES_ONLY


def test_each_cloud_uses_its_own_cmdlets() -> None:
    for product, foreign in zip(SCRIPTED, ("OutboundConnector", "SendConnector")):
        assert foreign not in call(product, **DECLARED["both"])["text"]


@pytest.mark.parametrize(("product", "declared"), EVERY)
def test_every_change_asks_first(product: str, declared: str) -> None:
    """What writes is only in functions that Invoke-Change runs, behind ShouldProcess."""
    text = call(product, **DECLARED[declared])["text"]
    writers = {"Set-Object", "New-There", "Remove-Object"}
    for node in reader.nodes(text):
        if node.type != "command":
            continue
        name = node.text.decode().split()[0]
        above, around = node.parent, []
        while above is not None:
            if above.type == "function_statement":
                around.append(next(child.text.decode() for child in above.children if child.type == "function_name"))
            if above.type == "command":
                around.append(above.text.decode().split()[0])
            above = above.parent
        if name.split("-")[0] in ("New", "Set", "Remove", "Enable") and name in DOCUMENTED:
            assert writers & set(around), name
        if name in writers:
            assert "Invoke-Change" in around or writers & set(around), name
    assert text.count("$PSCmdlet.ShouldProcess") == 1 and "[CmdletBinding(SupportsShouldProcess=$true)]" in text


def test_it_keeps_to_the_oldest_powershell() -> None:
    """Exchange 2010 brings PowerShell 2.0, which knows neither of these."""
    for product, declared in EVERY:
        text = call(product, **DECLARED[declared])["text"]
        assert text.isascii() and not any(word in text for word in ("[PSCustomObject]", " -in ", "$PSItem", "[ordered]", "?.", " ?? "))


@pytest.mark.parametrize("text", [call("exchange", **LOG_IN)["text"], call("exchange_online", outbound={"smart_hosts": M365})["text"]])
def test_the_reader_finds_the_scripts_whole(text: str) -> None:
    assert reader.nodes(text) and "*" in "".join(reader.strings(text))


HOSTILE = st.text(st.sampled_from("ab.-@ '\"`$(){};|&#<>\n\r\t\\\u2019\u2018\u201c\0%*,é"), max_size=24)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(name=HOSTILE, host=HOSTILE, address=HOSTILE, report=HOSTILE)
@example(name="a'; Remove-Mailbox b; '", host="a.b", address="a@b.c", report="")
@example(name="Mimecast\u2019", host="h.example.com", address="a@b.example", report="")
@example(name="a b", host="h.example.com'", address="x$(whoami)@b.example", report="")
@example(name="a b", host="h.example.com", address="x@b.example\n", report="")
@example(name="a b", host="h.example.com", address="x@b.example", report="y@z.example")
def test_no_value_becomes_a_command(name: str, host: str, address: str, report: str) -> None:
    """Refused with a sentence, or in its quotes: the script has the same commands as an innocent one, and its strings are the values."""
    for product in SCRIPTED:
        declared: dict[str, Any] = {"outbound": {"smart_hosts": [host]}, "journaling": {"address": address, "hosts": [host], "undeliverable": report}}
        result = call(product, name=name, **declared)
        if result.get("failed"):
            assert result["msg"].startswith("Cannot render ") and "Unexpected" not in result["msg"]
            continue
        text = result["text"]
        usual = call(product, outbound={"smart_hosts": ["h.example"]}, journaling={
            "address": "x@j.example", "hosts": ["h.example"], "undeliverable": "y@z.example" if report else ""})["text"]
        assert reader.commands(text) == reader.commands(usual)
        assert len(reader.strings(text)) == len(reader.strings(usual))
        assert host.lower().rstrip(".") in reader.strings(text) and name + " outbound" in reader.strings(text)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
@example("it's $(a) `n \"b\" @{c} #d")
@example("'")
@example("''; Get-Item '")
def test_quoting_holds_whatever_is_quoted(text: str) -> None:
    """Even if a pattern were wider than it is."""
    part = Part("Kind", text, (("Setting", (text, text)), ("Other", text)))
    script = "\n".join(powershell.lines_of((part,)))
    assert reader.strings(script) == ["Kind", text, text, text, text] and not reader.commands(script)
    assert powershell.parts_of(script) == (part,)


def test_the_data_is_what_win_powershell_takes() -> None:
    folder = Path(os.environ.get("MIMECAST_TEST_VENDORS", "none"))
    module = folder / "ansible_collections" / "ansible" / "windows" / "plugins" / "modules" / "win_powershell.py"
    if not module.exists():
        pytest.skip("ansible.windows is not in the folder that MIMECAST_TEST_VENDORS names; tools/vendor_collections.py fetches it")
    options = yaml.safe_load(module.read_text(encoding="utf-8").split("DOCUMENTATION = r'''")[1].split("'''")[0])["options"]
    for product in SCRIPTED:
        data = call(product, outbound=OUT)["data"]
        assert set(data) == {"win_powershell"} and set(data["win_powershell"]) <= set(options)
    assert {"parameters", "sensitive_parameters"} <= set(options)
