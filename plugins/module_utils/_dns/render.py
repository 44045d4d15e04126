# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Changes of one zone as texts for whoever owns it: a snippet for a zone file, YAML for octoDNS, and a table to read or type from."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Sequence, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._dns.records import Change, Mx, RRset, fqdn, shown
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import join

MARK = "Written by mimecast.connect.mail_dns_records"
FORMS = {"zone": "zone_file", "yaml": "octodns", "md": "table"}  # end of a file's name -> name of the form


def render(zone: str, changes: Sequence[Change]) -> Dict[str, str]:
    """Every form of the changes of one zone, by its name."""
    ordered = sorted(changes, key=lambda change: change.key)
    return {"zone_file": zone_file(zone, ordered), "octodns": octodns(zone, ordered), "table": table(zone, ordered)}


def zone_file(zone: str, changes: Sequence[Change]) -> str:
    """Master-file lines (RFC 1035 5.1): each RRset whole, in place of the one of its owner and type."""
    lines = ["; {0}".format(MARK), "; Zone {0}. These records stand in place of all others of their name and type.".format(fqdn(zone))]
    for change in changes:
        lines += ["; take out: {0}".format(line) for line in _lines(change.before, change.removed)]
    for change in changes:
        lines += _lines(change.after, change.after.values)
    return "\n".join(lines) + "\n"


def octodns(zone: str, changes: Sequence[Change]) -> str:
    """Records for the YAML provider of octoDNS, in the order that it enforces. Texts that it cannot hold are named in a comment."""
    lines = ["# {0}".format(MARK), "# Zone {0}. These records stand in place of those of their name and type.".format(fqdn(zone)), "---"]
    by_name: Dict[str, List[RRset]] = {}
    for change in changes:
        if not change.after.values:
            lines.insert(2, "# {0} {1} is not in here: it goes.".format(fqdn(change.after.name), change.after.kind))
        elif _is_plain(change.after):
            by_name.setdefault(_relative(change.after.name, zone), []).append(change.after)
        else:
            lines.insert(2, "# {0} TXT is not in here: it holds bytes that octoDNS does not take.".format(fqdn(change.after.name)))
    for name in sorted(by_name, key=_natural):
        lines.append("{0}:".format(_quoted(name)))
        for rrset in by_name[name]:
            lines += _octodns_record(rrset)
    return "\n".join(lines if by_name else [*lines, "{}"]) + "\n"


def table(zone: str, changes: Sequence[Change]) -> str:
    """A Markdown table with one record in a row."""
    rows = [("Do", "Name", "Type", "TTL", "Value")]
    for change in changes:
        before = change.before
        rows += [("take out", fqdn(before.name), before.kind, str(before.ttl), shown(value)) for value in change.removed] if before else []
        for value in change.after.values:
            rows.append(("keep" if value in change.kept else "add", fqdn(change.after.name), change.after.kind, str(change.after.ttl), shown(value)))
    cells = [[_cell(text) for text in row] for row in rows]
    lines = ["| {0} |".format(" | ".join(row)) for row in cells]
    lines.insert(1, "|---|---|---|---|---|")
    intro = "Everything that is not named here stays as it is. A value may be entered as one text; where it has more than 255 characters the name " \
            "server keeps it in pieces."
    return "<!-- {0} -->\n# Zone {1}\n\n{2}\n\n{3}\n".format(MARK, zone, intro, "\n".join(lines))


def _lines(rrset: Any, values: Sequence[Any]) -> List[str]:
    return ["{0} {1} IN {2} {3}".format(fqdn(rrset.name), rrset.ttl, rrset.kind, presented(value)) for value in values]


def presented(value: Any) -> str:
    """One record's data as zone files write it (RFC 1035 5.1)."""
    if isinstance(value, Mx):
        return shown(value)
    return " ".join('"{0}"'.format("".join(map(_escaped, part))) for part in value)


def _escaped(byte: int) -> str:
    character = chr(byte)
    if character in '"\\':
        return "\\" + character
    return character if 32 <= byte < 127 else "\\{0:03d}".format(byte)


def _octodns_record(rrset: RRset) -> List[str]:
    lines = ["  - ttl: {0}".format(rrset.ttl), "    type: {0}".format(rrset.kind), "    values:"]
    for value in rrset.values:
        if isinstance(value, Mx):
            lines += ["      - exchange: {0}".format(_quoted(fqdn(value.host))), "        preference: {0}".format(value.preference)]
        else:
            lines.append("      - {0}".format(_quoted(join(value).replace(";", "\\;"))))
    return lines


def _is_plain(rrset: RRset) -> bool:
    """octoDNS takes ASCII, and reads quotes and backslashes as its own."""
    return rrset.kind == "MX" or all(re.fullmatch(rb"[ !#-\[\]-~]+", b"".join(value)) for value in rrset.values)


def _quoted(text: str) -> str:
    """A double-quoted YAML scalar of printable ASCII."""
    return '"{0}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def _relative(name: str, zone: str) -> str:
    return "" if name == zone else name[:-len(zone) - 1]


def _natural(name: str) -> List[Tuple[int, Any]]:
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name)]


def _cell(text: str) -> str:
    """A text that stays in its cell: no end of line, no bar."""
    return "".join(character if character.isprintable() else " " for character in text).replace("\\", "\\\\").replace("|", "\\|")
