# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's side of a change that takes itself back: come back over a new connection, check, and only then keep it."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connectivity import JOB as CHECKS
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connectivity import prepared
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job, execute, masked, secrets_in

PAUSE_S = 1.0
LATE_S = 3.0  # after its time, within which the target has gone back


class ConfirmedAction(ActionBase):
    """Base of an action whose module knows confirm_timeout and confirm_end."""

    _supports_check_mode = True
    _supports_diff = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result, with what became of the change."""
        result = super().run(tmp, task_vars)
        args, task_vars = dict(self._task.args), task_vars or {}
        checks = args.pop("confirm_checks", None) or []
        wrong = self._wrong(args, checks)
        if wrong:
            return {**result, "failed": True, "changed": False, "msg": wrong}
        if not args.get("confirm_timeout"):
            return {**result, **self._execute_module(module_args=args, task_vars=task_vars, wrap_async=self._task.async_val)}
        started = time.monotonic()
        try:
            began = self._execute_module(module_args=args, task_vars=task_vars)
        except AnsibleConnectionFailure as error:
            raise AnsibleConnectionFailure("{0}. {1}".format(error, _by_itself(args))) from None
        if "module_stdout" in began:  # it said nothing that is a result, so it died
            began["msg"] = "{0} {1}".format(began.get("msg", ""), _by_itself(args)).strip()
        name = began.pop("waits", None)
        if not name:
            return {**result, **began}
        return {**result, **began, **_Confirmation(self, args, began["backend"], name, task_vars, started).end(checks)}

    def cleanup(self, force: bool = False) -> None:
        """A target that cannot be reached any more keeps its temporary files, and the result its own words."""
        with contextlib.suppress(AnsibleConnectionFailure):
            super().cleanup(force)

    def _wrong(self, args: dict[str, Any], checks: Any) -> str:
        if not checks:
            return "" if not (args.get("confirm_timeout") and self._task.async_val) else "confirm_timeout does not go with async"
        if not args.get("confirm_timeout"):
            return "confirm_checks requires confirm_timeout"
        return _verdicts(checks, only_prepare=True).get("msg", "")

    def new_connection(self) -> None:
        """The next module call does not use what was open before the change."""
        with contextlib.suppress(AttributeError, AnsibleError):
            self._connection.reset()

    def on_target(self, args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """A call of the module."""
        return self._execute_module(module_args=args, task_vars=task_vars)


class _Confirmation:
    """One change that waits."""

    def __init__(self, action: ConfirmedAction, args: dict[str, Any], backend: str, name: str, task_vars: dict[str, Any], started: float) -> None:
        self.action = action
        self.args = {**args, "backend": backend}
        self.name = name
        self.task_vars = task_vars
        self.until = started + int(args["confirm_timeout"]) + LATE_S

    def end(self, checks: list[dict[str, Any]]) -> dict[str, Any]:
        """What it adds to the result."""
        self.action.new_connection()
        found = _verdicts(checks) if checks else {"verdicts": []}
        if found.get("failed"):
            return self._failed("The change was not confirmed, since {0}".format(found["msg"]), found.get("verdicts", []))
        kept = self._call(True)
        if kept.get("told") == "kept":
            return {"confirmed": found["verdicts"]}
        return self._failed("The change was not confirmed: {0}".format(kept["msg"]), found["verdicts"])

    def _failed(self, reason: str, verdicts: list[dict[str, Any]]) -> dict[str, Any]:
        told = self._call(False)
        how = told.get("told") or "{0}. {1}".format(told["msg"], _by_itself(self.args))
        return {"failed": True, "msg": "{0} {1}".format(_sentence(reason), _sentence(how)), "verdicts": verdicts}

    def _call(self, keep: bool) -> dict[str, Any]:
        """Keep the change or take it back; tried again until the target has surely gone back by itself."""
        args = {**self.args, "confirm_end": {"name": self.name, "keep": keep}}
        while True:
            try:
                found = self.action.on_target(args, self.task_vars)
                return {"msg": "the module did not say why", **found}
            except AnsibleConnectionFailure as error:
                if time.monotonic() > self.until:
                    return {"msg": "no new connection could be made: {0}".format(error)}
            time.sleep(PAUSE_S)
            self.action.new_connection()


def _verdicts(checks: Any, only_prepare: bool = False) -> dict[str, Any]:
    """What connectivity_check says of them, or only what is wrong with them; secrets masked."""
    spec, given = CHECKS.argument_spec, {"checks": checks, "assert": True}
    checked = ArgumentSpecValidator(spec, **CHECKS.rules).validate(given)
    secrets = checked._no_log_values | secrets_in(spec, given)
    if checked.error_messages:
        return masked({"failed": True, "msg": "confirm_checks: {0}".format(checked.errors.msg)}, secrets)
    job = Job(spec, _only_prepare) if only_prepare else CHECKS
    found, used = execute(job, checked.validated_parameters, False, C.DEFAULT_LOCAL_TMP)
    return masked(found, secrets | used)


def _only_prepare(context: Context) -> dict[str, Any]:
    prepared(context.params)
    return {}


def _by_itself(args: dict[str, Any]) -> str:
    return "If the rules had been changed, the target takes that back by itself within {0} s".format(args["confirm_timeout"])


def _sentence(text: str) -> str:
    return text if text.endswith(".") else text + "."
