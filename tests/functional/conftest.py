# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox for the whole session, a fresh tenant for each test, and modules called as the runner calls them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import hypothesis
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from mimecast_sandbox.control import Sandbox

from ansible_collections.mimecast.connect.plugins.module_utils._api import client as client_module
from ansible_collections.mimecast.connect.plugins.module_utils._engine import apply as apply_module
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute

# A machine that is busy fails no law.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

MODULES = "ansible_collections.mimecast.connect.plugins.modules."
DEFINITIONS, POLICIES = "delivery_route_definitions", "delivery_route_policies"
DOMAINS = ["example.com", "example.org", "xn--bcher-kva.example"]
GROUPS = ["Sales", "Board"]


class Tenant:
    """One tenant of the sandbox, and its credential."""

    def __init__(self, sandbox: Sandbox, **options: Any) -> None:
        self.sandbox = sandbox
        made = sandbox.tenant(**{"internal_domains": DOMAINS, "groups": GROUPS, **options})
        self.code = made["account_code"]
        self.connection = {"base_url": sandbox.url, "client_id": made["client_id"], "client_secret": made["client_secret"]}

    def call(self, module: str, check: bool = False, folder: str | None = None, **options: Any) -> dict[str, Any]:
        """The result of a module, its arguments validated as AnsibleModule does."""
        job = import_module(MODULES + module).JOB
        checked = ArgumentSpecValidator(job.argument_spec, **job.rules).validate({**self.connection, **json.loads(json.dumps(options))})
        if checked.error_messages:
            return {"failed": True, "msg": checked.errors.msg}
        return execute(job, checked.validated_parameters, check, folder)[0]

    def route(self, check: bool = False, **options: Any) -> dict[str, Any]:
        """mimecast_delivery_route."""
        return self.call("mimecast_delivery_route", check, **options)

    def document(self, routes: list[dict[str, Any]], check: bool = False) -> dict[str, Any]:
        """mimecast_tenant with delivery routes."""
        return self.call("mimecast_tenant", check, delivery_routes=routes)

    def objects(self, kind: str = DEFINITIONS) -> list[dict[str, Any]]:
        """What the service stores, seen from behind."""
        return self.sandbox.objects(self.code, kind)

    def names(self, kind: str = DEFINITIONS) -> list[str]:
        """Descriptions of all objects of a kind, sorted."""
        return sorted(row["description"] for row in self.objects(kind))

    def requests(self, writes: bool | None = None) -> list[dict[str, Any]]:
        """Requests of this tenant since the last look, tokens apart; all, only writes, or only reads."""
        found = [one for one in self.sandbox.requests() if one["operation"] != "getToken"]
        self.sandbox.clear_requests()
        return [one for one in found if writes is None or one["wrote"] is writes]


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """The session's sandbox, without what other tests left in it."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def tenant(sandbox: Sandbox) -> Tenant:
    return Tenant(sandbox)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter pauses between tries; their number stays."""
    monkeypatch.setattr(client_module, "FIRST_PAUSE", 0.005)
    monkeypatch.setattr(apply_module, "LOOKS", (0.0, 0.01, 0.02, 0.05, 0.1, 0.2))
