# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail through the sandbox: smtplib sends, mail servers of customers and partners receive, the API tells."""

from __future__ import annotations

import datetime
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from conftest import CODE, Api
from dns_server import dns_server
from mail_hosts import MailHost, mail_host

from mimecast_sandbox.control import Sandbox, SandboxError
from mimecast_sandbox.mail_pki import Pki

ANN, BOB, STRANGER = "ann@example.com", "bob@partner.test", "eve@elsewhere.test"
CUSTOMER, PUBLIC = "127.0.0.25", "203.0.113.25"
JOURNAL = "journaling@journal.example.com"
RELAY = "451 4.7.1 Open relay not allowed"


@pytest.fixture(scope="module")
def mail_box() -> Iterator[Sandbox]:
    with Sandbox("--mail", "--reach", "198.51.100.0/24") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def pki(tmp_path_factory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"), ["mx.customer.test"])


@pytest.fixture
def box(mail_box) -> Iterator[Sandbox]:
    mail_box.reset()
    yield mail_box
    assert mail_box.health()["bugs"] == []


@pytest.fixture
def customer(pki) -> Iterator[MailHost]:
    with mail_host(pki, **{"full@example.com": "452 4.2.2 Full", "gone@example.com": "550 5.1.1 Gone"}) as host:
        yield host


@pytest.fixture
def api(box, customer) -> Iterator[Api]:
    """A customer whose server is reached by the route HQ and who sends from PUBLIC, which is CUSTOMER here."""
    made = box.tenant(
        code=CODE,
        internal_domains=[{"domain": "example.com", "inboundType": "any"}, {"domain": "known.test", "inboundType": "known"}],
        objects={
            "outbound_ip_addresses": [{"outboundIpAddress": PUBLIC}],
            "users": [{"emailAddress": "Ann@known.test"}],
            "delivery_route_definitions": [{"description": "HQ", "hostname": "mx.customer.test", "port": 25}],
        },
    )
    route = made["refs"]["delivery_route_definitions"][0]
    policy(box, route)
    box.address_book({"mx.customer.test:25": customer.address, PUBLIC: f"{CUSTOMER}:25"})
    client = Api(box.url, made)
    yield client
    client.connection.close()


def policy(box, route, **more):
    everyone = {"type": "everyone"}
    box.insert(CODE, "delivery_route_policies", {"description": "To HQ", "definitionId": route, "from": everyone, "to": everyone, **more})


def session(box, listener, source="127.0.0.1", tls=False):
    host, _colon, port = box.mail[listener].rpartition(":")
    made = smtplib.SMTP(host, int(port), "mail.customer.test", timeout=10, source_address=(source, 0))
    if tls:
        context = ssl.create_default_context(cafile=box.mail["ca"])
        made._host = "eu-smtp-outbound-1.mimecast.com"  # the name that the certificate must have
        made.starttls(context=context)
    return made


def text(sender=ANN, subject="Offer", **headers):
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = f"Somebody <{sender}>", subject, "<1@example.com>"
    for name, value in headers.items():
        message[name] = value
    message.set_content("Hello")
    return message.as_bytes()


def send(box, listener, sender, *recipients, content=None, source="127.0.0.1", tls=False, login=None):
    """The last reply: that of the first refused recipient, else that of DATA."""
    with session(box, listener, source, tls) as smtp:
        smtp.ehlo()
        if login:
            smtp.login(*login)
        smtp.mail(sender)
        replies = [smtp.rcpt(one) for one in recipients]
        refused = [reply for reply in replies if reply[0] >= 400]
        code, said = refused[0] if len(refused) == len(replies) else smtp.data(content or text(sender))
        return f"{code} {said.decode()}"


def tracked(api, **asked):
    return api.call("POST", "/api/message-finder/search", {"data": [asked]}).json["data"][0]["trackedEmails"]


def info(api, row):
    return api.call("POST", "/api/message-finder/get-message-info", {"data": [{"id": row["id"]}]}).json["data"][0]


# --- inbound

def test_inbound_reaches_the_customer_and_the_api_tells(box, api, customer):
    assert send(box, "inbound", BOB, ANN, content=text(BOB)).startswith("250 ")
    (got,) = customer.got
    assert (got["from"], got["to"], got["tls"], got["peer"]) == (BOB, [ANN], True, "127.0.0.1")
    assert got["content"].startswith(b"Received: from mail.customer.test ([127.0.0.1])") and b"Subject: Offer" in got["content"]
    (row,) = tracked(api, messageId="<1@example.com>", route=["inbound"], status=["accepted"])
    assert (row["subject"], row["fromEnv"], row["to"], row["senderIP"]) == ("Offer", {"emailAddress": BOB}, [{"emailAddress": ANN}], "127.0.0.1")
    details = info(api, row)
    assert details["recipientInfo"]["txInfo"]["deliveryType"] == "Not Encrypted"
    leg = details["deliveredMessage"][ANN]
    assert leg["txInfo"]["deliveryType"] == "Encrypted (TLS)" and leg["txInfo"]["remoteServer"] == "mx.customer.test"
    assert leg["policyInfo"] == [{"policyType": "Delivery Routing", "policyName": "To HQ", "inherited": False}]
    assert "Hello" in box.objects(CODE, "tracked_messages")[0]["content"]


@pytest.mark.parametrize(
    ("recipient", "reply"),
    [
        ("ann@known.test", "250 "),
        ("nobody@known.test", "550 5.1.1 Invalid Recipient"),
        (STRANGER, RELAY),
        ("gone@example.com", "550 5.1.1 Gone"),
        ("full@example.com", "452 4.2.2 Full"),
    ],
)
def test_who_gets_inbound_mail(box, api, customer, recipient, reply):
    assert send(box, "inbound", BOB, recipient).startswith(reply)
    assert len(customer.got) == (reply == "250 ")
    states = [row["status"] for row in tracked(api)]
    assert states == {"250 ": ["accepted"], RELAY: []}.get(reply, ["rejected" if "Invalid" in reply else "bounced" if reply[0] == "5" else "deferred"])
    log = box.mail_log()
    assert log[-1]["reply"].startswith(reply.strip()) and log[-1]["listener"] == "inbound" and log[-1]["to"] == [recipient]


def test_some_recipients_are_enough_for_a_yes(box, api, customer):
    assert send(box, "inbound", BOB, "gone@example.com", ANN, "nobody@known.test").startswith("250 ")
    assert [one["to"] for one in customer.got] == [[ANN]]
    assert box.mail_log()[-1]["delivered"] == {"gone@example.com": "550 5.1.1 Gone", ANN: "250 kept"}


def test_recipients_of_two_accounts_come_apart(box, api, customer):
    box.tenant(code="COTHER", internal_domains=[{"domain": "other.test", "inboundType": "any"}])
    with session(box, "inbound") as smtp:
        smtp.ehlo()
        smtp.mail(BOB)
        assert [smtp.rcpt(one)[0] for one in (ANN, "joe@other.test", "max@example.com")] == [250, 451, 250]


@pytest.mark.parametrize(("kind", "reply"), [("created_manually", "550"), ("created_by_directory", "250")])
def test_a_directory_domain_takes_synchronised_addresses_only(box, api, kind, reply):
    box.insert(CODE, "internal_domains", {"domain": "ldap.test", "inboundType": "ldap"})
    box.insert(CODE, "users", {"emailAddress": "ann@ldap.test", "type": kind})
    assert send(box, "inbound", BOB, "ann@ldap.test").startswith(reply)


def test_call_forward_asks_the_customers_server(box, api, customer):
    box.patch(CODE, "internal_domains", box.objects(CODE, "internal_domains")[0]["ref"], inboundType="smtp")
    assert [send(box, "inbound", BOB, one)[:3] for one in ("gone@example.com", ANN, "full@example.com")] == ["550", "250", "452"]
    assert [one["to"] for one in customer.got] == [[ANN]]


# --- routes

@pytest.fixture
def second(box, api, pki) -> Iterator[MailHost]:
    with mail_host(None, auth=False) as host:
        box.address_book({**box.call("GET", "/address-book"), "mx2.customer.test:25": host.address, "down.customer.test": "127.0.0.1:1"})
        yield host


def test_the_alternate_route_takes_over(box, api, customer, second):
    (alternate,) = box.insert(CODE, "delivery_route_definitions", {"description": "Two", "hostname": "mx2.customer.test", "port": 25})
    route = box.objects(CODE, "delivery_route_definitions")[0]["ref"]
    box.patch(CODE, "delivery_route_definitions", route, hostname="down.customer.test", alternateRouteId=alternate)
    assert send(box, "inbound", BOB, ANN).startswith("250 ")
    assert (len(customer.got), [one["tls"] for one in second.got]) == (0, [False]), "TLS is used where it is offered"
    box.patch(CODE, "delivery_route_definitions", alternate, alternateRouteId=route)
    second.refuses[ANN] = "550 no"
    assert send(box, "inbound", BOB, ANN) == "550 no"


@pytest.mark.parametrize(
    ("change", "second_gets"),
    [
        ({"to": {"type": "email_domain", "domain": "example.com"}}, True),
        ({"to": {"type": "individual_email_address", "emailAddress": ANN}}, True),
        ({"to": {"type": "individual_email_address", "emailAddress": "x@example.com"}}, False),
        ({"to": {"type": "email_domain", "domain": "example.com"}, "enabled": False}, False),
        ({"to": {"type": "email_domain", "domain": "example.com"}, "toEternal": False, "toDateTime": "2020-01-01T00:00:00+0000"}, False),
        ({"to": {"type": "email_domain", "domain": "example.com"}, "sourceIPs": ["192.0.2.0/24"]}, False),
        ({"to": {"type": "email_domain", "domain": "example.com"}, "from": {"type": "internal_addresses"}}, False),
        ({"to": {"type": "internal_addresses"}, "from": {"type": "email_domain", "domain": "partner.test"}}, True),
        ({"from": {"type": "email_domain", "domain": "example.com"}, "to": {"type": "email_domain", "domain": "partner.test"}, "bidirectional": True}, True),
        ({"override": True}, True),
        ({}, False),
    ],
)
def test_the_most_specific_policy_applies(box, api, customer, second, change, second_gets):
    (route,) = box.insert(CODE, "delivery_route_definitions", {"description": "Two", "hostname": "mx2.customer.test", "port": 25})
    policy(box, route, description="Two", **change)
    assert send(box, "inbound", BOB, ANN).startswith("250 ")
    assert (len(second.got), len(customer.got)) == ((1, 0) if second_gets else (0, 1))


def test_a_policy_for_a_group(box, api, customer, second):
    (group,) = box.insert(CODE, "groups", {"description": "Moved"})
    box.insert(CODE, "group_members", {"groupId": group, "emailAddress": ANN})
    (route,) = box.insert(CODE, "delivery_route_definitions", {"description": "Two", "hostname": "mx2.customer.test", "port": 25})
    policy(box, route, to={"type": "profile_group", "groupId": group})
    assert [send(box, "inbound", BOB, one)[:3] for one in (ANN, "max@example.com")] == ["250", "250"]
    assert ([one["to"] for one in second.got], [one["to"] for one in customer.got]) == ([[ANN]], [["max@example.com"]])


def test_a_route_with_a_login(box, api, pki):
    login = {"authMechanisms": ["CRAM-MD5", "LOGIN"], "username": "relay", "password": "s3cret"}
    with mail_host(pki, auth=True) as host:
        box.address_book({"mx.customer.test:25": host.address})
        box.patch(CODE, "delivery_route_definitions", box.objects(CODE, "delivery_route_definitions")[0]["ref"], smtpAuthentication=login)
        assert send(box, "inbound", BOB, ANN).startswith("250 ")
        assert host.logins == [("LOGIN", "relay", "s3cret")] and host.got[0]["login"]


def test_no_way_to_the_customer(box, api):
    box.address_book({})
    assert send(box, "inbound", BOB, ANN).startswith("451 4.4.1 mx.customer.test is neither in the address book")
    box.delete(CODE, "delivery_route_policies", box.objects(CODE, "delivery_route_policies")[0]["ref"])
    assert send(box, "inbound", BOB, ANN) == "451 4.4.4 No delivery route for the internal domain"


# --- outbound

@pytest.fixture
def partner(box, api, pki) -> Iterator[MailHost]:
    """A server that the DNS of partner.test names."""
    table = {("partner.test", "mx"): ["20 down.partner.test.", "10 mx.partner.test."]}
    with mail_host(pki) as host, dns_server(table) as resolver:
        box.settings(resolver=resolver)
        box.address_book({**box.call("GET", "/address-book"), "mx.partner.test": host.address})
        yield host


def test_outbound_goes_by_mx(box, api, partner, customer):
    assert send(box, "smart_host", ANN, BOB, source=CUSTOMER, tls=True).startswith("250 ")
    assert [(one["from"], one["to"], one["tls"]) for one in partner.got] == [(ANN, [BOB], True)] and customer.got == []
    (row,) = tracked(api, route=["outbound"])
    assert (row["status"], row["senderIP"]) == ("accepted", PUBLIC)
    assert info(api, row)["recipientInfo"]["txInfo"]["deliveryType"] == "Encrypted (TLS)"
    assert info(api, row)["deliveredMessage"][BOB]["policyInfo"] == [], "a policy to everyone is not for MX"


@pytest.mark.parametrize(
    ("sender", "recipient", "source", "reply"),
    [
        (ANN, BOB, "127.0.0.1", RELAY),
        (STRANGER, BOB, CUSTOMER, RELAY),
        (STRANGER, ANN, CUSTOMER, "250 "),
        ("", BOB, CUSTOMER, "250 "),
        (ANN, "max@example.com", CUSTOMER, "250 "),
        (ANN, "max@example.com", "127.0.0.1", RELAY),
        (ANN, "joe@nowhere.test", CUSTOMER, "451 4.4.1 The sandbox knows no server of nowhere.test"),
    ],
)
def test_who_may_send(box, api, partner, sender, recipient, source, reply):
    assert send(box, "smart_host", sender, recipient, source=source).startswith(reply)


def test_outbound_is_switched_off(box, api):
    box.tenant(code="COFF", gateway={"outboundEnabled": False}, internal_domains=["off.test"],
               objects={"outbound_ip_addresses": [{"outboundIpAddress": "127.0.0.26"}]})
    assert send(box, "smart_host", "a@off.test", BOB, source="127.0.0.26") == "451 4.7.1 Account outbounds disabled"


def test_a_login_replaces_the_address(box, api, partner):
    box.insert(CODE, "users", {"emailAddress": ANN, "password": "pw-1"}, {"emailAddress": "max@example.com", "password": "pw-2", "allowSmtp": False})
    assert send(box, "smart_host", ANN, BOB, tls=True, login=(ANN, "pw-1")).startswith("250 ")
    assert box.mail_log()[-1]["login"] == ANN
    for wrong in ((ANN, "pw-2"), ("max@example.com", "pw-2"), ("nobody@example.com", "")):
        with pytest.raises(smtplib.SMTPAuthenticationError):
            send(box, "smart_host", ANN, BOB, tls=True, login=wrong)
    with session(box, "smart_host") as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth"), "no password in the clear"


def test_mail_between_two_customers_goes_out_and_in(box, api, customer):
    box.tenant(code="COTHER", internal_domains=[{"domain": "other.test", "inboundType": "any"}],
               objects={"outbound_ip_addresses": [{"outboundIpAddress": "127.0.0.26"}]})
    with dns_server({("example.com", "mx"): ["10 eu-smtp-inbound-1.mimecast.com."]}) as resolver:
        box.settings(resolver=resolver)
        assert send(box, "smart_host", "joe@other.test", ANN, source="127.0.0.26").startswith("250 ")
    assert [one["to"] for one in customer.got] == [[ANN]] and customer.got[0]["content"].count(b"Received: from") == 2
    assert [(one["listener"], one["tenant"]) for one in box.mail_log()] == [("inbound", CODE), ("smart_host", "COTHER")]


def test_a_loop_ends(box, api, customer):
    headers = b"".join(b"Received: from a by b\r\n" for _number in range(26))
    assert send(box, "inbound", BOB, ANN, content=headers + text(BOB)) == "554 5.4.6 Mail loop detected"
    assert customer.got == [] and tracked(api)[0]["status"] == "rejected"


# --- journaling

def journal_service(box, **connection):
    whole = {"emailAddress": JOURNAL, **connection}
    return box.insert(CODE, "journaling_services", {"description": "J", "smtpJournalingConnection": whole})[0]


def test_a_journal_copy_is_counted(box, api):
    journal_service(box)
    assert send(box, "journal", ANN, JOURNAL.upper(), source=CUSTOMER, tls=True) == "250 2.0.0 Ok: journaled"
    (service,) = api.get("/journaling/cloud-gateway/v1/services").json["journalingServices"]
    assert service["statusInfo"]["status"] == "ok" and service["statusInfo"]["lastReceivedDateTime"].endswith("+0000")
    (row,) = tracked(api, status=["archived"])
    assert row["to"] == [{"emailAddress": JOURNAL.upper()}]


def test_who_may_journal(box, api):
    ref = journal_service(box)
    assert send(box, "journal", ANN, JOURNAL, source=CUSTOMER) == "553 5.7.10 This route requires encryption (TLS)"
    assert send(box, "journal", ANN, JOURNAL, tls=True) == RELAY
    assert send(box, "journal", ANN, ANN, source=CUSTOMER, tls=True) == "550 5.1.1 Invalid Recipient"
    old = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=31)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    content = text(Date=old)
    assert send(box, "journal", ANN, JOURNAL, source=CUSTOMER, tls=True, content=content) == "550 5.7.1 Journal messages past the expiration"
    assert "lastReceivedDateTime" not in box.objects(CODE, "journaling_services")[0]["statusInfo"]
    box.patch(CODE, "journaling_services", ref, enabled=False)
    assert send(box, "journal", ANN, JOURNAL, source=CUSTOMER, tls=True) == "451 4.7.1 Account journaling disabled"


def test_journaling_with_a_password_and_a_network(box, api):
    journal_service(box, usesAuthentication=True, password="pw", ipRanges=["127.0.0.0/28"])
    assert send(box, "journal", ANN, JOURNAL, tls=True) == "550 5.7.8 Submitter failed to authenticate"
    assert send(box, "journal", ANN, JOURNAL, tls=True, login=(JOURNAL, "pw")).startswith("250 ")
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(box, "journal", ANN, JOURNAL, tls=True, login=(JOURNAL, "no"))


# --- the process

def test_bounds(box):
    assert box.address_book({"mx.test": "198.51.100.9:25"})
    with pytest.raises(SandboxError, match="not a loopback address"):
        box.address_book({"mx.test": "203.0.113.9:25"})
    for wrong in (["--reach", "10.0.0.0/8"], ["--mail-listen", "inbound=192.168.1.1:25"], ["--mail-listen", "pop=127.0.0.1:25"]):
        with pytest.raises(SandboxError, match="Cannot start"):
            Sandbox(*wrong).start()


def test_reset_keeps_the_listeners(box, api):
    send(box, "inbound", BOB, ANN)
    assert box.mail_log()
    box.clear_mail_log()
    assert box.mail_log() == []
    box.reset()
    assert send(box, "inbound", BOB, ANN) == RELAY
