# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Users as people give them: a list, a CSV file or an XLSX file. Everything wrong with them is said at once, by line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values

USER_SPEC = {"email": {"type": "str", "required": True}, "name": {"type": "str"}, "password": {"type": "str", "no_log": True}}
COLUMNS = tuple(USER_SPEC)
# Where the console looks for the heading: A1:M99 (docs/service.md).
HEADING_LINES = 99
HEADING_COLUMNS = 13
SHOWN = 20  # problems that one error lists
_QUOTE = re.compile("[\"\u201c\u201d]|^'")
_DELIMITERS = (",", ";", "\t")  # spreadsheets write what the locale says

Line = tuple[int, "list[Any]"]


class User(NamedTuple):
    """A valid row. ``line`` is that of the file, or the place in the list; '' stands for no name or no password."""

    line: int
    email: str
    name: str
    password: str


def from_options(users: list[dict[str, Any]]) -> list[User]:
    """The users of the option ``users``, counted from 1."""
    rows = ((number, [user.get(column) for column in COLUMNS]) for number, user in enumerate(users, 1))
    return _checked(rows, "the option users", "user")


def from_file(path: str) -> list[User]:
    """The users of a file. InputError when it cannot be read, has no heading, or any of its rows is bad."""
    low = path.lower()
    if low.endswith((".xls", ".xlsm", ".xlsb", ".ods")):
        raise InputError("Cannot import users from {0!r}: save it as XLSX or CSV".format(path))
    lines = _sheet(path) if low.endswith(".xlsx") else _csv(path)
    return _checked(_below_heading(lines, path), repr(path), "line")


def _csv(path: str) -> list[Line]:
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except OSError as error:
        raise InputError("Cannot import users from {0!r}: {1}".format(path, error.strerror or error)) from None
    except UnicodeDecodeError as error:
        # error.start counts from the beginning of what was decoded last, so it names no line.
        raise InputError("Cannot import users from {0!r}: it is not UTF-8 ({1}); save it as CSV UTF-8".format(path, error.reason)) from None
    # Lax, since with the wrong delimiter quotes stand in odd places.
    likely = (delimiter for delimiter in _DELIMITERS if _heading(list(islice(_csv_lines(text, delimiter, path, strict=False), HEADING_LINES))) is not None)
    return list(_csv_lines(text, next(likely, ","), path, strict=True))


def _csv_lines(text: str, delimiter: str, path: str, strict: bool) -> Iterator[Line]:
    # newline="", or a quoted cell that holds a line break would lose it; strict, or an open quote would swallow the rest.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError("Cannot import users from {0!r}: line {1} is not CSV ({2})".format(path, line, error)) from None


def _sheet(path: str) -> list[Line]:
    try:
        import openpyxl  # takes a quarter of a second, which no other job should pay
    except ImportError:
        raise InputError("Cannot import users from {0!r}: {1}".format(path, missing_required_lib("openpyxl"))) from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            return [(number, list(cells)) for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1)]
        finally:
            book.close()
    except OSError as error:
        raise InputError("Cannot import users from {0!r}: {1}".format(path, error.strerror or error)) from None
    except Exception as error:  # a damaged file makes openpyxl, zipfile and the XML parser raise whatever they like
        raise InputError("Cannot import users from {0!r}: it is not a readable XLSX file ({1})".format(path, type(error).__name__)) from None


def _heading(lines: list[Line]) -> int | None:
    """Place of the line that holds the word ``email``."""
    return next((place for place, (line, cells) in enumerate(lines[:HEADING_LINES])
                 if line <= HEADING_LINES and "email" in map(_word, cells[:HEADING_COLUMNS])), None)


def _word(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _below_heading(lines: list[Line], path: str) -> Iterator[Line]:
    """The cells email, name and password of each line below the heading; empty lines are left out."""
    place = _heading(lines)
    if place is None:
        raise InputError("Cannot import users from {0!r}: no cell of the first {1} lines and the columns A to M is 'email'{2}".format(
            path, HEADING_LINES, _near_miss(lines)))
    number, cells = lines[place]
    words = [_word(cell) for cell in cells[:HEADING_COLUMNS]]
    twice = [column for column in COLUMNS if words.count(column) > 1]
    if twice or "name" not in words:
        problem = "{0!r} stands there twice".format(twice[0]) if twice else "'name' is missing (the case of letters matters)"
        raise InputError("Cannot import users from {0!r}: the heading in line {1} must hold email, name and, if wanted, password: {2}".format(
            path, number, problem))
    columns = [words.index(column) if column in words else None for column in COLUMNS]
    for line, cells in islice(lines, place + 1, None):
        if any(cell not in (None, "") for cell in cells):
            yield line, [cells[column] if column is not None and column < len(cells) else None for column in columns]


def _near_miss(lines: list[Line]) -> str:
    for line, cells in lines[:HEADING_LINES]:
        for cell in cells:
            if _word(cell).lower() == "email":
                return "; line {0} has {1!r}, but the case of letters and the columns matter".format(line, _word(cell))
    return ""


def _checked(rows: Iterable[Line], source: str, place: str) -> list[User]:
    found: list[User] = []
    problems: list[str] = []
    first: dict[str, int] = {}
    for line, cells in rows:
        wrong: list[str] = []
        user = User(line, *(_cell(clean, column, cell, wrong) for clean, column, cell in zip((_email, values.text, _password), COLUMNS, cells)))
        if user.email and first.setdefault(user.email, line) != line:
            wrong.append("{0} stands in {1} {2} already".format(user.email, place, first[user.email]))
        problems += ["{0} {1}: {2}".format(place, line, text) for text in wrong]
        found.append(user)
    if problems:
        raise InputError("Cannot import users from {0}, nothing was sent. {1}: {2}".format(
            source, "1 problem" if len(problems) == 1 else "{0} problems".format(len(problems)), first_of(problems)))
    return found


def first_of(texts: list[str]) -> str:
    """The first texts of a list that can be long, and how many there are besides."""
    more = len(texts) - SHOWN
    return "; ".join(texts[:SHOWN]) + ("; and {0} more".format(more) if more > 0 else "")


def _cell(clean: Any, column: str, cell: Any, wrong: list[str]) -> str:
    try:
        return clean("" if cell is None else cell)
    except ValueError as error:
        wrong.append("{0}{1}: {2}".format(column, "" if column == "password" else " {0!r}".format(str(cell)[:80]), error))
        return ""


def _email(cell: Any) -> str:
    given = str(cell)
    if not given:
        raise ValueError("it is missing")
    if re.search(r"\s", given):
        raise ValueError("an address holds no blanks")
    if _QUOTE.search(given):
        raise ValueError("an address stands without quotes")
    return values.address(given)


def _password(cell: Any) -> str:
    """The rules of the service are not public. This much can be no password, and one bad one fails its whole import."""
    if not isinstance(cell, str):
        raise ValueError("the cell holds a number or a date; make it text, or what the service gets is not what is shown")
    if not cell.isprintable() or cell != cell.strip():
        raise ValueError("it must be one line without control characters or blanks at its ends (a bad password fails a whole import)")
    return cell
