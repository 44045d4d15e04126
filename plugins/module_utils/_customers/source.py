# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Customer files read into plain data, with the line of each value."""

from __future__ import annotations

import csv
import datetime
import io
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ansible_collections.mimecast.connect.plugins.module_utils._customers.words import near

try:
    import yaml
except ImportError:  # whoever calls this runs inside of Ansible, which needs it
    yaml = None

MERGE = "tag:yaml.org,2002:merge"
STANDARD = "tag:yaml.org,2002:"
VAULT = ("!vault", "!vault-encrypted")
SEPARATOR = ";"
# column -> where its value stands in a customer file; a * stands for each of its entries
COLUMNS = {
    "name": (),
    "service": ("service",),
    "account_code": ("account_code",),
    "region": ("region",),
    "infrastructure": ("infrastructure", "type"),
    "on_premises": ("infrastructure", "on_premises"),
    "cloud": ("infrastructure", "cloud"),
    "domains": ("domains", "*", "name"),
    "outbound_addresses": ("outbound_addresses", "addresses", "set", "*"),
    "inbound_addresses": ("inbound_addresses", "*"),
    "forwarding_addresses": ("forwarding_addresses", "*"),
    "contact_name": ("contacts", 0, "name"),
    "contact_email": ("contacts", 0, "email"),
    "contact_mobile_phone": ("contacts", 0, "mobile_phone"),
    "directory": ("directory", "type"),
    "journaling": ("journaling", "method"),
    "dns_owner": ("dns_owner", "name"),
    **{"done_" + step: ("done", step) for step in ("rfi", "outbound", "recipient_validation", "journaling", "inbound", "firewall_lockdown")},
}
Path = tuple  # of keys and places


class Vaulted(str):
    """A value that a vault keeps, as it stands in the file."""


class Problem(NamedTuple):
    """What is wrong at a line, and what would be right."""

    line: int
    text: str


@dataclass
class Located:
    """One customer as declared: plain data, the line of each path in it, and what was wrong with reading it."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    name: str = ""  # given in CSV only

    def line(self, path: Path) -> int:
        """That of the value, or of the nearest that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def from_yaml(text: str) -> Located:
    """One customer. Whatever is wrong with the YAML stands in ``problems``."""
    found = Located()
    loader = None
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        node = loader.get_single_node()
        if node is None:
            found.problems.append(Problem(1, "the file is empty; a customer needs at least service and infrastructure"))
        else:
            found.data = _Reader(loader, found).value(node, (), ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        found.problems.append(Problem(mark.line + 1 if mark else 1, "this is no YAML: {0}".format(error.problem or error.context)))
    except (yaml.YAMLError, RecursionError) as error:
        found.problems.append(Problem(1, "this is no YAML: {0}".format(" ".join(str(error).split()) or "it is nested too deeply")))
    finally:
        if loader is not None:
            loader.dispose()
    return found


class _Reader:
    """Nodes of YAML into plain data."""

    def __init__(self, loader: Any, found: Located) -> None:
        self._loader, self._found = loader, found

    def value(self, node: Any, path: Path, above: tuple[int, ...]) -> Any:
        """``above`` are the nodes around this one, so that none can hold itself."""
        line = node.start_mark.line + 1
        self._found.lines.setdefault(path, line)
        if id(node) in above:
            return self._wrong(line, "an alias must not refer to what it stands in")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, line)
        if not node.tag.startswith(STANDARD):
            return self._wrong(line, "the tag {0} has no meaning here; only !vault has".format(node.tag))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, place), (*above, id(node))) for place, item in enumerate(node.value)]
        return self._mapping(node, path, (*above, id(node)))

    def _mapping(self, node: Any, path: Path, above: tuple[int, ...]) -> dict[str, Any]:
        seen: dict[str, int] = {}
        for key, _value in node.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and key.tag != MERGE and seen.setdefault(key.value, line) != line:
                self._wrong(line, "{0} stands here again, after line {1}; one of both has to go".format(key.value, seen[key.value]))
        if any(key.tag == MERGE for key, _value in node.value):
            self._loader.flatten_mapping(node)
        found = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self._wrong(line, "a key has to be a plain word")
                continue
            # The text, since YAML takes an unquoted `on` for a truth.
            place = (*path, key.value)
            self._found.lines[place] = line
            found[key.value] = self.value(value, place, above)
        return found

    def _scalar(self, node: Any, line: int) -> Any:
        if node.tag in VAULT:
            if not node.value.lstrip().startswith("$ANSIBLE_VAULT;"):
                return self._wrong(line, "what follows !vault is not from a vault; make it with ansible-vault encrypt_string")
            return Vaulted(node.value)
        if not node.tag.startswith(STANDARD):
            return self._wrong(line, "the tag {0} has no meaning here; only !vault has".format(node.tag))
        try:
            value = self._loader.construct_object(node)
        except (ValueError, OverflowError):
            return self._wrong(line, "this looks like a number or a day, and is none; write it in quotes if it is a text")
        # A day is a text, as all options take it.
        return value.isoformat() if isinstance(value, datetime.date) else value

    def _wrong(self, line: int, text: str) -> None:
        self._found.problems.append(Problem(line, text))


def from_csv(text: str) -> tuple[list[Located], list[Problem]]:
    """A customer for each row, and what is wrong with the whole file."""
    first = text.lstrip("\ufeff").splitlines()[:1]
    delimiter = "\t" if first and "\t" in first[0] and "," not in first[0] else ","
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter, strict=True)
    try:
        heading = [cell.strip().lower() for cell in next(rows, [])]
        problems = _heading_problems(heading)
        found = []
        for row in rows if not problems else ():
            if any(cell.strip() for cell in row):
                found.append(_row(heading, row, rows.line_num))
        return found, problems
    except csv.Error as error:
        return [], [Problem(rows.line_num, "this is no CSV: {0}".format(error))]


def _heading_problems(heading: list[str]) -> list[Problem]:
    problems = [Problem(1, "there is no column {0!r}{1}".format(name, near(name, COLUMNS))) for name in heading if name not in COLUMNS]
    problems += [Problem(1, "the column {0} stands there twice".format(name)) for name in sorted({name for name in heading if heading.count(name) > 1})]
    problems += [Problem(1, "the column {0} is missing".format(name)) for name in ("service", "infrastructure") if name not in heading]
    return problems


def _row(heading: list[str], row: list[str], line: int) -> Located:
    found = Located({}, {(): line})
    if len(row) > len(heading):
        found.problems.append(Problem(line, "the row has {0} cells, and the heading {1}".format(len(row), len(heading))))
    for column, cell in zip(heading, row):
        text = cell.strip()
        if column == "name":
            found.name = text
        elif text:
            entries = [part.strip() for part in text.split(SEPARATOR) if part.strip()] if "*" in COLUMNS[column] else [text]
            for place, entry in enumerate(entries):
                _put(found.data, tuple(place if key == "*" else key for key in COLUMNS[column]), entry)
    return found


def _put(data: Any, path: Path, value: str) -> None:
    """Set what stands at the path, with all that is needed around it."""
    for key, following in zip(path, (*path[1:], None)):
        inner = value if following is None else [] if isinstance(following, int) else {}
        if isinstance(data, dict):
            data = data.setdefault(key, inner)
        else:
            if key == len(data):
                data.append(inner)
            data = data[key]
