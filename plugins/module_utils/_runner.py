# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The one way a job is run, whether by a module process or inside the controller."""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError
from ansible_collections.mimecast.connect.plugins.module_utils._api.secret_names import secrets_of
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import Settings

Progress = Callable[[str], None]
RunCommand = Callable[..., "tuple[int, str, str]"]  # AnsibleModule.run_command, which only an ordinary module has
_IN_URL = re.compile(r"://[^/?#\s:@]*:([^/?#\s@]+)@")  # a password before the host, which nobody should write but somebody will


class Context:
    """What a job may use: validated parameters, whether only to predict, the service, and in an ordinary module run_command."""

    def __init__(
        self, params: dict[str, Any], dry: bool, run_folder: str | None, progress: Progress | None = None, run_command: RunCommand | None = None,
    ) -> None:
        self.params = params
        self.dry = dry
        self.run_command = run_command
        self._progress = progress
        self._run_folder = run_folder
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The client, made when first used. In a dry run its gate lets no write through."""
        if self._client is None:
            self._client = Client(Settings.from_params(self.params), may_write=not self.dry, run_folder=self._run_folder)
            if self._progress:
                self._client.progress = self._progress
        return self._client

    @property
    def used(self) -> Client | None:
        """The client if it was used."""
        return self._client


@dataclass(frozen=True)
class Job:
    """What a module does. ``rules`` are further arguments of AnsibleModule such as ``required_if``."""

    argument_spec: dict[str, Any]
    work: Callable[[Context], dict[str, Any]]
    rules: dict[str, Any] = field(default_factory=dict)


def execute(
    job: Job, params: dict[str, Any], dry: bool, run_folder: str | None = None, progress: Progress | None = None,
    run_command: RunCommand | None = None,
) -> tuple[dict[str, Any], set[str]]:
    """Run a job. Returns the result (``failed`` and ``msg`` on errors) and the secrets to be masked in it."""
    context = Context(params, dry, run_folder, progress, run_command)
    try:
        result = job.work(context)
    except ConnectError as error:
        done = getattr(error, "done", [])
        result = {"failed": True, "msg": str(error), "changed": bool(done), "changes": done}
    except Exception as error:  # a bug of ours: a sentence and a place, never a traceback
        place = traceback.extract_tb(error.__traceback__)[-1]
        result = {"failed": True, "msg": "Unexpected error, please report it: {0}: {1} (in {2}, line {3})".format(
            type(error).__name__, error, place.name, place.lineno)}
    client = context.used
    if client is None:
        return result, set()
    client.close()
    return {**result, "api": dict(client.stats)}, client.secrets


def masked(result: dict[str, Any], secrets: Iterable[str]) -> dict[str, Any]:
    """The result without secrets: not in texts, not in the titles of a diff, and not in an escaped form."""
    hidden = _forms(secrets)
    found = remove_values(result, hidden)
    if "diff" in found:
        found["diff"] = {
            side: {remove_values(title, hidden): shown for title, shown in objects.items()} for side, objects in found["diff"].items()
        }
    # A password such as "False" must not turn a truth into text.
    return {**found, **{name: value for name, value in result.items() if value is None or isinstance(value, bool)}}


def secrets_in(spec: dict[str, Any], value: Any) -> set[str]:
    """Values under the names of secret options, wherever they stand: arguments of the wrong shape are quoted in errors."""
    # What has no spec of its own, such as the body of any call, can only be judged by the names in it.
    free = [name for name, part in spec.items() if part.get("type") in ("dict", "raw") and "options" not in part]
    return _secrets_under(_secret_names(spec), free, _known_names(spec), value)


def _secrets_under(names: set[str], free: list[str], known: set[str], value: Any) -> set[str]:
    if isinstance(value, list):
        return {secret for item in value for secret in _secrets_under(names, free, known, item)}
    if not isinstance(value, dict):
        return set()
    found = {str(item) for name, item in value.items() if name in names and item and not isinstance(item, (dict, list))}
    found.update(secret for item in value.values() if isinstance(item, str) and "://" in item for secret in _IN_URL.findall(item))
    found = found.union(*(secrets_of(value.get(name)) for name in free))
    unknown = value.keys() - known  # such as a misspelt client_secret
    if unknown:
        found |= secrets_of({name: value[name] for name in unknown})
    return found.union(*(_secrets_under(names, free, known, item) for item in value.values()))


def _secret_names(spec: dict[str, Any]) -> set[str]:
    own = {name for name, part in spec.items() if part.get("no_log")}
    return own.union(*(_secret_names(part["options"]) for part in spec.values() if "options" in part))


def _known_names(spec: dict[str, Any]) -> set[str]:
    return set(spec).union(*(_known_names(part["options"]) for part in spec.values() if "options" in part))


def _forms(secrets: Iterable[str]) -> set[str]:
    """Secrets as they are and as messages quote them: in Python and JSON texts, in forms and URLs, in CSV."""
    return {
        form
        for secret in secrets if secret
        for form in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1],
                     quote(secret, safe=""), quote_plus(secret), secret.replace('"', '""'))
    }


class _Module(AnsibleModule):
    """Hides what AnsibleModule would show on its own: its errors and the syslog quote arguments in escaped forms."""

    def _hidden(self) -> set[str]:
        return _forms(self.no_log_values | secrets_in(self.argument_spec, self.params))

    def log(self, msg: Any, log_args: Any = None) -> None:
        super().log(remove_values(msg, self._hidden()), remove_values(log_args, self._hidden()))

    def exit_json(self, **result: Any) -> None:
        self.no_log_values.update(self._hidden())
        super().exit_json(**result)

    def fail_json(self, msg: str, **result: Any) -> None:
        self.no_log_values.update(self._hidden())
        super().fail_json(msg, **result)


def main(job: Job) -> None:
    """Run a job as an ordinary module."""
    module = _Module(argument_spec=job.argument_spec, supports_check_mode=True, **job.rules)
    result, secrets = execute(job, module.params, module.check_mode, run_command=module.run_command)
    result = masked(result, secrets | module.no_log_values)
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
