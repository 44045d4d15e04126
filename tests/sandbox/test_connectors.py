# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connectors: read and delete only; the rest needs a person."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from conftest import CODE

CONNECTORS = "/connector/cloud-gateway/v1/connectors"


@pytest.fixture
def path(box, api):
    box.insert(CODE, "connectors", {"name": "Azure", "usedBy": []})
    return f"{CONNECTORS}/{quote(api.get(CONNECTORS).json['connectors'][0]['id'], safe='')}"


def test_list_and_read(box, api, path):
    box.insert(CODE, "connectors", {"name": "EWS", "provider": "exchange_web_services", "status": "configured"})
    items = api.get(CONNECTORS).json["connectors"]
    assert [(item["name"], item["provider"], item["status"]) for item in items] == [
        ("Azure", "azure_standard", "connected"),
        ("EWS", "exchange_web_services", "configured"),
    ]
    assert api.get(path).json == items[0]
    assert "usedBy" not in items[0]


def test_consent(api, path):
    for reply in (api.call("POST", CONNECTORS, {"name": "New"}), api.call("PATCH", path, {"name": "New"})):
        assert (reply.status, reply.error) == (403, ("err_consent_required", None))
        assert "a person has to agree" in reply.json["errors"][0]["message"]


def test_delete(box, api, path):
    (stored,) = box.objects(CODE, "connectors")
    box.patch(CODE, "connectors", stored["ref"], usedBy=["Journal one", "Sync two"])
    reply = api.call("DELETE", path)
    assert (reply.status, reply.error) == (409, ("err_in_use", None))
    assert "Journal one, Sync two" in reply.json["errors"][0]["message"]
    box.patch(CODE, "connectors", stored["ref"], usedBy=None)
    assert [api.call("DELETE", path).status, api.call("DELETE", path).status] == [204, 404]
    assert api.call("PATCH", path, {}).status == 404


def test_unused_setting_allows_delete(box, api, path):
    (stored,) = box.objects(CODE, "connectors")
    box.patch(CODE, "connectors", stored["ref"], usedBy=["Sync"])
    box.settings(delete_in_use="allow")
    assert api.call("DELETE", path).status == 204
