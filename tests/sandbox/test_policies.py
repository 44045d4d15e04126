# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Anti-spoofing, its bypass, blocked senders and greylisting: what each kind has of its own (API notes, section 4)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from conftest import CODE, Api

ROOT = "/policy-management/cloud-gateway/v1"
EVERYONE = {"type": "everyone"}
DEFAULTS = {
    "from": EVERYONE,
    "to": EVERYONE,
    "fromPart": "envelope_from",
    "enabled": True,
    "enforced": False,
    "override": False,
    "bidirectional": False,
    "fromEternal": True,
    "toEternal": True,
    "sourceIPs": [],
}
BYPASS_DEFAULTS = {
    **{name: value for name, value in DEFAULTS.items() if name != "sourceIPs"},
    "fromPart": "both",
    "spfDomains": [],
}
# area -> (kind, least body, what reads add)
AREAS = {
    "anti-spoofing": ("anti_spoofing_policies", {"option": "apply"}, {**DEFAULTS, "hostnames": []}),
    "anti-spoofing-bypass": ("anti_spoofing_bypass_policies", {"option": "enable_bypass"}, BYPASS_DEFAULTS),
    "blocked-senders": ("blocked_senders_policies", {"option": "block_sender"}, DEFAULTS),
    "greylisting": (
        "greylisting_policies",
        {"option": "apply"},
        {name: value for name, value in DEFAULTS.items() if name != "to"},
    ),
}
areas = pytest.mark.parametrize("area", AREAS)


def least(area):
    body = {"description": "P", "from": EVERYONE, **AREAS[area][1]}
    return body if area == "greylisting" else {**body, "to": EVERYONE}


def create(api, area, **more):
    """Creates a policy and answers its path."""
    reply = api.call("POST", f"{ROOT}/{area}/policies", {**least(area), **more})
    assert reply.status == 201, reply
    return f"{ROOT}/{area}/policies/{quote(reply.json['id'], safe='')}"


@areas
@pytest.mark.parametrize("key", ["policies", "definitions"])
def test_five_operations(box, api, area, key):
    box.settings(policies_list_key=key)
    kind, _least, defaults = AREAS[area]
    made = create(api, area)
    expected = {**defaults, **least(area)}
    assert api.get(made).json == expected
    (item,) = api.get(f"{ROOT}/{area}/policies").json[key]
    assert made.endswith(quote(item.pop("id"), safe="")) and item == expected
    assert api.call("PATCH", made, {"option": "no_action" if area != "anti-spoofing-bypass" else "disable_bypass"}).status == 204
    assert api.get(made).json == {**expected, "option": box.objects(CODE, kind)[0]["option"]} != expected
    assert [api.call("DELETE", made).status, api.get(made).status, box.objects(CODE, kind)] == [204, 404, []]


@areas
def test_inserted_behind_the_back(box, api, area):
    """The control interface applies the same defaults as a create."""
    kind, own, defaults = AREAS[area]
    box.insert(CODE, kind, {"description": "P", **own})
    (item,) = api.get(f"{ROOT}/{area}/policies").json["policies"]
    assert {**item, "id": ""} == {"id": "", "description": "P", **own, **defaults}


@areas
def test_group_target(box, api, area):
    box.insert(CODE, "groups", {"description": "Sales"})
    (group,) = api.get("/directory/cloud-gateway/v1/groups").json["groups"]
    made = create(api, area, **{"from": {"type": "profile_group", "groupId": group["id"]}})
    assert api.get(made).json["from"]["group"] == {"id": group["id"], "description": "Sales"}


@areas
def test_ids_of_other_kinds(api, area):
    other = next(name for name in AREAS if name != area)
    reply = api.get(create(api, other).replace(f"/{other}/", f"/{area}/"))
    assert (reply.status, reply.error) == (400, ("xdk_failure", None))


@pytest.mark.parametrize(
    ("area", "change", "code", "field"),
    [
        *((area, {"option": "perhaps"}, "err_validation_value_not_allowed", "option") for area in AREAS),
        *((area, {"from": {"type": "email_domain"}}, "err_validation_null", "from.domain") for area in AREAS),
        *((area, {"colour": 1}, "err_validation_unknown_field", "colour") for area in AREAS),
        ("blocked-senders", {"option": "apply"}, "err_validation_value_not_allowed", "option"),
        ("blocked-senders", {"hostnames": []}, "err_validation_unknown_field", "hostnames"),
        ("anti-spoofing", {"spfDomains": []}, "err_validation_unknown_field", "spfDomains"),
        ("anti-spoofing", {"hostnames": ["a b"]}, "err_validation", "hostnames[0]"),
        ("anti-spoofing", {"sourceIPs": ["192.0.2.1"]}, "err_validation", "sourceIPs[0]"),
        ("anti-spoofing-bypass", {"fromPart": "envelope_from"}, "err_validation_value_not_allowed", "fromPart"),
        ("anti-spoofing-bypass", {"sourceIPs": []}, "err_validation_unknown_field", "sourceIPs"),
        ("anti-spoofing-bypass", {"enforced": True}, "err_validation_unknown_field", "enforced"),
        ("anti-spoofing-bypass", {"spfDomains": ["192.0.2.1"]}, "err_validation", "spfDomains[0]"),
        ("greylisting", {"fromDateTime": "2030-01-01"}, "err_validation_unknown_field", "fromDateTime"),
        ("greylisting", {"toDate": "2030-02-30"}, "err_validation", "toDate"),
        ("blocked-senders", {"toDate": "2030-01-01"}, "err_validation_unknown_field", "toDate"),
    ],
)
def test_refused(box, api, area, change, code, field):
    made = create(api, area)
    for reply in (
        api.call("POST", f"{ROOT}/{area}/policies", {**least(area), **change}),
        api.call("PATCH", made, change),
    ):
        assert (reply.status, reply.error) == (400, (code, field))


@pytest.mark.parametrize(
    ("area", "missing"), [(area, field) for area in AREAS for field in ("description", "option", "from", "to") if field in least(area)]
)
def test_needs(api, area, missing):
    body = {name: value for name, value in least(area).items() if name != missing}
    assert api.call("POST", f"{ROOT}/{area}/policies", body).error == ("err_validation_null", missing)


@pytest.mark.parametrize(
    ("area", "field", "value"),
    [
        ("anti-spoofing", "hostnames", ["mx.example.com", "192.0.2.1"]),
        ("anti-spoofing", "sourceIPs", ["192.0.2.0/24"]),
        ("anti-spoofing", "fromPart", "header_from"),
        ("anti-spoofing-bypass", "spfDomains", ["example.com"]),
        ("blocked-senders", "bidirectional", True),
        ("greylisting", "to", {"type": "internal_addresses"}),
        ("greylisting", "enforced", True),
    ],
)
def test_own_fields_are_kept(api, area, field, value):
    assert api.get(create(api, area, **{field: value})).json[field] == value
    made = create(api, area)
    assert api.call("PATCH", made, {field: value}).status == 204
    assert api.get(made).json[field] == value


@pytest.mark.parametrize("area", ["anti-spoofing", "anti-spoofing-bypass", "blocked-senders"])
def test_dates(api, area):
    made = create(api, area, toDateTime="2030-01-31")
    assert (api.get(made).json["toDateTime"], api.get(made).json["toEternal"]) == ("2030-01-31", False)
    api.call("PATCH", made, {"toEternal": True})
    assert "toDateTime" not in api.get(made).json


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        ("both", {"fromDate", "fromDateTime"}),
        ("fromDate", {"fromDate"}),
        ("fromDateTime", {"fromDateTime"}),
    ],
)
def test_greylisting_dates(box, api, setting, names):
    box.settings(greylisting_dates=setting)
    made = create(api, "greylisting", fromDate="2030-01-31")
    for shown in (api.get(made).json, api.get(f"{ROOT}/greylisting/policies").json["policies"][0]):
        assert {name: value for name, value in shown.items() if "Date" in name} == dict.fromkeys(names, "2030-01-31")
        assert (shown["fromEternal"], shown["toEternal"]) == (False, True)
    api.call("PATCH", made, {"fromEternal": True})
    assert not [name for name in api.get(made).json if "Date" in name]


@areas
def test_access(box, area):
    """Blocked senders are not in the onboarding bundle, and writes need Edit."""
    tenant = box.tenant(code="CEU2", products=["emailsecurityonboarding"], permissions=["Gateway | Policies | Read"])
    client = Api(box.url, tenant)
    assert client.get(f"{ROOT}/{area}/policies").status == (403 if area == "blocked-senders" else 200)
    assert client.call("POST", f"{ROOT}/{area}/policies", least(area)).status == 403
