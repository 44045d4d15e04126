# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mimecast_api: any call, through the same client and its gate."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError, InputError, OutcomeUnknown
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import LEGACY, READ, V1, WRITE, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._api.secret_names import is_password, without_secrets
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MAY_READ = ("GET", "POST")
# Where the older envelope is spoken (docs/service.md). Taken for v1, its failures with HTTP 200 would pass for success.
LEGACY_PATHS = ("/api/", "/config-snapshot/v1/")


def _operation(given: dict[str, Any]) -> Operation:
    """The call as an operation; InputError when its parts do not go together."""
    method, path = given["method"], _checked_path(given["path"])
    envelope = given["envelope"] or (LEGACY if path.startswith(LEGACY_PATHS) else V1)
    kind = given["kind"] or (READ if method == "GET" else WRITE)
    problems = (
        (kind == READ and method not in MAY_READ, "kind is read, which {0} never is; only GET and POST can be".format(method)),
        (envelope == LEGACY and method != "POST", "legacy calls are POST; set envelope to v1 if this is none of them"),
        (given["paged"] and kind != READ, "paged goes with reads; set kind to read if this call only reads"),
        (given["paged"] and envelope == V1 and not given["list_key"], "paged needs list_key, the name of the list in the answer"),
        (given["list_key"] and not given["paged"], "list_key goes with paged"),
        (given["body"] is not None and method == "GET", "GET takes no body; use query"),
        (not isinstance(given["body"], (dict, list, type(None))), "body must be a mapping or a list"),
        (envelope == LEGACY and not all(isinstance(item, dict) for item in _items(given["body"])), "the items of body must be mappings"),
    )
    for wrong, text in problems:
        if wrong:
            raise InputError("Cannot call {0} {1}: {2}".format(method, path, text))
    keys = (given["list_key"],) if given["list_key"] else ()
    # An answer that is a bare list must not make the outcome of a write unknown.
    return Operation(method, path, kind, envelope, keys, bare_list=given["list_key"] or "data")


def _checked_path(path: str) -> str:
    parts = [part for part in unquote(path).split("/") if part not in ("", ".")]
    if not path.startswith("/") or path.startswith("//"):
        reason = "it must begin with one / and hold no host; that is in base_url or region"
    elif not path.isascii() or not path.isprintable() or set(path) & set(' ?#\\"<>'):
        reason = "percent-encode other characters than those of paths, and put what follows ? into query"
    elif ".." in parts:
        reason = "it must not hold a part .."
    elif parts and parts[0].lower() == "oauth":
        reason = "logging on is done by the collection, and its answer would show the token"
    else:
        return path
    raise InputError("path is {0!r}: {1}".format(path, reason))


def _items(body: Any) -> list[Any]:
    return body if isinstance(body, list) else [] if body is None else [body]


def _query(given: dict[str, Any] | None) -> dict[str, Any]:
    """The query as texts; null leaves a parameter out, a list repeats it."""
    found = {}
    for name, value in (given or {}).items():
        many = value if isinstance(value, list) else [value]
        if any(isinstance(item, (dict, list)) for item in many):
            raise InputError("query: {0} must be a single value or a list of such".format(name))
        texts = [str(item).lower() if isinstance(item, bool) else str(item) for item in many if item is not None]
        if texts:
            found[str(name)] = texts
    return found


def work(context: Context) -> dict[str, Any]:
    """The call. A write in check mode is described instead of sent."""
    given = context.params
    operation, query, body = _operation(given), _query(given["query"]), given["body"]
    what = "call {0} {1}".format(operation.method, operation.path)
    client = context.client  # also in check mode, for it checks the connection's options
    if given["paged"]:
        return {"changed": False, "rows": without_secrets(_all_rows(context, operation, what, query), is_password)}
    if operation.envelope == LEGACY:
        body = {"data": _items(body)}
    if operation.kind == WRITE and context.dry:
        request = {"method": operation.method, "path": operation.path, "query": given["query"] or {}, "body": body}
        return {"changed": True, "would_send": without_secrets(request)}
    try:
        answer = client.call(operation, what, query, body)
    except OutcomeUnknown as error:
        raise OutcomeUnknown("{0}. It may have been carried out all the same; look before you send it again".format(error)) from None
    except ApiError as error:
        several = operation.kind == WRITE and 200 <= error.status < 300 and len(_items(given["body"])) > 1
        rest = ". The other items of this call may have been carried out" if several else ""
        raise ApiError("{0}{1}".format(error, rest), error.status, error.code) from None
    return {"changed": operation.kind == WRITE, "answer": without_secrets(answer, is_password)}


def _all_rows(context: Context, operation: Operation, what: str, query: dict[str, Any]) -> list[Any]:
    """The rows of all pages. In the older envelope they are ``data``, or lists named list_key in the items of it."""
    body, key = context.params["body"], context.params["list_key"]
    if operation.envelope == V1:
        return context.client.rows(operation, what, query=query, body=body)
    rows = context.client.rows(operation, what, body=_items(body))
    if not key or key == "data":
        return rows
    for row in rows:
        if not isinstance(row.get(key), list):
            raise ApiError("Cannot {0}: an item of its answer holds no list {1!r} (it has {2}); correct list_key".format(
                what, key, ", ".join(map(repr, sorted(row))) or "nothing"))
    return [item for row in rows for item in row[key]]


JOB = Job(
    {
        **API_SPEC,
        "method": {"type": "str", "choices": list(METHODS), "default": "GET"},
        "path": {"type": "str", "required": True},
        "query": {"type": "dict"},
        "body": {"type": "raw"},
        "envelope": {"type": "str", "choices": [V1, LEGACY]},
        "kind": {"type": "str", "choices": [READ, WRITE]},
        "paged": {"type": "bool", "default": False},
        "list_key": {"type": "str", "no_log": False},
    },
    work,
)
