# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import of users from CSV. The file is judged at once; what it does is seen when import_duration_ms have passed."""
from __future__ import annotations

import csv
import io
import time
from functools import partial

from . import formats, legacy
from .call import Call
from .errors import Answer, invalid
from .groups_model import FORBIDDEN_ADDRESS, GROUPS, IMPORTS, MEMBERS, USERS, domain_of, internal_domains, now, writable
from .resources import Body, Handler, found, with_ids

_COLUMNS = ["email", "name", "mobile"]


def import_users(call: Call) -> Answer:
    wish = dict(call.headers["x-mc-arg"]["data"][0])
    wish.pop("fileType", None)
    group = _group(call, wish)
    rows = _read(call.body)
    good, refused = _judge(rows, internal_domains(call))
    lag_s, seconds = call.lag_s, call.settings["import_duration_ms"] / 1000
    call.lag_s = max(lag_s, seconds)
    if group is not None and wish.get("clearGroup"):
        for ref, _body in call.state.store.rows(call.tenant, MEMBERS.kind, section=group):
            call.delete(MEMBERS.kind, ref)
    _write_users(call, good)
    if group is not None:
        _write_members(call, good, group)
    call.lag_s = lag_s
    # The end is set last: a client that sees "completed" must see the users.
    job = {**IMPORTS.defaults, **wish, "created": now(), "until": time.time() + seconds, "totalUsers": len(rows),
           "successfulImportedUsers": len(rows) - len(refused), "reportFile": _report(refused)}
    if group is not None:
        job["groupId"] = group
    return legacy.answer([{"id": call.id_of(IMPORTS.number, call.insert(IMPORTS.kind, job))}])


def import_status(call: Call, item: Body) -> Body:
    ref = legacy.ref_of(call, IMPORTS, item["id"])
    job = found(call.state.store.visible(call.tenant, IMPORTS.kind, ref))
    shown = {"id": item["id"], "status": "completed", **with_ids(call, IMPORTS, job)}
    if time.time() < shown.pop("until"):
        shown.update(status="processing", successfulImportedUsers=0, reportFile="")
    return shown


def _group(call: Call, wish: Body) -> int | None:
    if "groupId" not in wish:
        if wish.get("clearGroup"):
            raise invalid("groupId", "clearGroup needs a group", "err_validation_null")
        return None
    ref = legacy.ref_of(call, GROUPS, wish["groupId"])
    writable(call, ref)
    return ref


def _read(text: str) -> list[tuple[int, list[str]]]:
    """The rows below the heading, which is row 1, with their numbers; empty ones do not count as users."""
    if not text.endswith("\n"):
        raise invalid(None, "the file does not end with a line break")
    try:
        rows = list(csv.reader(io.StringIO(text)))
    except csv.Error as error:
        raise invalid(None, "the file is not CSV") from error
    if rows[0][:len(_COLUMNS)] != _COLUMNS:
        raise invalid(None, f"the columns do not start with {','.join(_COLUMNS)}")
    return [(number, row) for number, row in enumerate(rows[1:], start=2) if row]


def _judge(rows: list[tuple[int, list[str]]],
           internal: set[str]) -> tuple[dict[str, Body], list[tuple[int, str, str]]]:
    """(what is known of each good address, (row, address, error code) of each bad one)."""
    good: dict[str, Body] = {}
    refused = []
    for number, row in rows:
        address = row[0]
        if not formats.CHECKER.conforms(address, "sandbox-address"):
            refused.append((number, address, "err_validation_invalid_email_address"))
        elif domain_of(address) not in internal:
            refused.append((number, address, FORBIDDEN_ADDRESS))
        else:
            facts = zip(_COLUMNS[1:], row[1:], strict=False)
            good[address.lower()] = {"emailAddress": address, **{name: value for name, value in facts if value}}
    return good, refused


def _write_users(call: Call, good: dict[str, Body]) -> None:
    fresh = []
    for name, facts in good.items():
        ref = call.state.store.find(call.tenant, USERS.kind, name)
        if ref is None:
            fresh.append(USERS.complete({**USERS.defaults, "type": "created_by_import", **facts}))
        else:
            current = call.state.store.get(call.tenant, USERS.kind, ref) or {}
            change = {key: value for key, value in facts.items() if key != "emailAddress"}
            call.update(USERS.kind, ref, {**current, **change, "updatedDateTime": now()})
    call.insert_all(USERS.kind, fresh)


def _write_members(call: Call, good: dict[str, Body], group: int) -> None:
    find = partial(call.state.store.find, call.tenant, MEMBERS.kind, section=group)
    call.insert_all(MEMBERS.kind, [
        {"groupId": group, "type": "created_by_import",
         **{key: value for key, value in facts.items() if key in MEMBERS.fields}}
        for name, facts in good.items() if find(name) is None])


def _report(refused: list[tuple[int, str, str]]) -> str:
    """CSV with a heading, or nothing where every row was taken."""
    if not refused:
        return ""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("row", "email", "error"), *refused])
    return text.getvalue()


HANDLERS: dict[str, Handler] = {
    "legacyImportUsers": import_users,
    "legacyGetImportStatus": partial(legacy.each, work=import_status),
}
