# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Dynamic updates (RFC 2136) signed with TSIG (RFC 8945): one message for a zone, which names what it found before. Needs dnspython."""

from __future__ import annotations

import base64
import binascii
import socket
import time
from typing import Any, Dict, NamedTuple, Sequence

from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import SOLID, Answer, Where, ask
from ansible_collections.mimecast.connect.plugins.module_utils._dns.present import DnsTrouble, found_of, reason_of
from ansible_collections.mimecast.connect.plugins.module_utils._dns.records import Change, Found, Mx, fqdn

try:
    import dns.exception
    import dns.message
    import dns.name
    import dns.query
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.rdtypes.ANY.MX
    import dns.rdtypes.ANY.TXT
    import dns.tsig
    import dns.tsigkeyring
    import dns.update
except ImportError:
    pass  # the job says so, see lookup.HAS_DNSPYTHON

ALGORITHMS = ("hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512")
UDP_SIZE = 512  # bytes; longer updates go by TCP (RFC 2136 6.2)
LOOKS = (0.0, 0.3, 1.0)  # seconds before each look at what came of an update
_CHANGED = ("NXDOMAIN", "YXDOMAIN", "NXRRSET", "YXRRSET")
_CODES = {
    "NOTAUTH": "it is not the primary server of this zone; name that one as server",
    "NOTZONE": "a name is not in this zone for it",
    "NOTIMP": "it takes no dynamic updates",
    "SERVFAIL": "it failed while it wrote the zone; its log says why, often it may not write its own files",
    "FORMERR": "it does not understand the message",
}
_TSIG = {
    "PeerBadKey": "it does not know the key {0} with {1}: compare name and algorithm with its configuration",
    "PeerBadSignature": "the secret of the key {0} is not the one that it has",
    "PeerBadTime": "its clock and the one here differ too much for a signature: set them right",
    "PeerBadTruncation": "it wants longer signatures than it gets",
}


class Key(NamedTuple):
    """A TSIG key; secret is base64."""

    name: str
    secret: str
    algorithm: str

    @property
    def owner(self) -> Any:
        """The name as dnspython takes it."""
        return dns.name.from_text(self.name)

    def ring(self) -> Any:
        """As dnspython takes it; ValueError if the secret is no base64 or the name no name."""
        try:
            base64.b64decode(self.secret, validate=True)  # dnspython leaves out what does not fit
            return dns.tsigkeyring.from_text({self.name: self.secret})
        except (binascii.Error, ValueError):
            raise ValueError("key_secret is not base64, as the tool that made the key shows it") from None
        except dns.exception.DNSException:
            raise ValueError("key_name is {0!r}: that is no name of a key".format(self.name)) from None


class Primary:
    """A server that takes updates. Questions are signed as well, so that the view of the key is seen and a wrong key is found early.

    seconds: how long one answer may take.
    """

    def __init__(self, where: Where, key: Key, seconds: float) -> None:
        self._where, self._key, self._seconds = where, key, seconds
        self._ring = key.ring()
        self._zones: Dict[str, str] = {}
        self.shown = "{0} port {1}".format(*where)

    def zone_of(self, name: str) -> str:
        """The zone that a name is in, by the SOA record of the server's answer."""
        if name not in self._zones:
            self._check_key(name)
            answer = self._read(name, "SOA")
            if not answer.authoritative or not (answer.zone or answer.status == "found" or answer.aliases):
                raise DnsTrouble("server {0} does not hold the zone of {1}".format(self.shown, name))
            above = name.partition(".")[2]
            self._zones[name] = self.zone_of(above) if answer.aliases and above else name if answer.status == "found" else answer.zone
        return self._zones[name]

    def read(self, name: str, kind: str) -> Found:
        """One RRset as the server has it."""
        return found_of(self._read(name, kind), name, kind)

    def check_size(self, zone: str, changes: Sequence[Change]) -> None:
        """DnsTrouble if the changes are too much for one message."""
        try:
            self._message(zone, changes).to_wire()
        except dns.exception.TooBig:
            raise DnsTrouble("the changes are too much for one message of 65,535 bytes: give fewer domains at a time") from None

    def send(self, zone: str, changes: Sequence[Change]) -> None:
        """Make the changes of one zone, all or none, and see them there; DnsTrouble says why not."""
        response = self._answer(self._message(zone, changes), changes)
        if response is None:
            return
        self._judge(response, changes)
        if not self._applied(changes):
            raise DnsTrouble("server {0} accepted the update, but it does not show the records; see its log".format(self.shown))

    def _answer(self, message: Any, changes: Sequence[Change]) -> Any:
        """The server's answer; None if there was none but the records are there, since answers get lost too."""
        for tcp in (True,) if len(message.to_wire()) > UDP_SIZE else (False, True):
            try:
                return self._exchange(message, tcp)
            except (dns.exception.Timeout, socket.timeout, EOFError, OSError):
                if self._applied(changes):
                    return None
        raise DnsTrouble("server {0} does not answer the update, by TCP either, and does not show the records: see whether a firewall lets updates "
                         "pass, and run again".format(self.shown))

    def _message(self, zone: str, changes: Sequence[Change]) -> Any:
        message = dns.update.UpdateMessage(fqdn(zone), keyring=self._ring, keyname=self._key.owner, keyalgorithm=self._key.algorithm)
        for change in changes:
            name = dns.name.from_text(change.after.name)
            message.absent(name, "CNAME")  # servers drop what is added beside one, without a word
            if change.before is None:
                message.absent(name, change.after.kind)
            else:
                message.present(name, *map(_rdata, change.before.values))
            if change.removed:
                message.delete(name, *map(_rdata, change.removed))
            if change.added:
                message.add(name, change.after.ttl, *map(_rdata, change.added))
        return message

    def _judge(self, response: Any, changes: Sequence[Change]) -> None:
        code = dns.rcode.to_text(response.rcode())
        if code == "NOERROR" and response.had_tsig:
            return
        if code == "NOERROR":
            raise DnsTrouble("the answer of server {0} is not signed with the key {1}, so it may be anybody's".format(self.shown, self._key.name))
        if code in _CHANGED:
            raise DnsTrouble(self._why_changed(code, changes))
        if code == "REFUSED":
            names = ", ".join("{0} {1}".format(*change.key) for change in changes)
            raise DnsTrouble("server {0} refuses it (REFUSED): the key {1} may not change {2} there (allow-update or update-policy), the zone takes no "
                             "updates at all, or a record is refused, such as an MX host of the zone without an address; its log says which".format(
                                 self.shown, self._key.name, names))
        raise DnsTrouble("server {0} says {1}: {2}".format(self.shown, code, _CODES.get(code, "see its log")))

    def _why_changed(self, code: str, changes: Sequence[Change]) -> str:
        moved = ["{0} {1}".format(*change.key) for change in changes if self.read(*change.key) != Found(change.before)]
        if moved:
            return "somebody else changed {0} after it was read ({1}): look at it, and run again".format(" and ".join(moved), code)
        return "server {0} says {1} although it still shows what was read: it comes from a wildcard, or another change came and went; " \
               "run again, and if it stays, publish the records by hand".format(self.shown, code)

    def _applied(self, changes: Sequence[Change]) -> bool:
        for pause in LOOKS:
            time.sleep(pause)
            if all(change.is_in(self.read(*change.key)) for change in changes):
                return True
        return False

    def _read(self, name: str, kind: str) -> Answer:
        answer = Answer("silent")
        for _try in range(2):
            answer = ask(self._where, name, kind, lambda: self._seconds, recursive=False, sign=self._sign)
            if answer.status != "silent":
                break
        if answer.status not in SOLID or answer.status == "loop":
            raise DnsTrouble("server {0} {1} ({2} {3})".format(self.shown, reason_of(answer), name, kind))
        return answer

    def _check_key(self, name: str) -> None:
        """A plain question, whose answer says more of a wrong key than that of lookup.ask does."""
        if self._zones:
            return
        query = dns.message.make_query(name, "SOA")
        self._sign(query)
        try:
            self._exchange(query, False)
        except (dns.exception.Timeout, socket.timeout, EOFError, OSError):
            return  # reading says so

    def _sign(self, message: Any) -> None:
        message.use_tsig(self._ring, keyname=self._key.owner, algorithm=self._key.algorithm)

    def _exchange(self, message: Any, tcp: bool) -> Any:
        address, port = self._where
        try:
            if tcp:
                return dns.query.tcp(message, address, self._seconds, port)
            return dns.query.udp(message, address, self._seconds, port, ignore_unexpected=True)
        except (dns.exception.Timeout, OSError, EOFError):
            raise
        except dns.exception.DNSException as error:
            reason = _TSIG.get(type(error).__name__, "its answer is of no use ({0})".format(type(error).__name__))
            raise DnsTrouble("server {0} refuses the signature: {1}".format(self.shown, reason.format(self._key.name, self._key.algorithm))) from None


def _rdata(value: Any) -> Any:
    kind: Any
    if isinstance(value, Mx):
        kind = dns.rdtypes.ANY.MX.MX
        return kind(dns.rdataclass.IN, dns.rdatatype.MX, value.preference, dns.name.from_text(value.host))
    kind = dns.rdtypes.ANY.TXT.TXT
    return kind(dns.rdataclass.IN, dns.rdatatype.TXT, value)
