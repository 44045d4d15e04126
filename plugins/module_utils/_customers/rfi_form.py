# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The Request for Information form as Markdown and CSV, and the handover to whoever sends it."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Mapping
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._customers.rfi import Declared, Question, questions
from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover
from ansible_collections.mimecast.connect.plugins.module_utils._pages.blocks import Block, Heading, Page, Paragraph, Table, one_line
from ansible_collections.mimecast.connect.plugins.module_utils._pages.markdown import markdown

MISSING, NONE = "missing", "none"
# Programs for tables take a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@")


def as_markdown(customer: Mapping[str, Any], name: str) -> str:
    """A table for each section of the form."""
    blocks: list[Block] = [Paragraph("What the vendor's Connect team asks before it makes the account, from the customer file.")]
    for section, rows in itertools.groupby(questions(Declared(customer), name), lambda row: row.section):
        table = tuple((row.question, ", ".join(row.answers) or _empty(row)) for row in rows)
        blocks += [Heading(2, section), Table(("Question", "Answer"), table)]
    return markdown(Page("Request for Information: {0}".format(name), tuple(blocks)))


def as_csv(customer: Mapping[str, Any], name: str) -> str:
    """A row for each answer, with whether it is given, missing, or need not be there (RFC 4180, with a line feed)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("section", "question", "answer", "state"))
    for row in questions(Declared(customer), name):
        for answer in row.answers or ("",):
            writer.writerow((row.section, row.question, _cell(answer), "given" if answer else _empty(row)))
    return text.getvalue()


def _empty(row: Question) -> str:
    return MISSING if row.needed else NONE


def _cell(value: str) -> str:
    found = one_line(value)
    # A telephone number is none, and people need it as it is.
    number = found.startswith("+") and found[1:].replace(" ", "").isdigit()
    return "'" + found if found.startswith(_FORMULA) and not number else found


def handovers(customer: Mapping[str, Any], name: str, dest: str = "") -> list[dict[str, Any]]:
    """Who sends the form, and who writes down the account code: no handover once the customer file has both."""
    declared = Declared(customer)
    sent, code = declared.text("done", "rfi"), declared.text("account_code")
    if sent and code:
        return []
    steps = [] if sent or code else [*_answers(declared, name, dest), "Send the form.", *_considered(declared)]
    if not sent:
        steps.append("Write the day on which the form was sent into the customer file, as done.rfi.")
    if not code:
        steps.append("Write the account code, which the Connect team tells once the account is made, into the customer file, as account_code.")
    title = "Send the Request for Information of {0}" if not sent and not code else "Finish the Request for Information of {0}"
    found = Handover(
        title=title.format(name),
        for_whom="whoever got the introductory e-mail of the vendor's Connect team" if not sent else "whoever hears from the vendor's Connect team",
        steps=tuple(steps),
        why="The form is behind a link of its own, which no API reaches, and the vendor's staff make the account.",
        gone_when="The customer file has account_code and done.rfi.",
    )
    return [found.as_dict()]


def _answers(declared: Declared, name: str, dest: str) -> list[str]:
    steps = ["Open the link in the introductory e-mail of the Connect team, which is for this customer only."]
    for section, rows in itertools.groupby(questions(declared, name), lambda row: row.section):
        told = ["{0}: {1}".format(row.question, ", ".join(row.answers)) for row in rows if row.answers]
        if told and section != "Besides":
            steps.append("{0}: enter {1}.".format(section, "; ".join(told)))
    if dest:
        steps.append("All answers are in {0} as well.".format(dest))
    return steps


def _considered(declared: Declared) -> list[str]:
    """What no step of the journey moves (Connect Process - Steps, Implementation Considerations)."""
    archive = "Decide whether the archived mail of before is to be imported, and export it while the old archive can still be read."
    policies = "Write down the policies of the service of before that are to hold here too, since it may not be able to export them."
    return [*([archive] if declared.text("service") in ("archiving", "both") else []), policies]
