# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the house that a reader relies on: small files, modules without logic, imports that run one way."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
MODULES = sorted((PLUGINS / "modules").glob("*.py"))
PYTHON = sorted(path for folder in ("plugins", "extensions", "tools", "tests") for path in (ROOT / folder).rglob("*.py")
                if not {"output", ".build", ".ansible"} & set(path.relative_to(ROOT).parts))
UTILS = "ansible_collections.mimecast.connect.plugins.module_utils."
# They run on the machines whose firewall or mail server they keep, never in the controller's process. An action file of theirs is only for what a
# controller has to do besides: to come back and confirm a change.
ON_TARGETS = {"firewall_allowlist", "firewall_allowlist_info", "postfix_routing"}
CONFIRMED = {"firewall_allowlist"}
# layer -> the layers it may import
ALLOWED = {
    "_api": {"_api"},
    "_engine": {"_engine", "_api"},
    "_resources": {"_resources", "_engine", "_api"},
    "_probes": {"_probes", "_dns", "_data"},
    "_dns": {"_dns", "_data"},
    "_ranges": {"_ranges", "_dns", "_data"},
    "_runner": {"_api"},
    "_jobs.objects": {"_resources", "_engine", "_api", "_runner"},
    "_jobs.domain_texts": set(),
    "_jobs.domain_state": {"_jobs.domain_texts", "_resources", "_engine", "_api"},
    "_jobs.domains": {"_jobs.domain_state", "_jobs.domain_texts", "_resources", "_engine", "_api", "_runner"},
    "_jobs.dkim": {"_jobs.objects", "_resources", "_engine", "_runner"},
    "_jobs.users": {"_jobs.users_plan", "_jobs.users_rows", "_resources", "_engine", "_api", "_runner"},
    "_jobs.users_plan": {"_jobs.users_rows", "_resources", "_engine", "_api"},
    "_jobs.users_rows": {"_engine", "_api"},
    "_jobs.export": {"_resources", "_engine", "_api", "_runner"},
    "_jobs.connector_tests": {"_resources", "_api"},
    "_jobs.directory_checks": {"_jobs.connector_tests", "_probes", "_resources", "_engine", "_api"},
    "_jobs.directory": {"_jobs.connector_tests", "_jobs.objects", "_resources", "_engine", "_api", "_runner"},
    "_jobs.any_call": {"_api", "_runner"},
    "_jobs.evidence": {"_resources", "_engine", "_api", "_runner"},
    "_handover": {"_engine"},
    "_machine": set(),
    "_jobs.connection_wish": {"_handover", "_resources", "_engine"},
    "_jobs.connection_steps": {"_jobs.connection_wish", "_handover", "_resources"},
    "_jobs.connection_state": {"_jobs.connection_steps", "_jobs.connection_wish", "_handover", "_resources", "_engine", "_api"},
    "_jobs.server_connection": {"_jobs.connection_state", "_jobs.connection_wish", "_handover", "_resources", "_engine", "_api", "_runner"},
    "_jobs.tenant_connections": {"_jobs.connection_state", "_jobs.connection_wish", "_handover", "_resources", "_engine", "_api"},
    "_jobs.tenant": {
        "_jobs.tenant_connections", "_jobs.connection_wish", "_jobs.recipients", "_jobs.users", "_jobs.users_plan", "_jobs.users_rows",
        "_resources", "_engine", "_api", "_runner",
    },
    "_jobs.recipients": {"_jobs.users_rows", "_resources", "_engine", "_api"},
    "_jobs.connection_checks": {"_jobs.connection_wish", "_api"},
    "_jobs.tls_policy_domains": {"_handover", "_data", "_engine", "_api"},
    "_jobs.tls_policy_checks": {"_jobs.tls_policy_domains", "_jobs.connectivity", "_dns", "_probes", "_resources", "_engine", "_api"},
    "_jobs.tls_policy_evidence": {"_jobs.evidence", "_resources", "_engine", "_api"},
    "_jobs.tls_policy_console": {"_jobs.tls_policy_domains", "_jobs.tls_policy_evidence", "_handover"},
    "_jobs.tls_policy_plan": {"_jobs.tls_policy_domains", "_resources", "_engine", "_api"},
    "_jobs.tls_policy": {
        "_jobs.tls_policy_domains", "_jobs.tls_policy_checks", "_jobs.tls_policy_evidence", "_jobs.tls_policy_console", "_jobs.tls_policy_plan",
        "_handover", "_resources", "_engine", "_api", "_runner",
    },
    "_jobs.mail_dns_wishes": {"_data", "_dns", "_probes", "_engine", "_api"},
    "_jobs.mail_dns_handover": {"_handover", "_dns", "_api"},
    "_jobs.mail_dns": {"_jobs.mail_dns_wishes", "_jobs.mail_dns_handover", "_dns", "_probes", "_engine", "_api", "_runner"},
    "_jobs.mail_dns_info": {"_jobs.mail_dns", "_dns", "_engine", "_api", "_runner"},
    "_jobs.mail_message": {"_probes", "_runner"},
    "_rollback": {"_rollback", "_handover", "_postfix", "_firewall", "_resources", "_engine"},
    "_acceptance": {"_acceptance", "_handover", "_data"},
    "_data": {"_data"},
    "_pages": {"_pages"},
    "_customers": {"_customers", "_pages", "_handover", "_jobs.connection_wish", "_jobs.users_rows", "_dns", "_data", "_resources", "_engine", "_api"},
    "_journaling": {"_journaling", "_handover", "_data", "_engine"},
    "_jobs.check_kinds": {"_probes", "_engine", "_api"},
    "_firewall": {"_firewall", "_machine"},
    "_firewall/backends": {"_firewall"},
    "_firewall/vendors": {"_firewall"},
    "_jobs.firewall_allowlist": {"_firewall", "_api", "_runner"},
    "_postfix": {"_postfix", "_machine"},
    "_jobs.postfix_routing": {"_postfix", "_api", "_runner"},
    "_jobs.rendered_file": {"_machine", "_api"},
    "_jobs.firewall_rendering": {"_jobs.rendered_file", "_firewall", "_handover", "_api", "_runner"},
    "_mail_servers": {"_mail_servers", "_firewall"},
    "_jobs.mail_server_rendering": {"_jobs.rendered_file", "_mail_servers", "_handover", "_api", "_runner"},
    "_jobs.connectivity": {
        "_jobs.check_kinds", "_jobs.connection_checks", "_jobs.connection_wish", "_jobs.directory_checks",
        "_probes", "_resources", "_engine", "_api", "_runner",
    },
}


def code_lines(path: Path) -> int:
    """Lines of a module that are neither blank, comment nor documentation."""
    source = path.read_text(encoding="utf-8")
    documentation: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("DOCUMENTATION", "EXAMPLES", "RETURN"):
            documentation.update(range(node.lineno, node.end_lineno + 1))
    lines = enumerate(source.splitlines(), 1)
    return sum(1 for number, line in lines if number not in documentation and line.strip() and not line.startswith("#"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_is_documentation_and_a_table(path: Path) -> None:
    assert code_lines(path) <= 40
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(tree)}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    assert not {"check_mode", "http", "urllib", "requests", "open_url"} & names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_has_its_action_file_and_its_group(path: Path) -> None:
    action = PLUGINS / "action" / path.name
    assert action.exists() is (path.stem not in ON_TARGETS - CONFIRMED)
    assert path.stem not in CONFIRMED or "(ConfirmedAction)" in action.read_text(encoding="utf-8")
    assert path.stem in ON_TARGETS or "plugins.modules.{0} import JOB".format(path.stem) in action.read_text(encoding="utf-8")
    assert "- {0}\n".format(path.stem) in (ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_results_leave_ansible_its_words(path: Path) -> None:
    returned = path.read_text(encoding="utf-8").partition("\nRETURN = ")[2]
    assert not set(re.findall(r"^(\w+):$", returned, re.M)) & {"skipped", "failed", "unreachable", "results", "exception", "warnings", "deprecations"}


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_small_and_licensed(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 400
    assert not lines or "SPDX-License-Identifier:" in "\n".join(lines[:6])


@pytest.mark.parametrize("layer", ALLOWED)
def test_imports_run_one_way(layer: str) -> None:
    folder = PLUGINS.joinpath("module_utils", *layer.split("."))
    files = sorted(folder.glob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    assert files
    for path in files:
        used = set(re.findall(re.escape(UTILS) + r"(_jobs\.\w+|\w+)", path.read_text(encoding="utf-8")))
        assert used <= ALLOWED[layer], path.name
    if layer == "_engine":
        assert not [path.name for path in files if re.search(r"^\s*(import|from) (http|urllib|socket|ssl)\b", path.read_text(encoding="utf-8"), re.M)]
