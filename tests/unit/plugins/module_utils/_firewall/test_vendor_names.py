# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No name is a command: what a product does not take is refused, and what it takes is one word to those who read the text."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import Allowlist, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import from_networks
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.powershell import literals, quoted
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.shape import Place, Wish
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.vendors.table import VENDORS, rendered

RANGES = from_networks(["198.51.100.0/23", "203.0.113.7", "2001:db8:7::/48"])
SMTP = Service("smtp", (25,), "enforce", RANGES[4], RANGES[6])
LISTS = Allowlist((SMTP,))
WHERE = {
    "server": "mail", "server6": "mail6", "source_zone": "outside", "destination_zone": "dmz", "access_list": "outside_in", "layer": "Network",
    "position": 300,
}
HOSTILE = [
    "a\nend\nconfig system admin", "a\rb", "a\tb", "a\x00b", "a\x1b[2Jb", "a\u2028b", 'a" ; reboot ; "', "a'; Remove-Item C:\\ -Recurse; '", "a$(reboot)",
    "a`reboot`", "a${IFS}b", "a;reboot", "a|b", "a&b", "a>b", "a\\", "a*", "a?", "a[b]", "*", "a#b", "#a", "!a", "a,b", "a</Name></IPHost><X>", "&amp;",
    "a\u2019; calc; \u2019", "a\u0492b", "\u202ea", "-a", "--member", " a", "a ", "", "a" * 2000, "../a", "a%0ab", "{{ a }}", "sg-1", "1a",
]
TAKES_ANY_NAME = ("plain", "google_workspace")  # their texts have no name in them


def where(word: str, **other: str) -> Place:
    vendor = VENDORS[word]
    place = {name: WHERE[name] for name in (*vendor.needs, *vendor.may)}
    if word == "azure":
        place["server"] = "192.0.2.25"
    return Place(**{**place, **other})


def text_of(word: str, name: str, **other: str) -> str:
    """The rendering, or "" if the name is refused with a sentence that shows it."""
    try:
        return rendered(word, Wish(name, LISTS, where(word, **other))).content
    except FirewallError as error:
        assert "is not possible there: " in str(error) or "no address and no network" in str(error)
        assert str(error).isprintable()
        return ""


def keys(value: Any) -> Iterator[list[str]]:
    """Of every object that is not itself a table by key."""
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from keys(part)
    if isinstance(value, dict) and not all("-" in key for key in value):
        yield sorted(value)


def shape_of(word: str, text: str) -> Any:
    """What there is to do in the text, without what it is done to."""
    lines = text.splitlines()
    if word in ("aws", "azure", "opnsense"):
        return list(keys(json.loads(text)))
    if word == "sophos":
        return [one.tag for one in ElementTree.fromstring(text).iter()]
    if word in ("windows", "exchange_online", "exchange_online_skip_list"):
        return [(line.split("'")[0], len(literals(line))) for line in lines]
    if word in ("fortios", "panos", "checkpoint"):
        return [len(shlex.split(line)) for line in lines]
    return [len(line.split()) for line in lines]


@pytest.mark.parametrize("word", VENDORS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_refused_or_is_one_word(word: str, name: str) -> None:
    text = text_of(word, name)
    if text and word not in TAKES_ANY_NAME:
        assert name.isprintable() and shape_of(word, text) == shape_of(word, text_of(word, "benign"))


PARTS = [(word, part) for word, vendor in VENDORS.items() for part in (*vendor.needs, *vendor.may) if isinstance(WHERE[part], str)]


@pytest.mark.parametrize(("word", "part"), PARTS)
def test_a_hostile_place_is_refused_or_is_one_word(word: str, part: str) -> None:
    benign = shape_of(word, text_of(word, "mimecast"))
    for name in filter(None, HOSTILE):
        text = text_of(word, "mimecast", **{part: name})
        assert not text or name.isprintable() and shape_of(word, text) == benign, name


@pytest.mark.parametrize("certificate", ["'; calc; '", "a b", "*", "*.*.example", "$(a)", "", "\u2019"])
def test_a_hostile_certificate_is_refused(certificate: str) -> None:
    with pytest.raises(FirewallError, match="certificate .* is not possible there"):
        rendered("exchange_online", Wish("m", LISTS, certificate=certificate))


def test_an_apostrophe_stays_in_its_literal() -> None:
    assert quoted("O'Brien''s") == "'O''Brien''''s'"
    assert literals("$name = " + quoted("O'Brien''s") + "; " + quoted("x")) == ["O'Brien''s", "x"]
    assert "$name = 'O''Brien inbound'\n" in text_of("exchange_online", "O'Brien inbound")


def test_no_wildcard_gets_into_a_cmdlet() -> None:
    """Get-NetFirewallRule -Name takes patterns: a name * would change every rule of the server."""
    for name in ("*", "mime*", "mime?ast", "[a-z]"):
        assert text_of("windows", name) == ""


@pytest.mark.parametrize(("word", "longest"), [
    ("fortios", 20), ("panos", 47), ("asa", 53), ("opnsense", 20), ("pfsense", 31), ("panos_edl", 32), ("sophos", 44), ("azure", 68)])
def test_a_name_may_be_as_long_as_the_product_takes(word: str, longest: int) -> None:
    """The longest object made of it fits; one letter more is refused, not cut off."""
    assert text_of(word, "m" * longest) and not text_of(word, "m" * (longest + 1))


FAKE = """\
#!/bin/bash
printf '%s\\0' "$@" >>calls
printf '\\n\\0' >>calls
[ "$3 $4" != "add group" ] && [ "$3 $4" != "add access-rule" ]
"""


def test_a_shell_runs_the_script_of_check_point_as_it_is_meant(tmp_path: Path) -> None:
    """A real bash, with a mgmt_cli that writes down its arguments and knows the group and the rules already."""
    tool = tmp_path / "mgmt_cli"
    tool.write_text(FAKE, encoding="utf-8")
    tool.chmod(0o755)
    script = rendered("checkpoint", Wish("m", LISTS, where("checkpoint", layer="Network Layer"))).content
    subprocess.run(["bash", "-c", script], cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin", "SESSION": "id.txt"}, check=True)
    written = (tmp_path / "calls").read_text(encoding="utf-8")
    calls = [call.split("\0")[:-1] for call in written.split("\n\0") if call]
    assert {tuple(call[:2]) for call in calls} == {("-s", "id.txt")}
    networks, end = [["add", "network", "name"]] * 3, ["service.1", "m-smtp-tcp-25", "action"]
    assert [call[2:5] for call in calls[:3]] == networks
    assert [call[2:6] for call in calls[3:6]] == [
        ["add", "group", "name", "m-smtp"], ["set", "group", "name", "m-smtp"], ["add", "service-tcp", "name", "m-smtp-tcp-25"]]
    allowing = ["layer", "Network Layer", "name", "m-smtp", "source", "m-smtp", "destination", "mail", *end, "Accept", "track.type", "Log"]
    denying = ["layer", "Network Layer", "name", "m-smtp-others", "source", "Any", "destination", "mail", *end, "Drop", "track.type", "Log"]
    assert [call[2:] for call in calls[6:]] == [
        ["add", "access-rule", "position", "300", *allowing], ["set", "access-rule", *allowing],
        ["add", "access-rule", "position", "301", *denying], ["set", "access-rule", *denying]]
