# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mimecast_users: send files of users, wait for the service to work them off, and say which rows it left out."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import time
from collections.abc import Iterator
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError, ConnectError, InputError, OutcomeUnknown
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._engine.manage import Interrupted
from ansible_collections.mimecast.connect.plugins.module_utils._resources.users import IMPORT_STATUS, IMPORT_USERS
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.users_plan import FILE, Directory, Plan, make_plan
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.users_rows import USER_SPEC, User, first_of, from_file, from_options

PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds between looks at an import; the last one repeats
WAIT = 600  # seconds for all imports together
TELL = 5.0  # seconds between signs of life while an import is awaited
LOOKS = (0.0, 1.0, 2.0, 4.0, 8.0)  # seconds between looks at the users after an import whose outcome is in doubt
# The words of the service are not published: these are parts of them.
_FINISHED = ("complet", "finish", "success", "done")
_FAILED = ("fail", "error", "abort", "cancel", "reject")
_AGAIN = "Run again: only what is missing then is imported"


def work(context: Context) -> dict[str, Any]:
    """Validate, compare, and unless in check mode import what is missing."""
    given = context.params
    users = from_file(given["src"]) if given["src"] else from_options(given["users"])
    _check(given, users)
    client = context.client
    group = (given["group"] or "").strip()
    directory = Directory(client, group)
    plan = make_plan(directory, users, group, given["clear_group"])
    # Passwords of a file are no options, which Ansible would hide by itself.
    client.secrets.update(user.password for file in plan.files for user in file if user.password)
    result = {"changed": bool(plan.files), "users": plan.summary, "changes": plan.changes, "diff": plan.diff, "imports": [], "rejected": []}
    if context.dry or not plan.files:
        return result
    return {**result, **Imports(client, directory, plan, given["wait_timeout"] if given["wait"] else None).carry_out()}


def _check(given: dict[str, Any], users: list[User]) -> None:
    if given["wait_timeout"] < 1:
        raise InputError("wait_timeout is {0}: give a number of seconds, not less than 1".format(given["wait_timeout"]))
    if not given["clear_group"]:
        return
    begin = "Cannot import users into group {0!r}: clear_group ".format(given["group"])
    if not given["allow_clear_group"]:
        raise InputError(begin + "takes all other members out of it; set allow_clear_group: true if that is meant")
    if not users:
        raise InputError(begin + "without any user would only empty it; use mimecast_group with an empty set of members for that")
    if len(users) > FILE and not given["wait"]:
        raise InputError(begin + "with more than {0} users takes several imports, of which the first clears; set wait: true".format(FILE))


class Imports:
    """The imports of one plan, one after the other. ``timeout`` is in seconds for all of them; None: do not wait."""

    def __init__(self, client: Client, directory: Directory, plan: Plan, timeout: int | None) -> None:
        self._client = client
        self._directory = directory
        self._plan = plan
        self._timeout = timeout
        self._deadline = time.monotonic() + (timeout or 0)
        self._imports: list[dict[str, Any]] = []
        self._rejected: list[dict[str, Any]] = []

    def carry_out(self) -> dict[str, Any]:
        """What to add to the result. Rows that the service left out are told when all files are through."""
        done: list[dict[str, Any]] = []
        for change, file in zip(self._plan.changes, self._plan.files):
            try:
                import_id = self._send(change, file)
                done.append(change)
                if import_id and self._timeout is not None and not self._finish(change, file, import_id):
                    return self._told(done, "Cannot see the end of the import of users {0}: after {1} s its status is {2!r}. It goes on "
                                      "at the service: see it in the console, or ask get-import-status for the id in imports. {3}".format(
                                          change["name"], self._timeout, self._imports[-1]["status"], _AGAIN))
            except ConnectError as error:
                raise Interrupted(error, done) from error
        if not self._rejected:
            return {"imports": self._imports}
        lines = ["line {line}, {email}: {reason}".format(**one) for one in self._rejected]
        return self._told(done, "Cannot import {0} of {1} users, the service left them out: {2}. Correct them and run again".format(
            len(lines), sum(map(len, self._plan.files)), first_of(lines)))

    def _told(self, done: list[dict[str, Any]], message: str) -> dict[str, Any]:
        return {"failed": True, "msg": message, "changes": done, "imports": self._imports, "rejected": self._rejected}

    def _send(self, change: dict[str, Any], file: list[User]) -> str:
        """The id of the import; '' when its answer was lost but the tenant shows its users."""
        what = "import users {0}".format(change["name"])
        clears = bool(change["options"])
        wish = {"fileType": "csv", **({"groupId": self._directory.group_id, "clearGroup": clears} if self._directory.group_id else {})}
        headers = {"Content-Type": "text/csv", "x-mc-arg": json.dumps({"data": [wish]})}
        try:
            answer = self._client.write(IMPORT_USERS, what, content=_csv(file), headers=headers)
        except OutcomeUnknown as error:
            # Sent twice, it could clear the group while the first import fills it.
            if not self._missing(file, self._plan.cleared if clears else []):
                return ""
            raise OutcomeUnknown("{0}. The tenant does not show them all, but may be at work. {1}".format(error, _AGAIN)) from None
        except ApiError as error:
            if any(user.password for user in file):
                raise ApiError("{0}. One password that the service does not take fails the whole import".format(error), error.status, error.code) from None
            raise
        import_id = str(_first(answer).get("id") or "")
        if not import_id:
            raise ApiError("Cannot follow the import of users {0}: the answer holds no id. {1}".format(change["name"], _AGAIN))
        self._imports.append({"id": import_id, "users": len(file), "status": ""})
        return import_id

    def _finish(self, change: dict[str, Any], file: list[User], import_id: str) -> bool:
        """Whether the import ended in time; what it left out is added to the rejected rows."""
        what = "read the state of the import of users {0}, which was sent".format(change["name"])
        for pause in _growing():
            pause = min(pause, self._deadline - time.monotonic())
            if pause < 0:
                return False
            self._wait(pause, "import users {0}".format(change["name"]))
            found = _first(self._client.read(IMPORT_STATUS, what, body={"data": [{"id": import_id}]}))
            status = self._imports[-1]["status"] = str(found.get("status") or "")
            taken = found.get("successfulImportedUsers")
            if taken == len(file):
                return True
            if any(word in status.lower() for word in _FINISHED):
                self._leave_out(file, found.get("reportFile"), len(file) - taken if isinstance(taken, int) else None)
                return True
            if any(word in status.lower() for word in _FAILED):
                raise ApiError("Cannot import users {0}: the service gave the import up (status {1!r}). {2}".format(change["name"], status, _AGAIN))
        return False

    def _wait(self, seconds: float, what: str) -> None:
        start = time.monotonic()
        while True:
            status = self._imports[-1]["status"]
            self._client.progress("{0}: {1}".format(what, "its status is {0!r}".format(status) if status else "sent"))
            left = start + seconds - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, TELL))

    def _leave_out(self, file: list[User], report: Any, expected: int | None) -> None:
        """Which rows are missing: from the report if it accounts for all of them, else by reading the users again."""
        reasons = _reasons(report, {user.email for user in file})
        missing = [user for user in file if user.email in reasons]
        if len(missing) != expected:
            missing = self._missing(file, [])
        self._rejected += [
            {"line": user.line, "email": user.email, "reason": reasons.get(user.email, "the service does not say why")} for user in missing
        ]

    def _missing(self, file: list[User], cleared: list[str]) -> list[User]:
        """The users that the tenant does not hold as declared, all of them while the group is not cleared. Looks for some seconds."""
        found = file
        for pause in LOOKS:
            time.sleep(pause)
            self._directory.read()
            found = file if self._directory.members.intersection(cleared) else [user for user in file if self._directory.lack(user)]
            if not found:
                break
        return found


def _growing() -> Iterator[float]:
    yield from PAUSES
    while True:
        yield PAUSES[-1]


def _csv(file: list[User]) -> bytes:
    """CSV as the reference has it: it starts with these columns and ends with a line break. The place of passwords is not published."""
    secret = any(user.password for user in file)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["email", "name", "mobile", *(["password"] if secret else [])])
    writer.writerows([user.email, user.name, "", *([user.password] if secret else [])] for user in file)
    return text.getvalue().encode()


def _reasons(report: Any, addresses: set[str]) -> dict[str, str]:
    """The reason for each address that a report names. Its form is not published: CSV with an address in some cell is understood."""
    found: dict[str, str] = {}
    with contextlib.suppress(csv.Error):
        for cells in csv.reader(io.StringIO(report if isinstance(report, str) else "", newline="")):
            named = next((cell.strip().lower() for cell in cells if cell.strip().lower() in addresses), None)
            if named:
                found[named] = " ".join(cells[-1].split()) or "the service does not say why"
    return found


def _first(answer: dict[str, Any]) -> dict[str, Any]:
    data = answer.get("data")
    return data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else {}


JOB = Job(
    {
        **API_SPEC,
        "users": {"type": "list", "elements": "dict", "options": USER_SPEC},
        "src": {"type": "path"},
        "group": {"type": "str"},
        "clear_group": {"type": "bool", "default": False},
        "allow_clear_group": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": WAIT},
    },
    work,
    {"required_one_of": [["users", "src"]], "mutually_exclusive": [["users", "src"]], "required_if": [["clear_group", True, ["group"]]]},
)
