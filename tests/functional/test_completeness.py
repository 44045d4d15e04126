# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operation of the contract, and every field of its requests, is used by a module or left out for a reason."""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from mimecast_sandbox import contract

from ansible_collections.mimecast.connect.plugins.module_utils import _runner
from ansible_collections.mimecast.connect.plugins.module_utils._jobs import server_connection as _server_connection, tenant as _tenant, users as _users
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import Operation
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import READ_KINDS
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import CONNECTOR_TYPES, TESTS, operation_of_test

UTILS = Path(_runner.__file__).parent
ELSEWHERE = {
    "_acceptance", "_customers", "_data", "_dns", "_firewall", "_journaling", "_mail_servers", "_pages", "_postfix", "_probes", "_ranges", "_rollback",
    "mail_server_rendering.py",
}  # they know nothing of the API, so their words prove nothing
PACKAGE = _runner.__name__.rpartition(".")[0]

OLDER = "the older call for what a v1 call does"
CONSENT = "a person gives consent in the console; the body is not published"
OPERATIONS_LEFT_OUT = {
    "legacyGetSupportInfo": "support contacts take no part in Connect",
    "createConnector": CONSENT,
    "getConnector": "the list tells all there is",
    "updateConnector": CONSENT,
    "lookupInternalDomainDns": "we ask the DNS ourselves",
    "listExternalDomains": "external domains are not declared",
    "getPendingDomain": "the list tells all there is",
    "legacyGetAuditCategories": "categories are taken as they are given",
    "getGroup": "the list tells all there is",
    "legacyFindGroups": OLDER,
    "legacyCreateGroup": OLDER,
    "legacyUpdateGroup": "it renames, and a name identifies",
    "legacyGetGroupMembers": OLDER,
    "legacyAddGroupMember": OLDER,
    "legacyRemoveGroupMember": OLDER,
    "createUser": "users are imported; the body is not published",
    "legacyCreateUser": "users are imported, one call for many",
    "legacyUpdateUser": "users are imported, one call for many",
    "legacyGetDirectoryConnections": "the v1 list and single reads tell more",
    "legacyExecuteSync": OLDER,
}
FIELDS_LEFT_OUT = {
    "scope": "no value of it is documented",
    "enforced": "whether writes honour it is not documented",
    "parentId": "new groups are made at the top",
    "note": "remarks on members are not declared",
    "transferProtocol": "it follows from the connection that is given",
    "fromDate": "built from its two parts",
    "toDate": "built from its two parts",
}


def shape(method: str, path: str) -> tuple[str, str]:
    return method.upper(), re.sub(r"{\w+}", "{}", path)


def used() -> set[tuple[str, str]]:
    """Method and path of every operation that the collection knows."""
    for path in UTILS.rglob("*.py"):
        if path.stem != "__init__":
            import_module(".".join([PACKAGE, *path.relative_to(UTILS).with_suffix("").parts]))
    found = [thing for thing in gc.get_objects() if isinstance(thing, Operation)]
    found += [operation_of_test(resource, test) for word, resource in CONNECTOR_TYPES.items() for test in TESTS[word]]
    return {shape(operation.method, operation.path) for operation in found}


def fields(schema: Any) -> Iterator[str]:
    """Names of all fields of a request, however deep."""
    if isinstance(schema, list):
        for part in schema:
            yield from fields(part)
    elif isinstance(schema, dict):
        for name, part in schema.get("properties", {}).items():
            yield name
            yield from fields(part)
        for key in ("items", "allOf", "anyOf", "oneOf"):
            yield from fields(schema.get(key, []))


def operations() -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    document = contract.document()
    for path, item in contract.inline(document["paths"], document).items():
        for method in ("get", "post", "put", "patch", "delete"):
            if method in item:
                yield shape(method, path), item[method]


def test_every_operation_is_used_or_left_out_for_a_reason() -> None:
    mine = used()
    left_out = {row["operationId"] for key, row in operations() if key not in mine}
    assert left_out == set(OPERATIONS_LEFT_OUT)


def test_every_field_is_used_or_left_out_for_a_reason() -> None:
    mine = used()
    sources = [path for path in UTILS.rglob("*.py") if not ELSEWHERE & set(path.relative_to(UTILS).parts)]
    words = {node.value for path in sources for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
             if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    missing = set()
    for key, row in operations():
        for content in row.get("requestBody", {}).get("content", {}).values() if key in mine else ():
            missing |= set(fields(content["schema"])) - words
    assert missing == set(FIELDS_LEFT_OUT)


def test_the_document_takes_all_that_the_modules_take() -> None:
    """Each kind that can be declared is a key, in the options of its module; what only a call of a module needs is left out."""
    spec = _tenant.JOB.argument_spec
    assert set(READ_KINDS) | {"users"} <= set(spec)
    alone = {name: part for name, part in _server_connection.JOB.argument_spec.items() if name not in {*API_SPEC, "wait_timeout"}}
    assert spec["server_connections"]["options"] == alone
    assert spec["users"] == _users.JOB.argument_spec["users"]
