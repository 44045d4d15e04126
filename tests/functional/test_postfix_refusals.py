# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What postfix_routing refuses, and of what it warns: ways past the smart hosts in a real Postfix, and options that cannot be meant so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import postfix_host
import pytest
from postfix_call import ADDRESS, LOGIN, PLACES, SMART, Routing

WHY_NOT = postfix_host.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")
JOURNAL = {"address": ADDRESS, "hosts": ["journal1.service.example"]}


@pytest.fixture(scope="module")
def running() -> Iterator[Routing]:
    with postfix_host.postfix_host(names=PLACES) as host:
        yield Routing(host, 2525)


@pytest.fixture
def routing(running: Routing) -> Iterator[Routing]:
    files = {path: path.read_bytes() for path in running.host.config.iterdir()}
    yield running
    for path in running.host.config.iterdir():
        path.write_bytes(files[path])


def say(routing: Routing, main: str = "", master: str = "") -> None:
    """More lines for main.cf and master.cf."""
    for name, text in (("main.cf", main), ("master.cf", master)):
        with open(routing.host.config / name, "a") as file:
            file.write(text + "\n" if text else "")
    routing.host.rest()


SMTP = "smtp unix - - n - - smtp\n  -o "
REWRITE = "rewrite unix - - n - - trivial-rewrite\n  -o "


@pytest.mark.parametrize(("main", "master", "said"), [
    ("default_transport = smtp:[old.example]", "", "default_transport is smtp:[old.example], which wins over relayhost"),
    ("default_transport = error", "", "default_transport is error, which is no service in master.cf that sends by SMTP"),
    ("default_transport = missing", "", "default_transport is missing, which is no service"),
    ("transport_maps = inline:{ { * = smtp:[old.example] } }", "", "sends mail for any address to smtp:[old.example], which wins over relayhost"),
    ("transport_maps = inline:{ { a.example = : } }, texthash:$config_directory/any", "", "/any sends mail for any address to relay:"),
    ("", REWRITE + "relayhost=[old.example]", "master.cf sets relayhost=[old.example] for rewrite/unix by -o, which wins over main.cf"),
    ("", REWRITE + "sender_dependent_relayhost_maps=static:old.example", "master.cf sets sender_dependent_relayhost_maps="),
    ("", SMTP + "smtp_tls_policy_maps=", "master.cf sets smtp_tls_policy_maps= for smtp/unix"),
    ("", SMTP + "smtp_fallback_relay=[old.example]", "master.cf sets smtp_fallback_relay=[old.example] for smtp/unix"),
])
def test_a_way_past_the_smart_hosts_is_refused(routing: Routing, main: str, master: str, said: str) -> None:
    (routing.host.config / "mailboxes").write_text("")
    any_address = routing.host.config / "any"
    if "any" in main:
        any_address.write_text("* relay:\n")
    try:
        say(routing, main, master)
        message = routing.refused()
        assert message.startswith("Nothing was changed: ") and said in message
        assert not routing.run(journal=JOURNAL, check=True).get("failed") or "smtp_" in said, "copies go another way"
    finally:
        any_address.unlink(missing_ok=True)


@pytest.mark.parametrize(("main", "master", "options", "said"), [
    ("sender_dependent_relayhost_maps = inline:{ { a@b.example = [c.example] } }", "", {}, "mail of senders that it names does not go"),
    ("sender_dependent_default_transport_maps = inline:{ { a@b.example = smtp:[c.example] } }", "", {}, "mail of senders that it names does not go"),
    ("transport_maps = texthash:/nonexistent/table", "", {}, "texthash:/nonexistent/table of transport_maps gave no answer"),
    ("relayhost = [old.example]", "", {}, "relayhost was [old.example], which no mail goes through any more"),
    ("smtp_fallback_relay = [old.example]", "", {}, "smtp_fallback_relay was [old.example]"),
    ("", "submission2 unix - - n - - smtp\n  -o relayhost=[old.example]", {}, "for submission2/unix by -o, where it has no effect"),
    ("always_bcc = archive@old.example", "", {"journal": JOURNAL}, "always_bcc was archive@old.example, which gets no copies any more"),
    ("smtp_fallback_relay = [old.example]", "", {"journal": JOURNAL}, "copies go there while the journal host does not answer"),
    ("", "127.0.0.1:9925 inet n - n - - smtpd\n  -o receive_override_options=no_address_mappings", {"journal": JOURNAL},
     "receive_override_options of 127.0.0.1:9925/inet has no_address_mappings: mail that comes in there is not copied"),
])
def test_what_a_person_should_know_is_a_warning(routing: Routing, main: str, master: str, options: dict[str, Any], said: str) -> None:
    say(routing, main, master)
    told = routing.done(check=True, **(options or {"smart_hosts": SMART}))["warnings"]
    assert [one for one in told if said in one], told


@pytest.mark.parametrize(("master", "said"), [
    ("cleanup unix n - n - 0 cleanup\n  -o always_bcc=", "master.cf sets always_bcc= for cleanup/unix"),
    ("smtp unix - - n - - discard", "master.cf has no service smtp that sends by SMTP"),
])
def test_what_would_keep_copies_away_is_refused(routing: Routing, master: str, said: str) -> None:
    say(routing, master=master)
    assert said in routing.refused(smart_hosts=None, port=25, journal=JOURNAL)


def test_other_services_may_do_as_they_like(routing: Routing) -> None:
    say(routing, "transport_maps = inline:{ { * = : }, { b.example = smtp:[c.example] } }", "special unix - - n - - smtp\n  -o smtp_tls_policy_maps=")
    assert routing.done(check=True, smart_hosts=SMART)["warnings"] == []


def test_passwords_in_main_cf_are_never_shown(routing: Routing) -> None:
    say(routing, "smtp_sasl_password_maps = inline:{ { old.example = me:In+main.cf } }")
    assert "holds passwords itself" in routing.refused(**LOGIN)
    done = routing.done(check=True, smart_hosts=SMART)
    assert "In+main.cf" not in str(done) and "smtp_sasl_password_maps" not in done["before"]["parameters"]
    before = {"parameters": {"smtp_sasl_password_maps": None}, "files": {}}
    assert "holds passwords itself" in routing.refused(smart_hosts=None, port=25, restore=before)


@pytest.mark.parametrize(("options", "said"), [
    ({"smart_hosts": []}, "smart_hosts is empty"),
    ({"smart_hosts": ["[out1.example]:25"]}, "'[out1.example]:25' is no host name"),
    ({"smart_hosts": ["192.0.2.1"]}, "'192.0.2.1' is no host name"),
    ({"smart_hosts": ["out1.example\nrelay_domains = *"]}, "is no host name"),
    ({"smart_hosts": ["$myhostname"]}, "is no host name"),
    ({"smart_hosts": ["bücher.example"]}, "is no host name"),
    ({"smart_hosts": ["out1.example", "OUT1.example."]}, "out1.example is named more than once"),
    ({"port": 0}, "port is 0, but must be from 1 to 65535"),
    ({"tls": "secure"}, "value of tls must be one of: strict, relaxed, none"),
    ({"username": "me"}, "username and password belong together"),
    ({"password": "Unpaired+secret"}, "username and password belong together"),
    ({"username": "me:you", "password": "Unpaired+secret"}, "username must be one line without a colon"),
    ({"username": "me", "password": "Unpaired+secret\n* x:y"}, "password must be one line"),
    ({"tls": "none", "username": "me", "password": "Unpaired+secret"}, "a password needs an encrypted connection"),
    ({"username": "me", "password": "service"}, "the password is part of the names or addresses"),
    ({"tls_ca_file": "/nonexistent/ca.pem"}, "tls_ca_file /nonexistent/ca.pem cannot be read on this machine: No such file"),
    ({"tls_ca_file": "/etc/hostname"}, "tls_ca_file /etc/hostname holds no certificate in PEM"),
    ({"tls_ca_file": "/etc/ssl/a$b.pem"}, "must be an absolute path of letters"),
    ({"config_directory": "/nonexistent"}, "There is no main.cf in /nonexistent"),
    ({"config_directory": "/etc/post fix"}, "must be an absolute path of letters"),
    ({"smart_hosts": None, "port": None}, "one of the following is required: smart_hosts, journal, restore"),
    ({"smart_hosts": None, "journal": JOURNAL, "username": "me", "password": "x"}, "those of smart_hosts, which is missing"),
    ({"restore": {"parameters": {}, "files": {}}}, "mutually exclusive"),
    ({"journal": {**JOURNAL, "address": "journaling"}}, "'journaling' must be a plain mail address"),
    ({"journal": {**JOURNAL, "address": "a$b@journal.example"}}, "must be a plain mail address"),
    ({"journal": {**JOURNAL, "address": "#a@journal.example"}}, "must be a plain mail address"),
    ({"journal": {**JOURNAL, "domain": "other.example"}}, f"address {ADDRESS} is not in domain other.example"),
    ({"journal": {**JOURNAL, "hosts": []}}, "journal: hosts is empty"),
    ({"journal": {**JOURNAL, "port": 70000}}, "journal: port is 70000"),
])
def test_options_that_cannot_be_meant_so(routing: Routing, options: dict[str, Any], said: str) -> None:
    message = routing.refused(**options)
    assert said in message and "Unpaired+secret" not in message


def test_everything_wrong_is_said_at_once(routing: Routing) -> None:
    message = routing.refused(smart_hosts=["a b"], port=0, journal={**JOURNAL, "address": "x"}, username="me")
    assert [said for said in ("'a b' is no host", "port is 0", "'x' must be", "belong together") if said not in message] == []


@pytest.mark.parametrize(("before", "said"), [
    ({}, "it has parameters and files"),
    ({"parameters": [], "files": {}}, "parameters and files are dictionaries"),
    ({"parameters": {"mynetworks": "0.0.0.0/0"}, "files": {}}, "mynetworks is none of its parameters"),
    ({"parameters": {}, "files": {"../master.cf": ""}}, "../master.cf is none of its files"),
    ({"parameters": {"relayhost": 25}, "files": {}}, "relayhost is neither text nor null"),
    ({"parameters": {"relayhost": "a\nmynetworks = 0.0.0.0/0"}, "files": {}}, "relayhost has more than one line"),
])
def test_restore_takes_only_what_a_result_gave(routing: Routing, before: dict[str, Any], said: str) -> None:
    assert said in routing.refused(smart_hosts=None, port=25, restore=before)


def test_strict_without_any_roots_takes_those_of_the_system(routing: Routing) -> None:
    found = routing.done(check=True, smart_hosts=SMART)["parameters"]["smtp_tls_CAfile"]
    assert found is not None and "BEGIN CERTIFICATE" in Path(found).read_text()
    assert routing.done(check=True, smart_hosts=SMART, tls="relaxed")["parameters"]["smtp_tls_CAfile"] is None
    say(routing, "smtp_tls_CApath = /etc/ssl/certs")
    assert routing.done(check=True, smart_hosts=SMART)["parameters"]["smtp_tls_CAfile"] is None


def test_a_machine_without_postfix_is_told_so(routing: Routing, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.mimecast.connect.plugins.module_utils import _machine

    monkeypatch.setattr(_machine, "PLACES", ())
    monkeypatch.setenv("PATH", "/nonexistent")
    assert routing.refused() == "There is no postconf on this machine; Postfix must be installed on it"
