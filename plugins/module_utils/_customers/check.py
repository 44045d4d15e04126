# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A customer held against the spec: each problem with its line, what is wrong and what would be right."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import BOOLEANS
from ansible_collections.mimecast.connect.plugins.module_utils._customers.source import Located, Path, Problem, Vaulted
from ansible_collections.mimecast.connect.plugins.module_utils._customers.words import near, place

WANTED = {
    "str": "a text", "path": "the name of a file", "int": "a whole number", "float": "a number", "bool": "true or false", "list": "a list", "dict": "a mapping",
}


class Check:
    """Goes through one customer; ``problems`` and ``secrets`` (paths of secrets in plain text) are what it found."""

    def __init__(self, found: Located) -> None:
        self._found = found
        self.problems: list[Problem] = []
        self.secrets: list[Path] = []

    def wrong(self, path: Path, text: str) -> None:
        """Add a problem. ``text`` must not quote a secret."""
        self.problems.append(Problem(self._found.line(path), "{0} {1}".format(place(path), text).strip()))

    def options(self, spec: dict[str, Any], rules: dict[str, Any], value: dict[str, Any], path: Path) -> None:
        """A mapping whose keys are options."""
        names = {alias: name for name, row in spec.items() for alias in (name, *row.get("aliases", ()))}
        for key, item in value.items():
            if key not in names:
                self.wrong((*path, key), "is no key that there is here{0}".format(near(key, spec)))
            else:
                self.value(spec[names[key]], item, (*path, key))
        given = {names[key] for key in value if key in names}
        for name, row in spec.items():
            if row.get("required") and name not in given:
                choices = " ({0})".format(", ".join(row["choices"])) if "choices" in row else ""
                self.wrong(path, "needs {0}{1}".format(name, choices) if path else "the file needs {0}{1}".format(name, choices))
        for group in rules.get("mutually_exclusive", ()):
            both = [name for name in group if name in given]
            if len(both) > 1:
                self.wrong((*path, both[1]), "and {0} exclude each other; leave one out".format(both[0]))

    def value(self, row: dict[str, Any], value: Any, path: Path) -> None:
        """What stands at a path, against its row of the spec."""
        if isinstance(value, Vaulted) or (isinstance(value, str) and "{{" in value):
            return  # nothing is known of it before it is used
        kind = row.get("type", "str")
        if value is None:
            self.wrong(path, "has no value; give {0}, or leave it out".format(WANTED.get(kind, "one")))
        elif not _fits(kind, value):
            hint = " in quotes" if kind == "str" and isinstance(value, bool) else ""
            self.wrong(path, "has to be {0}{1}, not {2}".format(WANTED[kind], hint, _called(value)))
        elif kind == "list":
            element = {**row, "type": row.get("elements", "raw")}
            for number, item in enumerate(value):
                self.value(element, item, (*path, number))
        elif kind == "dict" and row.get("options"):
            self.options(row["options"], row, value, path)
        elif "choices" in row and str(value) not in row["choices"]:
            self.wrong(path, "is {0!r}, which is no choice{1}".format(value, near(value, row["choices"])))
        elif row.get("no_log"):
            self.secrets.append(path)


def _fits(kind: str, value: Any) -> bool:
    if kind in ("list", "dict"):
        return isinstance(value, {"list": list, "dict": dict}[kind])
    if kind == "raw":
        return True
    if isinstance(value, (list, dict)):
        return False
    if kind == "bool":
        return (value.lower() if isinstance(value, str) else value) in BOOLEANS
    if isinstance(value, bool):
        return False
    if kind in ("int", "float"):
        try:
            {"int": int, "float": float}[kind](str(value))
        except ValueError:
            return False
    return True


def _called(value: Any) -> str:
    """Its sort and never itself, since it could be a secret in the wrong place."""
    for sort, name in ((bool, "a truth value"), ((int, float), "a number"), (str, "a text"), (list, "a list"), (dict, "a mapping")):
        if isinstance(value, sort):
            return name
    return "that"
