# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mail_message against real mail servers: what arrives, what is refused, and what a run says of it."""

from __future__ import annotations

import email
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

for package in ("aiosmtpd", "trustme"):
    pytest.importorskip(package, reason="the mail servers need it")

import playbooks
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute
from ansible_collections.mimecast.connect.plugins.modules.mail_message import JOB
from hostile_smtp import hangs_up, hostile
from mail_recorder import Recorder, free_port, recorder
from mimecast_sandbox.mail_control import MailServers
from mimecast_sandbox.mail_pki import Pki

NAME, PASSWORD = "mx1.acme.example", "p&ss\"wörd"
FROM_TO = {"host": NAME, "from": "ada@example.com", "to": "bob@example.net"}


def call(check: bool = False, **options: Any) -> dict[str, Any]:
    """The result as the runner makes it."""
    checked = ArgumentSpecValidator(JOB.argument_spec, **JOB.rules).validate(json.loads(json.dumps({**FROM_TO, **options})))
    assert not checked.error_messages, checked.error_messages
    result = execute(JOB, checked.validated_parameters, check)[0]
    assert PASSWORD not in json.dumps(result, ensure_ascii=False) and result["changed"] is False
    return result


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"), [NAME])


@pytest.fixture
def server(pki: Pki) -> Iterator[Recorder]:
    with recorder("127.0.0.1", free_port(), tls=pki.context("good")) as found:
        yield found


def test_a_message_arrives_whole(server: Recorder, pki: Pki) -> None:
    result = call(address=f"127.0.0.1:{server.port}", tls="strict", ca_path=str(pki.ca_path), subject="Grüße")
    (mail,) = server.mail
    assert (mail.sender, mail.recipients, mail.tls) == ("ada@example.com", ["bob@example.net"], "TLSv1.3")
    headers = email.message_from_string(mail.text, policy=email.policy.default)
    assert (headers["From"], headers["To"], headers["Subject"]) == ("ada@example.com", "bob@example.net", "Grüße")
    assert headers["Message-ID"] == result["message_id"] and headers["Auto-Submitted"] == "auto-generated" and headers["Date"]
    assert {name: result[name] for name in ("verdict", "code", "accepted", "reply", "encrypted")} == {
        "verdict": "ok", "code": "ok_message_accepted", "accepted": True, "reply": "250 2.0.0 Ok: kept", "encrypted": True}
    again = call(address=f"127.0.0.1:{server.port}", tls="none")
    assert again["encrypted"] is False and again["message_id"] != result["message_id"] and len(server.mail) == 2 and not server.mail[1].tls


def test_check_mode_does_not_even_connect(server: Recorder) -> None:
    result = call(True, address=f"127.0.0.1:{server.port}", **{"assert": True})
    assert (result["verdict"], result["code"], result["accepted"]) == ("unknown", "message_not_sent", False)
    assert not result.get("failed") and server.connections == 0


def test_a_log_in(pki: Pki) -> None:
    with recorder("127.0.0.1", free_port(), tls=pki.context("good"), login=("ada", PASSWORD)) as server:
        where = {"address": f"127.0.0.1:{server.port}", "username": "ada"}
        assert call(**where, password=PASSWORD)["code"] == "ok_message_accepted" and server.mail[0].user == "ada"
        assert call(**where, password=PASSWORD, tls="none")["code"] == "auth_needs_tls"
        assert len(server.mail) == 1


# server, expectation: what comes of it
@pytest.mark.parametrize(("variant", "options", "verdict", "code"), [
    ("trusted", {"expect": "refused"}, "failed", "message_accepted"),
    ("refuses_recipients", {"expect": "refused"}, "ok", "ok_message_refused"),
    ("refuses_recipients", {}, "failed", "message_refused"),
    ("defers_recipients", {}, "failed", "message_refused"),
    ("defers_recipients", {"expect": "refused"}, "degraded", "refusal_deferred"),
    ("self_signed", {"tls": "strict"}, "failed", "certificate_self_signed"),
    ("self_signed", {}, "ok", "ok_message_accepted"),
    ("no_tls", {}, "failed", "tls_not_offered"),
    ("no_tls", {"tls": "none"}, "ok", "ok_message_accepted"),
    ("trusted", {"username": "ada", "password": PASSWORD}, "failed", "auth_refused"),
])
def test_what_servers_make_of_it(variant: str, options: dict[str, Any], verdict: str, code: str) -> None:
    with MailServers(only=[variant], names=[NAME]) as servers:
        result = call(address=servers.address(variant), **options)
        assert (result["verdict"], result["code"]) == (verdict, code), result
        assert result["accepted"] is (code in ("ok_message_accepted", "message_accepted")) is bool(servers.received()["total"])
        failed = call(address=servers.address(variant), **options, **{"assert": True})
        assert failed.get("failed", False) is (verdict == "failed") and (verdict != "failed" or failed["msg"] == failed["message"])


@pytest.mark.parametrize(("options", "words"), [
    ({"to": "bob"}, "'bob' is no mail address"),
    ({"from": "<ada@example.com>"}, "is no mail address in ASCII"),
    ({"to": "bob@example.net> SIZE=1\r\nDATA"}, "is no mail address in ASCII"),
    ({"subject": "one\r\nBcc: eve@example.net"}, "the subject holds no line breaks"),
    ({"port": 70000}, "a port is a number from 1 to 65535"),
])
def test_what_is_wrong_with_the_options(server: Recorder, options: dict[str, Any], words: str) -> None:
    result = call(**{"address": f"127.0.0.1:{server.port}", **options})
    assert result["code"] == "check_invalid" and words in result["message"] and not server.mail


def test_an_answer_that_does_not_come_is_no_refusal() -> None:
    with hostile(hangs_up(b"220 x\r\n", b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")) as where:
        result = call(address=where, tls="none", timeout=5)
    assert (result["verdict"], result["code"], result["accepted"]) == ("unknown", "message_unknown", False), result


def test_in_a_playbook(server: Recorder, tmp_path: Path) -> None:
    task = {"mimecast.connect.mail_message": {**FROM_TO, "address": f"127.0.0.1:{server.port}"}}
    for number, (options, variables) in enumerate([([], {}), (["--check"], {}), ([], {"mimecast_in_process": False})]):
        run = playbooks.run(tmp_path / str(number), [task], *options, vars=variables)
        assert run.results[0]["code"] == ("message_not_sent" if options else "ok_message_accepted"), run.output
    assert len(server.mail) == 2
