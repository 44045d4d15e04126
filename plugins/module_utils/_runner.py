# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The one way a job is run, whether by a module process or inside the controller."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import Settings


class Context:
    """What a job may use: validated parameters, whether only to predict, and the service."""

    def __init__(self, params: dict[str, Any], dry: bool, run_folder: str | None) -> None:
        self.params = params
        self.dry = dry
        self._run_folder = run_folder
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The client, made when first used. In a dry run its gate lets no write through."""
        if self._client is None:
            self._client = Client(Settings.from_params(self.params), may_write=not self.dry, run_folder=self._run_folder)
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


def execute(job: Job, params: dict[str, Any], dry: bool, run_folder: str | None = None) -> tuple[dict[str, Any], set[str]]:
    """Run a job. Returns the result (``failed`` and ``msg`` on errors) and the secrets to be masked in it."""
    context = Context(params, dry, run_folder)
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


def main(job: Job) -> None:
    """Run a job as an ordinary module."""
    module = AnsibleModule(argument_spec=job.argument_spec, supports_check_mode=True, **job.rules)
    result, secrets = execute(job, module.params, module.check_mode)
    module.no_log_values.update(secrets)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
