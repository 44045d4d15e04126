# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Many customers beside each other: their hosts, and who has what only one can have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from ansible_collections.mimecast.connect.plugins.module_utils._customers.customer import Customer, judge
from ansible_collections.mimecast.connect.plugins.module_utils._customers.source import Problem, from_csv, from_yaml

STEM, ACCOUNT_CODE = "stem", "account_code"
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")


class Entry(NamedTuple):
    """A customer, the file that has it, and the name of its host ('' when it has none that is right)."""

    file: str
    customer: Customer
    host: str

    def __str__(self) -> str:
        return "{0}:{1}".format(self.file, self.customer.line)


def entries(file: str, stem: str, text: str, named_by: str) -> list[Entry]:
    """The customers of one file; ``stem`` is its name without folder and suffix."""
    if not file.lower().endswith(".csv"):
        return [_entry(file, stem, judge(from_yaml(text)), named_by)]
    rows, problems = from_csv(text)
    found = [_entry(file, row.name, judge(row), named_by) for row in rows]
    if problems:
        found.append(Entry(file, Customer(problems=problems), ""))
    elif not rows:
        found.append(Entry(file, Customer(problems=[Problem(1, "there is no customer in it; a row below the heading is one")]), ""))
    return found


def _entry(file: str, name: str, customer: Customer, named_by: str) -> Entry:
    host = name if named_by == STEM else customer.account_code.lower()
    if not customer.problems and not _HOST.match(host):
        wanted = "the file's name (in CSV the column name)" if named_by == STEM else "account_code"
        customer.problems.append(Problem(customer.line, "{0} is the host's name, and {1!r} is none; letters, digits, dots, hyphens and underscores make one"
                                         .format(wanted, host)))
    return Entry(file, customer, host)


def add_collisions(found: list[Entry]) -> None:
    """What two customers share that only one can have is a problem of each of them, since nobody knows which one is right."""
    _collide(found, "host name", lambda entry: {entry.host.lower()})
    _collide(found, "account code", lambda entry: {entry.customer.account_code})
    # It has one journal address and one log-in: what one customer writes would come to the archive of the other.
    _collide(found, "mail server", lambda entry: _mail_servers(entry.customer))


def _mail_servers(customer: Customer) -> set[str]:
    infrastructure = customer.data.get("infrastructure")
    hosts = infrastructure.get("hosts") if isinstance(infrastructure, dict) else None
    return {host for host in hosts if isinstance(host, str) and "{{" not in host} if isinstance(hosts, list) else set()


def _collide(found: Iterable[Entry], what: str, keys: Callable[[Entry], set[str]]) -> None:
    by_key: dict[str, list[Entry]] = {}
    for entry in found:
        for key in sorted(keys(entry) - {""}):
            by_key.setdefault(key, []).append(entry)
    for value, same in by_key.items():
        for entry in same if len(same) > 1 else ():
            others = " and ".join(str(other) for other in same if other is not entry)
            entry.customer.problems.append(Problem(entry.customer.line, "the {0} {1} is also that of {2}; each customer has its own".format(
                what, value, others)))


def told(entry: Entry) -> str:
    """All that is wrong with an entry, a line for each."""
    return "\n".join("{0}:{1}: {2}".format(entry.file, problem.line, problem.text) for problem in entry.customer.problems)
