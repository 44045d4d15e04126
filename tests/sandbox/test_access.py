# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens, tenants, products and permissions (API notes, section 1)."""

from __future__ import annotations

import base64
import time

import pytest
from conftest import CODE, FORM, ROUTES, Api, one

GROUPS = "/directory/cloud-gateway/v1/groups"
DEFINITIONS = f"{ROUTES}/definitions"


def test_token_lives_1799_seconds(api):
    answer = api.login().json
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 1799)


def test_token_by_basic(api):
    pair = f"{api.credential['client_id']}:{api.credential['client_secret']}"
    basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    assert api.form(basic, grant_type="client_credentials").status == 200


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"audience": "x"}, 400, "invalid_request"),
    ],
)
def test_token_refused(api, fields, status, error):
    good = {
        "grant_type": "client_credentials",
        "client_id": api.credential["client_id"],
        "client_secret": api.credential["client_secret"],
    }
    reply = api.form(**{**good, **fields})
    assert (reply.status, reply.json["error"]) == (status, error)


@pytest.mark.parametrize("media", ["application/json", "text/plain", FORM + "x"])
def test_token_needs_form_encoding(api, media):
    pair = f"client_id={api.credential['client_id']}&client_secret={api.credential['client_secret']}"
    reply = api.send("POST", "/oauth/token", f"grant_type=client_credentials&{pair}", {"Content-Type": media})
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("authorization", ["", "Bearer nonsense", "Basic eDp5", "Bearer"])
def test_no_token(api, authorization):
    reply = api.call("GET", GROUPS, headers={"Authorization": authorization})
    assert (reply.status, reply.error) == (401, ("token_expired", None))


def test_token_expires_for_real(box, api):
    box.settings(token_lifetime_s=0.15)
    assert api.login().json["expires_in"] == 0
    assert api.get(GROUPS).status == 200
    time.sleep(0.2)
    assert api.get(GROUPS).status == 401


def test_expire_tokens_of_one_tenant(box, api):
    other = Api(box.url, box.tenant(code="CEU2"))
    assert box.expire_tokens(CODE) == 1
    assert (api.get(GROUPS).status, other.get(GROUPS).status) == (401, 200)


@pytest.mark.parametrize(
    ("path", "products", "permissions", "status"),
    [
        (GROUPS, ["userandgroupmanagement"], None, 200),
        (GROUPS, ["emailsecurityonboarding"], ["Directories | Groups | Read"], 200),
        (GROUPS, ["policymanagement"], None, 403),
        (GROUPS, None, ["Gateway | Policies | Read"], 403),
        (GROUPS, [], None, 403),
        (DEFINITIONS, ["policymanagement"], ["Gateway | Policies | Read"], 200),
        ("/identity/whoami", ["accountmanagement"], [], 200),
        ("/email/cloud-gateway/v1/no-such-thing", None, None, 403),
    ],
)
def test_product_and_permission(box, api, path, products, permissions, status):
    client = Api(box.url, box.credential(CODE, products=products, permissions=permissions))
    reply = client.get(path)
    assert reply.status == status
    assert status == 200 or reply.error == ("app_forbidden", None)


def test_read_permission_does_not_write(box, api):
    client = Api(box.url, box.credential(CODE, permissions=["Gateway | Policies | Read"]))
    body = {"description": "HQ", "hostname": "mx.example.com", "port": 25}
    assert client.call("POST", DEFINITIONS, body).error == ("app_forbidden", None)
    assert box.objects(CODE, "delivery_route_definitions") == []


def test_other_method_is_405(api):
    assert api.call("PUT", DEFINITIONS, {}).status == 405


def test_whoami(api):
    assert api.get("/identity/whoami").json == {
        "version": "1",
        "type": "full",
        "account-codes": {"cg": CODE},
        "home-account": {"cg": CODE},
    }


def test_partner_acts_for_tenants(box, api):
    box.tenant(code="CUSB2", groups=["Only here"])
    box.tenant(code="CAU3")
    partner = Api(box.url, box.credential(CODE, acts_for=["CUSB2"]))
    header = {"x-mc-accountcode": "CUSB2"}
    answer = partner.call("GET", "/identity/whoami", headers=header).json
    assert (answer["account-codes"]["cg"], answer["home-account"]["cg"]) == ("CUSB2", CODE)
    assert [g["description"] for g in partner.call("GET", GROUPS, headers=header).json["groups"]] == ["Only here"]
    assert partner.get(GROUPS).json["groups"] == []
    for code in ("CAU3", "NONE"):
        assert partner.call("GET", GROUPS, headers={"x-mc-accountcode": code}).error == ("app_forbidden", None)
    assert api.call("GET", GROUPS, headers=header).error == ("app_forbidden", None)


def test_tenants_do_not_see_each_other(box, api):
    mine = api.definition()
    other = Api(box.url, box.tenant(code="CEU2"))
    assert other.get(DEFINITIONS).json["definitions"] == []
    assert other.get(one("definitions", mine)).status == 404
    assert other.call("DELETE", one("definitions", mine)).status == 404
