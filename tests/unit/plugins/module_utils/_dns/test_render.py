# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records rendered for people and tools: what is read back is what was meant."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._dns.records import Change, Mx, RRset, fqdn, shown, txt
from ansible_collections.mimecast.connect.plugins.module_utils._dns.render import octodns, table, zone_file

pytest.importorskip("dns.zonefile", reason="zone files are read back with dnspython 2.3 or newer")
hypothesis = pytest.importorskip("hypothesis", reason="the texts are made of generated records")
import dns.zonefile
import yaml
from hypothesis import given
from hypothesis import strategies as st

ZONE = "acme.test"
NAMES = st.lists(st.from_regex(r"[a-z0-9_]{1,8}", fullmatch=True), max_size=3).map(lambda labels: ".".join([*labels, ZONE]))
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=300)
TXTS = st.lists(TEXT.map(txt), min_size=1, max_size=3, unique=True)
ANY_TXTS = st.lists(st.lists(st.binary(max_size=40), min_size=1, max_size=3).map(tuple), min_size=1, max_size=3, unique=True)
MXS = st.lists(st.builds(Mx, st.integers(0, 65535), st.sampled_from(["mx1.service.example", "mx2.service.example", "."])), min_size=1, unique=True)


def change(after: RRset, old: Any) -> Change:
    """A change to this from what was there, if that is of the same type."""
    return Change(RRset(after.name, old[0], 60, tuple(sorted(old[1]))) if old and old[0] == after.kind else None, after)


def changes(texts: Any) -> Any:
    """Lists of changes with one for each owner and type."""
    values = st.one_of(st.tuples(st.just("MX"), MXS), st.tuples(st.just("TXT"), texts))
    rrsets = st.builds(lambda name, ttl, kind: RRset(name, kind[0], ttl, tuple(sorted(kind[1]))), NAMES, st.integers(0, 2**31 - 1), values)
    both = st.builds(change, rrsets, st.one_of(st.none(), values))
    return st.lists(both, max_size=3, unique_by=lambda one: one.key)


def read_zone(text: str) -> set[RRset]:
    found = set()
    for rrset in dns.zonefile.read_rrsets(text, rdclass=None):
        kind = rrset.rdtype.name
        values = [Mx(one.preference, one.exchange.to_text().rstrip(".") or ".") if kind == "MX" else one.strings for one in rrset]
        found.add(RRset(rrset.name.to_text().rstrip("."), kind, rrset.ttl, tuple(sorted(values))))
    return found


@given(changes(ANY_TXTS))
def test_the_zone_snippet_read_back_is_the_change(made: list[Change]) -> None:
    assert read_zone(zone_file(ZONE, made)) == {change.after for change in made}


@given(changes(TXTS))
def test_the_yaml_read_back_is_the_change(made: list[Change]) -> None:
    text = octodns(ZONE, made)
    left_out = {change.key for change in made if "# {0} TXT is not".format(fqdn(change.after.name)) in text and change.after.kind == "TXT"}
    odd = {change.key for change in made if change.after.kind == "TXT" and any(set(b'"\\') & set(b"".join(value)) for value in change.after.values)}
    assert left_out == odd
    found = set()
    for name, records in yaml.safe_load(text).items():
        for one in records:
            values = [Mx(value["preference"], value["exchange"].rstrip(".") or ".") if one["type"] == "MX" else txt(value.replace("\\;", ";"))
                      for value in one["values"]]
            found.add(RRset(".".join(filter(None, [name, ZONE])), one["type"], one["ttl"], tuple(sorted(values))))
    assert found == {change.after for change in made if change.key not in left_out}


@given(changes(TXTS))
def test_the_table_names_every_record_once(made: list[Change]) -> None:
    rows = [re.split(r"(?<!\\) \| ", line[2:-2]) for line in table(ZONE, made).splitlines() if line.startswith("| ")][1:]
    wanted = []
    for change in made:
        before = [("take out", 60, value) for value in change.removed]
        after = [("keep" if value in change.kept else "add", change.after.ttl, value) for value in change.after.values]
        wanted += [[do, fqdn(change.after.name), change.after.kind, str(ttl), shown(value)] for do, ttl, value in before + after]
    assert [[*row[:4], re.sub(r"\\([\\|])", r"\1", " | ".join(row[4:]))] for row in rows] == wanted


@given(changes(TXTS))
def test_octodns_takes_the_yaml(made: list[Change]) -> None:
    """In the order that it enforces, and without a complaint of its validation."""
    yaml_of = pytest.importorskip("octodns.yaml", reason="only where octoDNS is installed")
    from octodns.record import Record
    from octodns.zone import Zone

    zone = Zone(fqdn(ZONE), [])
    plain = [change for change in made if Mx(0, ".") not in [Mx(0, getattr(value, "host", "")) for value in change.after.values]]
    for name, records in (yaml_of.safe_load(octodns(ZONE, plain)) or {}).items():
        for data in records:
            Record.new(zone, name, data)
