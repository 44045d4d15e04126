# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journaling services: one connection, the two sets of names, secrets (API notes, section 4)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from conftest import CODE

SERVICES = "/journaling/cloud-gateway/v1/services"
SMTP = {"emailAddress": "journaling@journal.example.com"}
POP3 = {
    "emailAddress": "pop@example.com",
    "mailbox": "journal",
    "password": "s3cret-pass",
    "host": "pop.example.com",
}
HOSTS = ["eu-smtp-journal-1.mimecast.com", "eu-smtp-journal-2.mimecast.com"]
SMTP_READ = {
    **SMTP,
    "ipRanges": [],
    "usesAuthentication": False,
    "usesTls": True,
    "prefersClearText": False,
    "extendedDeduplication": False,
    "deliveryWaitAttempts": 3,
    "inactivityTimeout": 180,
    "processInitialDelay": 0,
    "hostnames": HOSTS,
}
POP3_READ = {
    **{name: value for name, value in POP3.items() if name != "password"},
    "port": 995,
    "usesPOP3S": True,
    "encryptionIsRelaxed": False,
    "detailedLoggingIsEnabled": False,
}
LOGIN = {**SMTP, "usesAuthentication": True, "password": "s3cret-pass"}


def create(api, description="Default", **connection):
    reply = api.call("POST", SERVICES, {"description": description, **(connection or {"smtpJournalingConnection": SMTP})})
    assert reply.status == 201, reply
    return one(reply.json["id"])


def one(made):
    return f"{SERVICES}/{quote(made, safe='')}"


def test_read_with_defaults(api):
    path = create(api)
    answer = api.get(path).json
    made = answer.pop("id")
    assert one(made) == path
    assert answer == {
        "description": "Default",
        "enabled": True,
        "messageFormat": "exchange_env",
        "removeJournalHeaders": False,
        "journalNonInternalAddresses": False,
        "journalUnknownInternalAddresses": False,
        "transferProtocol": "smtp",
        "smtpJournalingConnection": SMTP_READ,
        "queueSize": 0,
        "statusInfo": {"status": "not_active"},
    }


@pytest.mark.parametrize("key", ["journalingServices", "services"])
def test_list_key(box, api, key):
    box.settings(journaling_list_key=key)
    path = create(api, pop3JournalingConnection=POP3)
    reply = api.get(SERVICES)
    assert set(reply.json) == {key, "meta"}
    assert reply.json[key] == [api.get(path).json]
    assert reply.json[key][0]["pop3JournalingConnection"] == POP3_READ
    assert b"s3cret-pass" not in reply.raw


def test_password_echo(box, api):
    path = create(api, smtpJournalingConnection=LOGIN)
    assert b"s3cret-pass" not in api.get(path).raw + api.get(SERVICES).raw
    box.settings(journaling_echo_password=True)
    assert api.get(path).json["smtpJournalingConnection"]["password"] == "s3cret-pass"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "err_validation_null", "smtpJournalingConnection"),
        (
            {"smtpJournalingConnection": SMTP, "pop3JournalingConnection": POP3},
            "err_validation",
            "smtpJournalingConnection",
        ),
        (
            {"smtpJournalingConnection": {**SMTP, "usesAuthentication": True}},
            "err_validation_null",
            "smtpJournalingConnection.password",
        ),
        (
            {"smtpJournalingConnection": {**SMTP, "useTls": True}},
            "err_validation_unknown_field",
            "smtpJournalingConnection.useTls",
        ),
        (
            {"pop3JournalingConnection": {**POP3, "usePop3": True}},
            "err_validation_unknown_field",
            "pop3JournalingConnection.usePop3",
        ),
        (
            {"smtpJournalingConnection": {**SMTP, "inactivityTimeout": 179}},
            "err_validation",
            "smtpJournalingConnection.inactivityTimeout",
        ),
        ({"smtpJournalingConnection": SMTP, "transferProtocol": "smtp"}, "err_validation_unknown_field", "transferProtocol"),
    ],
)
def test_refused_creates(api, body, code, field):
    assert api.call("POST", SERVICES, {"description": "X", **body}).error == (code, field)


@pytest.mark.parametrize(
    ("connection", "change", "expected"),
    [
        ("smtp", {"useTls": False, "preferClearText": True}, {"usesTls": False, "prefersClearText": True}),
        ("smtp", {"useAuthentication": True, "password": "p"}, {"usesAuthentication": True}),
        ("smtp", {"ipRanges": ["192.0.2.0/24"]}, {"ipRanges": ["192.0.2.0/24"]}),
        (
            "pop3",
            {"usePop3": False, "relaxedEncryption": True, "detailedLogging": True},
            {"usesPOP3S": False, "encryptionIsRelaxed": True, "detailedLoggingIsEnabled": True},
        ),
    ],
)
def test_patch_names(api, connection, change, expected):
    key = f"{connection}JournalingConnection"
    before = {"smtp": (SMTP, SMTP_READ), "pop3": (POP3, POP3_READ)}[connection]
    path = create(api, **{key: before[0]})
    assert api.call("PATCH", path, {key: change}).status == 204
    assert api.get(path).json[key] == {**before[1], **expected}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (
            {"smtpJournalingConnection": {"usesTls": False}},
            "err_validation_unknown_field",
            "smtpJournalingConnection.usesTls",
        ),
        (
            {"pop3JournalingConnection": {"usesPOP3S": False}},
            "err_validation_unknown_field",
            "pop3JournalingConnection.usesPOP3S",
        ),
        (
            {"smtpJournalingConnection": {"hostnames": HOSTS}},
            "err_validation_unknown_field",
            "smtpJournalingConnection.hostnames",
        ),
        ({"queueSize": 1}, "err_validation_unknown_field", "queueSize"),
        ({"pop3JournalingConnection": POP3}, "err_validation_value_not_allowed", "pop3JournalingConnection"),
        (
            {"transferProtocol": "pop3", "pop3JournalingConnection": {"host": "pop.example.com"}},
            "err_validation_null",
            "pop3JournalingConnection.emailAddress",
        ),
        (
            {"smtpJournalingConnection": {"useAuthentication": True}},
            "err_validation_null",
            "smtpJournalingConnection.password",
        ),
    ],
)
def test_refused_patches(api, change, code, field):
    path = create(api)
    assert api.call("PATCH", path, change).error == (code, field)
    assert api.get(path).json["smtpJournalingConnection"] == SMTP_READ


def test_patch_keeps_the_password(box, api):
    path = create(api, smtpJournalingConnection=LOGIN)
    assert api.call("PATCH", path, {"smtpJournalingConnection": {"useTls": False}, "enabled": False}).status == 204
    (stored,) = box.objects(CODE, "journaling_services")
    assert stored["smtpJournalingConnection"]["password"] == "s3cret-pass"
    assert stored["enabled"] is False


def test_change_of_protocol(api):
    path = create(api)
    body = {"transferProtocol": "pop3", "pop3JournalingConnection": POP3}
    assert api.call("PATCH", path, body).status == 204
    answer = api.get(path).json
    assert (answer["transferProtocol"], answer["pop3JournalingConnection"]) == ("pop3", POP3_READ)
    assert "smtpJournalingConnection" not in answer


def test_sense_of_use_pop3(box, api):
    box.settings(journaling_use_pop3="inverted")
    path = create(api, pop3JournalingConnection=POP3)
    api.call("PATCH", path, {"pop3JournalingConnection": {"usePop3": True}})
    assert api.get(path).json["pop3JournalingConnection"]["usesPOP3S"] is False


def test_addresses_differ(api):
    create(api)
    other = create(api, "Other", smtpJournalingConnection={"emailAddress": "other@journal.example.com"})
    body = {"description": "Third", "smtpJournalingConnection": SMTP}
    for reply in (api.call("POST", SERVICES, body), api.call("PATCH", other, {"smtpJournalingConnection": SMTP})):
        assert reply.error == ("err_validation", "smtpJournalingConnection.emailAddress")


def test_status_comes_from_control(box, api):
    box.insert(
        CODE,
        "journaling_services",
        {
            "description": "Default",
            "smtpJournalingConnection": SMTP,
            "queueSize": 7,
            "statusInfo": {"status": "ok", "lastReceivedDateTime": "2026-01-01T00:00:00Z"},
        },
    )
    (item,) = api.get(SERVICES).json["journalingServices"]
    assert (item["queueSize"], item["statusInfo"]["status"]) == (7, "ok")
    assert item["smtpJournalingConnection"] == SMTP_READ
    assert api.call("DELETE", one(item["id"])).status == 204
    assert api.get(one(item["id"])).error == ("err_not_found", None)
