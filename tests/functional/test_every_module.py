# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every module, from one table: check mode, diff, a second run, each fault at each write, and nothing said of secrets."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Tenant
from every_module import CASES, OTHER_CASES, SECRET, Case, documentation, job, module_names, only_reads, secrets_of, under
from mimecast_sandbox import operations, resources
from test_faults import FAULTS, LOOKS
from watched import ADVICE

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import directory as _directory, users as _users
from ansible_collections.mimecast.connect.plugins.module_utils._api import client as client_module
from ansible_collections.mimecast.connect.plugins.module_utils._engine import apply as apply_module
from ansible_collections.mimecast.connect.plugins.module_utils._runner import masked, secrets_in

# Those that differ in what the collection has to do; test_faults.py has all of them.
HARD = ["503 after commit", "503 for ever", "dropped before commit", "dropped after commit", "cut JSON", "token expired"]
ALL_ADVICE = re.compile(ADVICE.pattern + "|Run again|look before you send it again")
# Resources are registered by the modules that the table of operations brings in. What was imported when is history, not state.
STORED = sorted(set(resources.REGISTRY) - {"user_imports"}) if operations.HANDLERS else []
NAMES = ("description", "name", "domain", "emailAddress", "outboundIpAddress", "contactName")


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter pauses, and none before a call is sent again; their number stays."""
    monkeypatch.setattr(client_module, "time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr(apply_module, "LOOKS", LOOKS)
    monkeypatch.setattr(_users, "LOOKS", LOOKS)
    monkeypatch.setattr(_users, "PAUSES", LOOKS)
    monkeypatch.setattr(_directory, "PAUSE", 0.02)


def held(tenant: Tenant) -> dict[str, list[Any]]:
    """Names of everything that the tenant holds; twins count."""
    found = {kind: [next((row[name] for name in NAMES if row.get(name)), "") for row in tenant.objects(kind)] for kind in STORED}
    return {kind: sorted(names) for kind, names in found.items() if names}


def told(case: Case, tenant: Tenant, result: dict[str, Any]) -> str:
    """The result as Ansible would show it."""
    secrets = secrets_in(job(case.module).argument_spec, {**tenant.connection, **case.options})
    return json.dumps(masked(result, secrets))


@pytest.mark.parametrize("module", module_names())
def test_every_module_is_in_the_table(module: str) -> None:
    found = [case for case in CASES if case.module == module]
    assert found and any(case.writes for case in found) is not only_reads(module)


@pytest.mark.parametrize("module", module_names())
def test_every_secret_option_is_in_the_table(module: str) -> None:
    given = {path: [value for case in CASES if case.module == module for value in under(case.options, path)] for path in secrets_of(module)}
    assert {path: SECRET in values for path, values in given.items()} == dict.fromkeys(given, True)


@pytest.mark.parametrize("case", OTHER_CASES, ids=lambda case: case.label)
def test_a_call(tenant: Tenant, case: Case) -> None:
    """Check mode says what a real run then does, and writes nothing; a second run finds nothing to do. Kinds have test_kinds.py."""
    case.prepare(tenant)
    before = held(tenant)
    tenant.requests()
    predicted = case.call(tenant, check=True)
    assert not predicted.get("failed") and tenant.requests(writes=True) == [] and held(tenant) == before, predicted
    result = case.call(tenant)
    assert bool(tenant.requests(writes=True)) is bool(result.get("changed")) is (held(tenant) != before or case.repeats) is case.writes, result
    for part in ("changed", "changes", "diff"):
        assert result.get(part) == predicted.get(part), part
    own = documentation(case.module).get("attributes", {}).get("diff_mode", {"support": "full"})
    assert ("diff" in result) is (own["support"] == "full" and not only_reads(case.module))
    assert SECRET not in told(case, tenant, result) + told(case, tenant, predicted)
    again = case.call(tenant)
    assert case.repeats or again.get("changed") is False, again


@pytest.mark.parametrize("fault", HARD)
@pytest.mark.parametrize("case", [case for case in CASES if not case.wide], ids=lambda case: case.label)
def test_each_fault_at_each_write(sandbox: Any, case: Case, fault: str) -> None:
    """And at the first and last read. The call ends well or with a sentence; after it the same call reaches what an undisturbed one does."""
    operations, expected = undisturbed(sandbox, case)
    for operation in operations:
        tenant = Tenant(sandbox)
        case.prepare(tenant)
        sandbox.faults([{**FAULTS[fault][0], "operation": operation}])
        first = case.call(tenant)
        assert sandbox.faults()[0]["fired"], operation
        sandbox.clear_faults()
        text = told(case, tenant, first)
        assert SECRET not in text and tenant.connection["client_secret"] not in text, operation
        if first.get("failed"):
            assert first["msg"].startswith("Cannot ") and ALL_ADVICE.search(first["msg"]) and "\n" not in first["msg"], (operation, first)
        again = case.call(tenant)
        assert not again.get("failed"), (operation, first, again)
        assert held(tenant) == expected, (operation, first)
        assert case.repeats or not case.call(tenant)["changed"], operation


def undisturbed(sandbox: Any, case: Case) -> tuple[list[str], dict[str, list[Any]]]:
    """The operations of the call at which faults are of interest, and what the tenant holds after it."""
    tenant = Tenant(sandbox)
    case.prepare(tenant)
    tenant.requests()
    result = case.call(tenant)
    assert not result.get("failed"), result
    requests = tenant.requests()
    reads = [one["operation"] for one in requests if not one["wrote"]]
    writes = [one["operation"] for one in requests if one["wrote"]]
    return sorted({*writes, *reads[:1], *reads[-1:]}), held(tenant)
