# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Does this mail server take this message, or refuse it? Other than the probes this one sends mail."""

from __future__ import annotations

import ssl
import uuid
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from typing import Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure, timed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.probe import judge
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_dialogue import Conversation, Reply
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_probe import SmtpProbe
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_recipient import Asked, judge_asked, mail_path
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_texts import meaning_of
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import CONTROL
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict, sentence

ACCEPTED, REFUSED = "accepted", "refused"
SUBJECT = "Test of the mail flow"
BODY = "This message tests the flow of mail. It was sent by the Ansible collection mimecast.connect, and needs no answer.\n"


@dataclass(frozen=True)
class MessageCheck(SmtpCheck):
    """One message to one recipient. ``message_id`` has its angle brackets; ``expect`` is accepted or refused."""

    to: str = ""
    subject: str = SUBJECT
    message_id: str = ""
    expect: str = ACCEPTED


def new_id(sender: str) -> str:
    """A message id that nothing else has, of the sender's domain."""
    return "<{0}@{1}>".format(uuid.uuid4().hex, sender.rpartition("@")[2] or "localhost")


def send(check: MessageCheck) -> Verdict:
    """The verdict on what the server said; never raises. evidence: as that of check_smtp, and reply, command, encrypted."""
    return judge(MessageProbe, check)


def not_sent(check: MessageCheck) -> Verdict:
    """Instead of sending, in check mode."""
    return Verdict("unknown", "message_not_sent", sentence("message_not_sent", {"target": check.target, "recipient": "<{0}>".format(check.to)}))


def text_of(check: MessageCheck) -> bytes:
    """The message as it travels, dots at the beginning of lines doubled (RFC 5321 4.5.2)."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = check.sender, check.to, check.subject
    message["Date"], message["Message-ID"] = formatdate(localtime=False), check.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(BODY)
    lines = message.as_bytes().splitlines()
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b"\r\n.\r\n"


class MessageProbe(SmtpProbe):
    """The dialogue of the smtp probe, and then a message."""

    def run(self) -> None:
        check = self._check
        for name in ("sender", "to"):
            if "@" not in mail_path(getattr(check, name)):
                raise ProbeFailure("check_invalid", reason="{0!r} is no mail address".format(getattr(check, name)))
        if CONTROL.search(check.subject):
            raise ProbeFailure("check_invalid", reason="the subject holds no line breaks or other control characters")
        super().run()

    @property
    def _shown(self) -> str:
        return "<{0}>".format(self._check.to)

    def _use(self, conversation: Conversation) -> None:
        self._evidence["encrypted"] = isinstance(conversation.sock, ssl.SSLSocket)
        mechanisms = self.mechanisms()
        if self._check.username:
            with timed(self._timings, "auth"):
                self.log_in(conversation, mechanisms)
            if self._findings[-1].verdict != "ok":
                return
        with timed(self._timings, "message"):
            command, reply = self._send(conversation)
        self._evidence.update(command=command, reply=str(reply), reply_code=reply.code)
        self._findings.append(self._judged(command, reply))

    def verdict(self) -> Verdict:
        """What became of the message is the answer; a weak certificate is one finding beside it."""
        found = super().verdict()
        last = self._findings[-1]
        return found if "reply" not in self._evidence else Verdict(last.verdict, last.code, last.message, found.evidence)

    def _send(self, conversation: Conversation) -> Tuple[str, Reply]:
        """The command that decided, and the answer to it."""
        check = self._check
        for line in ("MAIL FROM:<{0}>".format(mail_path(check.sender)), "RCPT TO:<{0}>".format(mail_path(check.to)), "DATA"):
            reply = conversation.command(line)
            if not reply.positive and reply.code != 354:
                return line.partition(" ")[0], reply
        return "message", self._data(conversation)

    def _data(self, conversation: Conversation) -> Reply:
        try:
            conversation.sock.settimeout(self._deadline.left())
            conversation.sock.sendall(text_of(self._check))
            return conversation.reply("the message")
        except OSError as error:
            raise ProbeFailure("message_unknown", recipient=self._shown, reason="the connection broke") from error
        except ProbeFailure as failure:
            raise ProbeFailure("message_unknown", recipient=self._shown, reason=failure.code.replace("_", " ")) from failure

    def _judged(self, command: str, reply: Reply) -> Verdict:
        check, meaning = self._check, meaning_of(reply.code, reply.text)
        verdict, code = "failed", "message_refused"
        if reply.positive:
            verdict, code = ("ok", "ok_message_accepted") if check.expect == ACCEPTED else ("failed", "message_accepted")
        elif check.expect == REFUSED and command == "RCPT":
            verdict, code = judge_asked(Asked("recipient", reply, meaning), "refused_recipient")
            code = "ok_message_refused" if verdict == "ok" else code
        elif check.expect == REFUSED:
            verdict, code = "degraded", "refused_otherwise"
        facts = {"target": self._target, "recipient": self._shown, "reply": str(reply), "advice": meaning.advice}
        return Verdict(verdict, code, sentence(code, facts))
