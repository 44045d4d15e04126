# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The service's own tests of a stored directory connector."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import CONNECTOR_TYPES, TESTS, operation_of_test


def run_tests(client: Client, word: str, object_id: str) -> list[dict[str, Any]]:
    """Every test that the service offers for connectors of this type."""
    return [_test(client, word, test, object_id) for test in TESTS[word]]


def _test(client: Client, word: str, test: str, object_id: str) -> dict[str, Any]:
    """A verdict by the only field that is published, success; the rest is shown as it comes."""
    what = "test the {0} of the {1}".format(test, CONNECTOR_TYPES[word].label)
    try:
        answer = client.read(operation_of_test(CONNECTOR_TYPES[word], test), what, object_id)
    except ApiError as error:
        return {"test": test, "verdict": "unknown", "message": str(error), "answer": {}}
    verdict = {True: "ok", False: "failed"}.get(answer.get("success"), "unknown")
    return {"test": test, "verdict": verdict, "message": "The service says {0} to {1}".format(verdict, test), "answer": answer}
