# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict value, its table of codes, and the known texts of mail servers."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from ansible_collections.mimecast.connect.plugins.module_utils._probes import verdict as module
from ansible_collections.mimecast.connect.plugins.module_utils._probes.codes.shared import UNDECIDED
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_texts import meaning_of
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import CODES, Verdict, sentence, worst


@pytest.mark.parametrize("code", CODES)
def test_every_sentence_names_its_target_and_what_to_do(code):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", code)
    fields = [name for _text, name, _spec, _conversion in string.Formatter().parse(CODES[code]) if name]
    assert "target" in fields or code == "nothing_checked"
    assert re.search(r"[;,] ", CODES[code])
    assert not CODES[code].endswith(".")


def test_every_code_in_the_sources_is_in_the_table():
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(module.__file__).parent.rglob("*.py"))
    used = set(re.findall(r'(?:ProbeFailure\(|find\("[a-z]+", |Verdict\("[a-z]+", )"([a-z0-9_]+)"', sources))
    assert len(used) > 20
    assert used <= set(CODES)
    assert UNDECIDED <= set(CODES)


def test_no_code_has_two_meanings():
    assert sum(len(part.CODES) for part in module.PARTS) == len(CODES)


def test_a_missing_fact_and_braces_in_a_fact_do_no_harm():
    assert sentence("certificate_expired", {"target": "{reason}"}) == "{reason} presents an expired certificate (-); renew it"


@pytest.mark.parametrize(("verdict", "code"), [("good", "ok_plain"), ("ok", "fine")])
def test_refuses_unknown_words(verdict, code):
    with pytest.raises(ValueError, match="is no"):
        Verdict(verdict, code, "")


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [(["ok", "ok"], 0), (["ok", "degraded", "degraded"], 1), (["unknown", "degraded"], 0), (["unknown", "ok", "failed"], 2)],
)
def test_worst_is_the_first_of_the_gravest(verdicts, expected):
    values = [Verdict(word, "ok_plain", str(index)) for index, word in enumerate(verdicts)]
    assert worst(iter(values)) is values[expected]


def test_worst_of_nothing_is_unknown():
    assert worst([]).as_dict()["code"] == "nothing_checked"


def test_as_dict_is_a_copy():
    value = Verdict("ok", "ok_plain", "m", {"a": [1]})
    value.as_dict()["evidence"]["a"].append(2)
    assert value.evidence == {"a": [1]}


@pytest.mark.parametrize(
    ("code", "text", "word"),
    [
        (421, "Sender address blocked", "sender_blocked"),
        (451, "Recipient temporarily unavailable", "source_blocked"),
        (451, "IP temporarily blacklisted", "source_over_limit"),
        (451, "Open relay not allowed", "open_relay"),
        (451, "Account outbounds disabled", "account_disabled"),
        (451, "Hostname is not authorized", "hostname_not_authorized"),
        (451, "Internal resources are temporarily unavailable - https://example.com", "greylisted"),
        (451, "Account service is temporarily unavailable", "too_many_connections"),
        (452, "Too many recipients", "too_many_recipients"),
        (554, "Mail loop detected", "mail_loop"),
        (535, "Submitter failed to authenticate", "authentication_failed"),
        (550, "Invalid Recipient", "recipient_unknown"),
        (550, "DMARC Sender Invalid - envelope rejected", "sender_authentication"),
        (550, "Rejected by header based Anti-Spoofing policy", "anti_spoofing"),
        (553, "This route requires encryption (TLS)", "tls_required"),
        (553, "This route requires TLS version 1.2 or greater", "tls_version_too_old"),
        (553, "This route requires high-strength ciphers", "weak_cipher"),
        (554, "Configuration is invalid for this certificate", "certificate_refused"),
        (554, "Maximum email size exceeded", "too_large"),
        (530, "5.7.0 Must issue a STARTTLS command first", "tls_required"),
        (550, "5.1.1 <a@b>: Recipient address rejected: User unknown in local recipient table", "recipient_unknown"),
        (554, "5.7.1 <a@b>: Relay access denied", "relay_denied"),
        (554, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example", "source_blocked"),
        (450, "4.2.0 <a@b>: Recipient address rejected: Greylisted", "greylisted"),
        (550, "because I say so", "other"),
    ],
)
def test_known_texts(code, text, word):
    assert meaning_of(code, text).word == word
