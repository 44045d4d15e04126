# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What postfix_routing does to a real Postfix's configuration: little, all or nothing, and back again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="the certificates are made with it")

import postfix_host
from mimecast_sandbox.mail_pki import Pki
from postfix_call import ADDRESS, LOGIN, OWN, PLACES, SMART, Interrupted, Routing

from ansible_collections.mimecast.connect.plugins.module_utils._postfix import change

WHY_NOT = postfix_host.why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")
PORT = 2525
MARK = "mimecast_routing_unfinished"
# A main.cf as people write it: comments, lines that go on, blanks, references, and values that will be replaced.
MAIN = """
# ours since 2009, do not touch
relayhost =
    [old.example]:587
always_bcc = archive@old.example
old_tables = texthash:$config_directory/mailboxes
transport_maps = $old_tables,
   inline:{ { partner.example = smtp:[192.0.2.9] } }
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = texthash:$config_directory/passwords
smtp_tls_policy_maps =
smtp_fallback_relay = [spare.example]
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Routing]:
    pki = Pki(tmp_path_factory.mktemp("pki"), SMART)
    with postfix_host.postfix_host(names=PLACES, main=MAIN) as host:
        (host.config / "passwords").write_text("old.example somebody:else\n")
        yield Routing(host, PORT, pki.ca_path)


@pytest.fixture
def routing(running: Routing) -> Iterator[Routing]:
    """The same Postfix, with exactly the files that it began with."""
    files = {path: path.read_bytes() for path in running.host.config.iterdir()}
    running.commands.clear()
    running.before_command = None
    yield running
    running.before_command = None
    for path in running.host.config.iterdir():
        if path not in files:
            path.unlink()
    for path, content in files.items():
        path.write_bytes(content)
    running.host.rest()


def everything(routing: Routing) -> dict[str, Any]:
    return {"smart_hosts": SMART, "port": PORT, "journal": routing.copies(), **LOGIN}


def skip_checks(words: list[str]) -> tuple[int, str, str] | None:
    """postfix check takes most of the time of a run, and has a test of its own."""
    return (0, "", "") if words == ["postfix", "check"] else None


def test_it_sets_what_it_says_and_keeps_the_rest(routing: Routing) -> None:
    before = routing.host.settings()
    done = routing.done(**everything(routing))
    settings = routing.host.settings()
    folder = routing.host.config
    assert f"relayhost = [{SMART[0]}]:{PORT}, [{SMART[1]}]:{PORT}\n" in settings and f"always_bcc = {ADDRESS}\n" in settings
    assert f"transport_maps = texthash:{folder}/mimecast_journal_transport, $old_tables, inline:" in settings
    assert f"smtp_sasl_password_maps = texthash:{folder}/mimecast_smart_hosts_password, texthash:$config_directory/passwords\n" in settings
    assert "smtp_fallback_relay =\n" in settings and "# ours since 2009, do not touch\n" in (folder / "main.cf").read_text()
    ours = tuple(f"{name} =" for name in done["parameters"])
    others = [[line for line in text.splitlines() if not line.startswith(ours)] for text in (before, settings)]
    assert others[0] == others[1] and len(others[0]) > 10
    assert [one for one in ("[old.example]:587", "archive@old.example", "[spare.example]") if one not in str(done["warnings"])] == []
    assert done["diff"]["before"]["relayhost"] == "[old.example]:587" and done["version"] == routing.host.run("postconf", "-dh", "mail_version").strip()
    assert done["changes"][-1] == {"action": "update", "kind": "postfix_service", "name": "reload"} and not (folder / MARK).exists()
    assert "reload -- version" in routing.host.log().splitlines()[-1]


def test_a_second_run_changes_nothing_and_starts_nothing(routing: Routing) -> None:
    first = routing.done(**everything(routing))
    after = routing.bytes()
    routing.commands.clear()
    again = routing.done(**everything(routing))
    assert first["changed"] and not again["changed"] and again["changes"] == again["warnings"] == [] and again["diff"] == {"before": {}, "after": {}}
    assert routing.bytes() == after and {words[0] for words in routing.commands} <= {"postconf", "postmap"}
    assert not {"-e", "-X"} & {word for words in routing.commands for word in words} and again["parameters"] == first["parameters"]


def test_check_mode_predicts_and_writes_no_byte(routing: Routing) -> None:
    before, times = routing.bytes(), [path.stat().st_mtime_ns for path in sorted(routing.host.config.iterdir())]
    predicted = routing.done(check=True, **everything(routing))
    assert routing.bytes() == before and [path.stat().st_mtime_ns for path in sorted(routing.host.config.iterdir())] == times
    assert {words[0] for words in routing.commands} <= {"postconf", "postmap"}
    done = routing.done(**everything(routing))
    assert {**predicted, "warnings": []} == {**done, "warnings": []} and predicted["changed"]


def test_what_is_not_named_is_left_alone(routing: Routing) -> None:
    routing.before_command = skip_checks
    routing.journal()
    assert "relayhost = [old.example]:587\n" in routing.host.settings() and not (routing.host.config / OWN[0]).exists()
    copies = {name: (routing.host.config / name).read_bytes() for name in OWN[1:3]}
    routing.relay(tls="relaxed")
    assert {name: (routing.host.config / name).read_bytes() for name in OWN[1:3]} == copies and f"always_bcc = {ADDRESS}\n" in routing.host.settings()
    assert not routing.journal()["changed"] and not routing.relay(tls="relaxed")["changed"]


def test_restore_brings_back_exactly_what_was_there(routing: Routing) -> None:
    routing.before_command = skip_checks
    settings, files = routing.host.settings(), set(routing.bytes())
    first = routing.done(**everything(routing))
    second = routing.relay(tls="none")
    assert json.loads(json.dumps(first["before"])) == first["before"], "it can be kept as JSON"
    predicted = routing.done(restore=first["before"], check=True)
    assert routing.done(restore=first["before"])["changes"] == predicted["changes"]
    assert routing.host.settings() == settings and set(routing.bytes()) == files
    assert not routing.done(restore=first["before"])["changed"]
    # The second result had a log-in before it, whose password is in no result.
    assert "username and password" in routing.refused(smart_hosts=None, port=PORT, restore=second["before"])
    assert "username and password" in routing.refused(smart_hosts=None, port=PORT, restore=second["before"], username="me", password=LOGIN["password"])
    assert "one line" in routing.refused(smart_hosts=None, port=PORT, restore=second["before"], username=LOGIN["username"], password="a\n* b:c")
    routing.done(restore=second["before"], **LOGIN)
    assert not routing.done(**everything(routing))["changed"]


def test_restore_keeps_a_password_that_is_still_there(routing: Routing) -> None:
    routing.before_command = skip_checks
    routing.relay(**LOGIN)
    password = (routing.host.config / OWN[3]).read_bytes()
    done = routing.journal()
    routing.done(restore=done["before"])
    assert (routing.host.config / OWN[3]).read_bytes() == password and not (routing.host.config / OWN[1]).exists()


def test_no_password_is_in_a_result(routing: Routing) -> None:
    routing.before_command = skip_checks
    whole = [routing.relay(check=True, **LOGIN), routing.relay(**LOGIN), routing.relay(username=LOGIN["username"], password="Second+secret"),
             routing.journal(), routing.relay()]
    said = json.dumps(whole, ensure_ascii=False)
    for secret in (LOGIN["password"], json.dumps(LOGIN["password"])[1:-1], "Second+secret", "Pa55+"):
        assert secret not in said
    changed = whole[2]["diff"]
    assert changed["before"] != changed["after"] and "(with another password)" in changed["after"]["file " + OWN[3]]
    assert not [words for words in routing.commands for word in words if "Pa55" in word or "Second" in word], "nor in the list of processes"


def test_a_password_file_that_others_can_read_is_closed(routing: Routing) -> None:
    routing.before_command = skip_checks
    routing.relay(**LOGIN)
    path = routing.host.config / OWN[3]
    path.chmod(0o644)
    done = routing.relay(**LOGIN)
    assert done["changed"] and path.stat().st_mode & 0o777 == 0o600 and not routing.relay(**LOGIN)["changed"]


def test_what_postfix_does_not_take_is_taken_back(routing: Routing) -> None:
    def refuse(words: list[str]) -> tuple[int, str, str] | None:
        return (1, "", "postfix: fatal: no such thing") if words == ["postfix", "check"] else None

    routing.before_command = refuse
    settings = routing.host.settings()
    message = routing.refused_settings(settings, **everything(routing))
    assert message.startswith("Nothing was changed") and "fatal: no such thing" in message


def test_a_real_postfix_check_that_fails_is_told(routing: Routing) -> None:
    spool = routing.host.folder / "spool" / "public"
    hidden = spool.rename(spool.with_name("hidden"))
    spool.write_text("a file where a folder has to be")
    try:
        message = routing.refused_settings(routing.host.settings(), **everything(routing))
    finally:
        spool.unlink()
        hidden.rename(spool)
    assert "postfix check failed" in message and "public" in message


def test_a_postfix_that_does_not_run_is_configured_and_not_started(tmp_path: Path) -> None:
    with postfix_host.postfix_host(names=PLACES) as host:
        host.stop()
        routing = Routing(host, PORT)
        done = routing.relay()
        assert "does not run" in done["warnings"][-1] and done["changed"] and not routing.relay()["changed"]
        with pytest.raises(RuntimeError):
            host.run("postfix", "-c", str(host.config), "status")


def stops(routing: Routing, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Ways to end a run in its middle: at each program that changes or checks something, and at each file."""
    def at_command(place: list[str]) -> Callable[[], None]:
        def arm() -> None:
            def stop(words: list[str]) -> tuple[int, str, str] | None:
                if words[:len(place)] == place:
                    raise Interrupted
                return skip_checks(words)

            routing.before_command = stop
        return arm

    def at_file(number: int) -> Callable[[], None]:
        def arm() -> None:
            left, real = [number], change.write_file

            def stop(*words: Any) -> None:
                left[0] -= 1
                if not left[0]:
                    raise Interrupted
                real(*words)

            monkeypatch.setattr(change, "write_file", stop)
        return arm

    yield from (at_command(place) for place in (["postconf", "-e"], ["postfix", "check"], ["postfix", "status"], ["postfix", "reload"]))
    yield from (at_file(number) for number in (1, 3, 6))  # the first and the last are the mark


def state(routing: Routing) -> tuple[str, dict[str, tuple[bytes, int]]]:
    """What is set, and all files but main.cf, in which postconf may put new lines in another order."""
    return routing.host.settings(), {name: content for name, content in routing.bytes().items() if name != "main.cf"}


def test_an_interrupted_run_is_finished_by_the_next(routing: Routing, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, files = routing.host.settings(), set(routing.bytes())
    routing.before_command = skip_checks
    before = routing.done(check=True, **everything(routing))["before"]
    routing.done(**everything(routing))
    wanted = state(routing)
    routing.done(restore=before)
    count = 0
    for arm in stops(routing, monkeypatch):
        arm()
        with pytest.raises(Interrupted):
            routing.run(**everything(routing))
        monkeypatch.undo()
        routing.before_command = skip_checks
        routing.commands.clear()
        finished = routing.done(**everything(routing))
        assert finished["changed"] and finished["before"] == before and ["postfix", "reload"] in routing.commands
        assert state(routing) == wanted
        routing.done(restore=finished["before"])
        assert routing.host.settings() == settings and set(routing.bytes()) == files
        count += 1
    assert count == 7


def test_an_interrupted_restore_is_finished_too(routing: Routing) -> None:
    routing.before_command = skip_checks
    settings = routing.host.settings()
    before = routing.done(**everything(routing))["before"]

    def stop(words: list[str]) -> tuple[int, str, str] | None:
        if words[:2] == ["postconf", "-X"]:
            raise Interrupted
        return skip_checks(words)

    routing.before_command = stop
    with pytest.raises(Interrupted):
        routing.run(restore=before)
    assert routing.host.settings() != settings
    routing.before_command = skip_checks
    assert routing.done(restore=before)["changed"] and routing.host.settings() == settings
