# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both envelopes, and every form of failure that was seen, reduced to one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._api import envelope
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import LEGACY, READ, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._api.transport import Answer

V1_LIST = Operation("GET", "/x", READ, list_keys=("policies", "definitions"))
LEGACY_LIST = Operation("POST", "/api/x", READ, LEGACY)


def answer(body: Any, status: int = 400) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {"content-type": "application/json"}, data)


@pytest.mark.parametrize("body, words", [
    ({"errors": [{"code": "err_a", "message": "Not so", "field": "port"}]}, ["Not so", "port", "err_a"]),
    ({"fail": [{"key": {}, "errors": [{"code": "err_b", "message": "No"}]}]}, ["No", "err_b"]),
    ({"error": "invalid_client", "error_description": "Unknown client"}, ["Unknown client", "invalid_client"]),
    ({"message": "Sorry"}, ["Sorry"]),
    ({"errors": [{}]}, ["no reason given"]),
    ({"errors": ["text"], "fail": [None]}, ["HTTP 400"]),
    (b"", ["HTTP 400"]),
    (b"<html>", ["without a JSON body"]),
    ([1], ["without a JSON body"]),
])
def test_refusals(body: Any, words: list[str]) -> None:
    text = str(envelope.refusal(answer(body)))
    assert all(word in text for word in words), text


@pytest.mark.parametrize("operation, body, found", [
    (V1_LIST, {"policies": [{"id": "1"}], "meta": {}}, 1),
    (V1_LIST, {"definitions": [{"id": "1"}, {"id": "2"}]}, 2),
    (V1_LIST, {"meta": {}}, 0),
    (LEGACY_LIST, {"data": [{"a": 1}], "fail": []}, 1),
])
def test_rows(operation: Operation, body: dict[str, Any], found: int) -> None:
    assert len(envelope.rows(operation, body)) == found


def test_a_list_under_a_strange_name_is_not_taken_for_empty() -> None:
    with pytest.raises(envelope.BadAnswer, match="'items'"):
        envelope.rows(V1_LIST, {"items": [{"id": "1"}]})


@pytest.mark.parametrize("operation, meta, token", [
    (V1_LIST, {"nextPage": "t"}, "t"),
    (V1_LIST, {"nextPageToken": "t"}, "t"),
    (V1_LIST, {"pagination": {"next": "t"}}, "t"),
    (V1_LIST, {"nextPage": None}, None),
    (LEGACY_LIST, {"pagination": {"next": "t"}}, "t"),
    (LEGACY_LIST, {"pagination": {"previous": "t"}}, None),
])
def test_next_page(operation: Operation, meta: dict[str, Any], token: str | None) -> None:
    assert envelope.next_token(operation, {"meta": meta}) == token


def test_legacy_failures_inside_success() -> None:
    failed = envelope.failures(LEGACY_LIST, {"meta": {"status": 200}, "fail": [{"errors": [{"code": "err_x"}]}]})
    assert [one.code for one in failed] == ["err_x"]
    assert envelope.failures(V1_LIST, {"fail": [{"errors": [{}]}]}) == []
