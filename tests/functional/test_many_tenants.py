# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One credential for many tenants: the selected one is confirmed before the first write, and only then."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import Tenant
from wires import Reply, Request, WebServer, relay

ROUTE = {"name": "HQ", "hostname": "mx1.example.com"}


@pytest.fixture
def customers(sandbox: Any) -> list[Tenant]:
    """Three tenants; the credential of the first may act for the second."""
    partner, customer, stranger = (Tenant(sandbox) for _which in range(3))
    made = sandbox.credential(partner.code, acts_for=[customer.code])
    partner.connection.update(client_id=made["client_id"], client_secret=made["client_secret"])
    return [partner, customer, stranger]


def test_the_selected_tenant_is_written_and_confirmed_once(customers: list[Tenant]) -> None:
    partner, customer, _stranger = customers
    partner.connection["account_code"] = customer.code
    partner.sandbox.clear_requests()
    assert partner.route(**ROUTE, policies=[{"name": "In", "to": {"type": "domain", "domain": "example.com"}}])["changed"]
    operations = [one["operation"] for one in partner.sandbox.requests()]
    assert operations.count("whoAmI") == 1 and operations.index("whoAmI") < operations.index("createDeliveryRouteDefinition")
    assert customer.names() == ["HQ"] and partner.names() == []


def test_nothing_to_write_nothing_to_confirm(customers: list[Tenant]) -> None:
    partner, customer, _stranger = customers
    partner.connection["account_code"] = customer.code
    partner.route(**ROUTE)
    partner.sandbox.clear_requests()
    assert partner.route(**ROUTE)["changed"] is False and partner.route(check=True, **{**ROUTE, "port": 26})["changed"]
    assert "whoAmI" not in [one["operation"] for one in partner.sandbox.requests()]


def test_a_tenant_that_the_credential_may_not_act_for(customers: list[Tenant]) -> None:
    partner, _customer, stranger = customers
    partner.connection["account_code"] = stranger.code
    result = partner.route(**ROUTE)
    assert result["failed"] and "or the credential may not act for account " + stranger.code in result["msg"]
    assert stranger.names() == []


def test_a_service_that_ignores_the_selector_writes_nowhere(customers: list[Tenant]) -> None:
    partner, customer, _stranger = customers

    def ignoring(request: Request, reply: Reply) -> Reply:
        if request.path != "/identity/whoami":
            return reply
        own = {"cg": partner.code}
        return Reply(200, json.dumps({"account-codes": own, "home-account": own}).encode(), {"Content-Type": "application/json"})

    with WebServer(relay(partner.sandbox.url, ignoring)) as server:
        partner.connection.update(account_code=customer.code, base_url=server.url)
        result = partner.route(**ROUTE)
    assert result["failed"] and customer.names() == [] and partner.names() == []
    for words in ("account_code is " + customer.code, "acts on " + partner.code, "Nothing was changed"):
        assert words in result["msg"], result["msg"]
