# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The two forms in which the service answers, reduced to one.

v1: bare JSON, failures as HTTP 4xx with ``errors``. Legacy: ``meta``/``data``/``fail``, where HTTP 200 proves nothing.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import LEGACY, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._api.transport import Answer


class BadAnswer(Exception):
    """The answer is not what the service says; a proxy, or a broken answer."""


class Refusal(NamedTuple):
    """Why the service refused, in its own words; parts can be empty."""

    code: str
    message: str
    field: str

    def __str__(self) -> str:
        text = self.message or self.code or "no reason given"
        if self.field:
            text += " (field {0})".format(self.field)
        return text + (" [{0}]".format(self.code) if self.code and self.code not in text else "")


def decode(answer: Answer, bare_list: str = "") -> dict[str, Any]:
    """The JSON object of an answer; {} for an empty body. A list goes under the key ``bare_list`` if there is one. BadAnswer otherwise."""
    if not answer.body.strip():
        return {}
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        kind = answer.headers.get("content-type", "no content type").split(";")[0]
        raise BadAnswer("it answered with something that is not JSON ({0})".format(kind)) from None
    if bare_list and isinstance(value, list):
        return {bare_list: value}
    if not isinstance(value, dict):
        raise BadAnswer("it answered with a JSON {0} instead of an object".format(type(value).__name__))
    return value


def refusal(answer: Answer) -> Refusal:
    """Why a 4xx or 5xx was given; tolerates every form seen (errors, fail, error, message, nothing)."""
    try:
        body = decode(answer)
    except BadAnswer:
        return Refusal("", "HTTP {0} without a JSON body".format(answer.status), "")
    for error in _errors(body):
        return error
    text = body.get("error_description") or body.get("message") or body.get("error") or ""
    return Refusal(str(body.get("error") or ""), str(text) or "HTTP {0}".format(answer.status), "")


def failures(operation: Operation, body: dict[str, Any]) -> list[Refusal]:
    """Failures inside a 2xx answer: the legacy ``fail`` list."""
    return _errors({"fail": body.get("fail")}) if operation.envelope == LEGACY else []


def _errors(body: dict[str, Any]) -> list[Refusal]:
    found = _listed(body.get("errors"))
    for item in _listed(body.get("fail")):
        if isinstance(item, dict):
            found += _listed(item.get("errors")) or [{}]
    return [
        Refusal(str(error.get("code") or ""), str(error.get("message") or ""), str(error.get("field") or ""))
        for error in found
        if isinstance(error, dict)
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def rows(operation: Operation, body: dict[str, Any]) -> list[dict[str, Any]]:
    """The list inside an answer. A list under an unknown name is an error: taking it for empty would make duplicates."""
    keys = ("data",) if operation.envelope == LEGACY else operation.list_keys
    for key in keys:
        if isinstance(body.get(key), list):
            return [row for row in body[key] if isinstance(row, dict)]
    strange = [key for key, value in body.items() if isinstance(value, list) and value]
    if strange:
        raise BadAnswer("it listed objects under {0!r} where {1!r} was expected; please report it".format(strange[0], keys[0]))
    if "meta" not in body:
        raise BadAnswer("it answered without a list of {0!r}; check base_url".format(keys[0]))
    return []


def next_token(operation: Operation, body: dict[str, Any]) -> str | None:
    """Token of the following page, or None on the last one."""
    meta = body.get("meta") if isinstance(body.get("meta"), dict) else {}
    inner = meta.get("pagination") if isinstance(meta.get("pagination"), dict) else {}
    if operation.envelope == LEGACY:
        return str(inner.get("next") or "") or None
    names = ("nextPage", "nextPageToken", "next")
    return next((str(place[name]) for place in (meta, inner) for name in names if place.get(name)), None)
