# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""postfix_routing where it counts: messages through a real Postfix, and where they arrive."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("aiosmtpd", reason="the smart hosts are made with it")
pytest.importorskip("trustme", reason="the certificates are made with it")

import postfix_host
from mail_recorder import Recorder, free_port, recorder
from mimecast_sandbox.mail_pki import Pki
from postfix_call import ADDRESS, JOURNAL_HOSTS, LOGIN, PLACES, SMART, Routing

WHY_NOT = postfix_host.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")
ALICE, BOB = "alice@acme.example", "bob@elsewhere.example"
# A mail server as somebody has left it: with tables of his own, and another relay.
MAIN = """
relayhost = [old.example]
transport_maps = inline:{ { partner.example = smtp:[old.example]:1, journal.acme.example = discard:taken, journaling@journal.acme.example = discard:taken } }
smtp_tls_policy_maps = inline:{ { other.example = may }, { old.example = may } }
smtp_sasl_password_maps = texthash:$config_directory/passwords
myown_note =   kept as it is
"""
Serve = Callable[..., Recorder]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"), [*SMART, *JOURNAL_HOSTS])


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def running(pki: Pki, port: int) -> Iterator[Routing]:
    """One Postfix for all tests of this file, which is in the end what it was in the beginning."""
    with postfix_host.postfix_host(names=PLACES, mailboxes=[ALICE], main=MAIN) as host:
        (host.config / "passwords").write_text("old.example somebody:else\n")
        made, settings = Routing(host, port, pki.ca_path), host.settings()
        before = made.relay(check=True)["before"]
        yield made
        made.done(restore=before)
        assert host.settings() == settings


@pytest.fixture
def routing(running: Routing) -> Iterator[Routing]:
    """It without mail of other tests."""
    yield running
    running.host.clear()


@pytest.fixture
def serve(port: int) -> Iterator[Serve]:
    """A server at one of the places, for as long as the test lasts."""
    with ExitStack() as stack:
        yield lambda name, tls=None, login=None: stack.enter_context(recorder(PLACES[name], port, tls, login))


def test_mail_goes_to_the_first_smart_host_and_to_the_second_while_that_is_down(routing: Routing, serve: Serve, pki: Pki, port: int) -> None:
    second = serve(SMART[1], pki.context("good"))
    routing.relay()
    with recorder(PLACES[SMART[0]], port, pki.context("good")) as first:
        routing.host.send(ALICE, BOB)
        assert first.wait()[0].recipients == [BOB] and first.mail[0].tls and second.connections == 0
    routing.host.send(ALICE, BOB, subject="again")
    assert "Subject: again" in second.wait()[0].text and second.mail[0].tls
    routing.host.wait_until_gone()
    assert len(first.mail) == len(second.mail) == 1
    routing.host.send(BOB, ALICE)
    routing.host.wait_until_gone()
    assert len(routing.host.mailbox(ALICE)) == 1 and len(second.mail) == 1, "its own mail stays here"


@pytest.mark.parametrize(("tls", "arrives", "waits"), [
    ("strict", ["good"], ["other_ca", "wrong_name", "expired", None]), ("relaxed", ["self_signed", "wrong_name"], [None]), ("none", ["self_signed", None], []),
])
def test_tls_is_as_declared(routing: Routing, pki: Pki, port: int, tls: str, arrives: list[str | None], waits: list[str | None]) -> None:
    routing.done(smart_hosts=SMART[:1], port=port, tls=tls)
    for certificate in arrives + waits:
        context: ssl.SSLContext | None = pki.context(certificate) if certificate else None
        with recorder(PLACES[SMART[0]], port, context) as server:
            routing.host.send(ALICE, BOB)
            if certificate in arrives:
                assert bool(server.wait()[0].tls) is (certificate is not None)
                routing.host.wait_until_gone()
            else:
                reason = routing.host.wait_until_deferred(BOB)
                assert ("TLS is required" if certificate is None else "not verified") in reason or "not trusted" in reason
                assert server.connections and not server.mail
        routing.host.clear()


def test_it_logs_in_only_where_it_shall_and_only_over_tls(routing: Routing, serve: Serve, pki: Pki) -> None:
    login = (LOGIN["username"], LOGIN["password"])
    first = serve(SMART[0], pki.context("good"), login)
    second = serve(SMART[1], pki.context("good"), login)
    routing.relay()
    routing.host.send(ALICE, BOB)
    routing.host.wait_until_gone()
    assert "530 5.7.0 Authentication required" in routing.host.mailbox(ALICE)[-1], "without a log-in the message came back"
    routing.relay(**LOGIN)
    routing.host.send(ALICE, BOB)
    assert first.wait()[0].user == LOGIN["username"] and not second.mail
    password = routing.host.config / "mimecast_smart_hosts_password"
    assert password.stat().st_mode & 0o777 == 0o600
    routing.relay(username=LOGIN["username"], password="another one")
    routing.host.send(ALICE, BOB)
    assert "535" in routing.host.wait_until_deferred(BOB) and len(first.mail) == 1
    routing.relay()
    assert not password.exists() and "smtp_sasl_password_maps = texthash:$config_directory/passwords" in routing.host.settings()


def test_a_copy_of_each_message_arrives_at_the_journal_and_nowhere_else(routing: Routing, serve: Serve, pki: Pki, port: int) -> None:
    smart, journal = serve(SMART[0], pki.context("good")), serve(JOURNAL_HOSTS[1], pki.context("good"))
    routing.done(smart_hosts=SMART, port=port, journal=routing.copies())
    with recorder(PLACES[JOURNAL_HOSTS[0]], port, pki.context("good")) as first:
        routing.host.send(ALICE, BOB, ALICE, subject="out and in")
        assert first.wait()[0].recipients == [ADDRESS]
        assert first.mail[0].tls and "Subject: out and in" in first.mail[0].text
        assert smart.wait()[0].recipients == [BOB]
        routing.host.wait_until_gone()
    routing.host.send(BOB, ALICE, subject="in")
    assert journal.wait()[0].recipients == [ADDRESS]
    routing.host.wait_until_gone()
    assert (len(smart.mail), len(first.mail), len(journal.mail)) == (1, 1, 1)


def test_copies_wait_for_the_journal_and_do_not_go_to_the_smart_hosts(routing: Routing, serve: Serve, pki: Pki, port: int) -> None:
    smart = [serve(name, pki.context("good")) for name in SMART]
    untrusted = [serve(name, pki.context("other_ca")) for name in JOURNAL_HOSTS]
    routing.done(smart_hosts=SMART, port=port, journal=routing.copies())
    routing.host.send(ALICE, BOB)
    assert smart[0].wait()[0].recipients == [BOB]
    assert "not verified" in routing.host.wait_until_deferred(ADDRESS)
    assert [[mail.recipients for mail in one.mail] for one in (*smart, *untrusted)] == [[[BOB]], [], [], []]


def test_what_others_have_in_the_tables_goes_on_to_work(routing: Routing, serve: Serve, pki: Pki, port: int) -> None:
    smart, partner = serve(SMART[0], pki.context("good")), serve(SMART[1])
    routing.host.set(transport_maps=f"inline:{{ {{ partner.example = smtp:[{SMART[1]}]:{port} }} }}",
                     smtp_tls_policy_maps=f"inline:{{ {{ [{SMART[0]}]:{port} = none }}, {{ [{SMART[1]}]:{port} = none }} }}")
    routing.done(smart_hosts=SMART[:1], port=port, journal=routing.copies())
    routing.host.send(ALICE, BOB, "carol@partner.example")
    assert partner.wait()[0].recipients == ["carol@partner.example"] and not partner.mail[0].tls
    assert smart.wait()[0].recipients == [BOB] and smart.mail[0].tls, "an older entry for the smart host does not win"


def test_an_old_postfix_gets_the_second_smart_host_as_fallback(routing: Routing, serve: Serve, pki: Pki, port: int) -> None:
    def old(words: list[str]) -> tuple[int, str, str] | None:
        return (0, "mail_version = 3.4.13\n", "") if words == ["postconf", "-d", "mail_version"] else None

    older = Routing(routing.host, port, pki.ca_path, old)
    second = serve(SMART[1], pki.context("good"))
    done = older.relay()
    assert done["version"] == "3.4.13" and done["parameters"]["relayhost"] == f"[{SMART[0]}]:{port}"
    assert done["parameters"]["smtp_fallback_relay"] == f"[{SMART[1]}]:{port}" and not older.relay()["changed"]
    routing.host.send(ALICE, BOB)
    assert second.wait()[0].tls
    told = older.journal()["warnings"]
    assert any("takes one journal host" in one for one in told) and any("copies go there while" in one for one in told)
    newer = Routing(routing.host, port, pki.ca_path).relay()
    assert newer["parameters"]["smtp_fallback_relay"] == "" and f"[{SMART[0]}]:{port}, [{SMART[1]}]:{port}" == newer["parameters"]["relayhost"]


def test_a_message_that_was_waiting_leaves_by_the_new_way(routing: Routing, serve: Serve, pki: Pki) -> None:
    routing.host.set(relayhost="[127.0.0.99]:9")
    routing.host.send(ALICE, BOB)
    routing.host.wait_until_deferred(BOB)
    first = serve(SMART[0], pki.context("good"))
    routing.relay()
    routing.host.flush()
    assert first.wait()[0].recipients == [BOB]


def test_files_that_it_writes_are_read_by_postfix_as_they_are(routing: Routing, port: int) -> None:
    routing.done(smart_hosts=SMART, port=port, journal=routing.copies(), **LOGIN)
    for name, key, value in (
        ("mimecast_smart_hosts_tls", f"[{SMART[1]}]:{port}", "secure match=nexthop"),
        ("mimecast_journal_tls", f"[{JOURNAL_HOSTS[0]}]:{port}", "secure match=nexthop"),
        ("mimecast_journal_transport", ADDRESS, f"smtp:[{JOURNAL_HOSTS[0]}]:{port}, [{JOURNAL_HOSTS[1]}]:{port}"),
        ("mimecast_smart_hosts_password", f"[{SMART[0]}]:{port}", ":".join((LOGIN["username"], LOGIN["password"]))),
    ):
        path = Path(routing.host.config) / name
        assert routing.host.run("postmap", "-q", key, f"texthash:{path}") == value + "\n"
