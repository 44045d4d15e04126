# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module's job inside the controller's worker process: a tenth of the time of a module process."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError
from ansible_collections.mimecast.connect.plugins.module_utils._api.transport import tls_context
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Job, execute, masked, secrets_in
from ansible_collections.mimecast.connect.plugins.plugin_utils._forks import prepare_forks

# Ansible imports action plugins in its parent process, so every worker inherits this.
prepare_forks()
with contextlib.suppress(ConnectError, OSError):
    tls_context(None, True)

SWITCH = "mimecast_in_process"
PROGRESS_EVERY = 5.0  # seconds between lines that say how far a long task has come


class InProcessAction(ActionBase):
    """Base of the action plugins; ``job`` is that of the module of the same name.

    Another connection than local, become, async, or the variable ``mimecast_in_process: false`` hand over to the module.
    """

    _supports_check_mode = True
    _supports_diff = True
    _supports_async = True
    job: Job

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result of the module, made here or there."""
        task_vars = task_vars or {}
        result = super().run(tmp, task_vars)
        if self._can_run_here(task_vars):
            with _environment(self._task_environment()):
                result.update(self._run_here(_shows_invocation(task_vars)))
        else:
            result.update(self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val))
        return result

    def _can_run_here(self, task_vars: dict[str, Any]) -> bool:
        switch = self._templar.template(task_vars.get(SWITCH, True))
        return (
            self._connection.transport == "local"
            and not self._play_context.become
            and not self._task.async_val
            and boolean(switch, strict=False)
        )

    def _task_environment(self) -> dict[str, str]:
        found: dict[str, str] = {}
        self._compute_environment_string(found)
        return {name: str(value) for name, value in found.items()}

    def _progress(self, secrets: set[str]) -> Callable[[str], None]:
        host = self._task.delegate_to or self._play_context.remote_addr
        return _now_and_then(lambda text: self._display.display("[{0}] {1}".format(host, masked({"text": text}, secrets)["text"])))

    def _run_here(self, with_invocation: bool) -> dict[str, Any]:
        spec, rules = self.job.argument_spec, self.job.rules
        given = _plain(self._task.args)
        checked = ArgumentSpecValidator(spec, **rules).validate(given)
        params, secrets = checked.validated_parameters, checked._no_log_values | secrets_in(spec, given)
        if checked.error_messages:
            text = checked.errors.msg
            if isinstance(checked.errors[0], UnsupportedError):
                text = "Unsupported parameters for ({0}) module: {1}".format(self._task.action, text)
            found: dict[str, Any] = {"failed": True, "msg": text}
        else:
            found, used = execute(self.job, params, bool(self._task.check_mode), C.DEFAULT_LOCAL_TMP, self._progress(secrets))
            secrets |= used
        warnings = ["Both option {option} and its alias {alias} are set.".format(**both) for both in checked._warnings]
        if warnings or found.get("warnings"):
            found["warnings"] = [*warnings, *found.get("warnings", [])]
        if with_invocation:
            found["invocation"] = {"module_args": params}
        return masked({"changed": False, **found}, secrets)


def _now_and_then(show: Callable[[str], None]) -> Callable[[str], None]:
    """Passes on one text in ``PROGRESS_EVERY`` seconds, and none of the first."""
    last = time.monotonic()

    def progress(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_EVERY:
            last = time.monotonic()
            show(text)

    return progress


def _shows_invocation(task_vars: dict[str, Any]) -> bool:
    try:
        return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))
    except AnsibleError:
        return True  # ansible-core before 2.21 has no such setting: every result has it


@contextlib.contextmanager
def _environment(extra: dict[str, str]) -> Iterator[None]:
    """The task's ``environment``, which a module process would get."""
    before = dict(os.environ)
    os.environ.update(extra)
    try:
        yield
    finally:
        if extra:
            os.environ.clear()
            os.environ.update(before)


def _plain(value: Any) -> Any:
    """Without tags, wrappers and vault objects: what a module process would get as JSON."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return float(value) if isinstance(value, float) else int(value)
    # The built-in types first: abstract ones ask all their subclasses, which takes a millisecond in each new worker.
    if isinstance(value, (dict, Mapping)):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, Set)):
        return [_plain(item) for item in value]
    return str(value)
