# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A way to a DNS server on which messages get lost: UDP on loopback, and nothing listens for TCP."""

from __future__ import annotations

import socket
import threading

UPDATE = 5  # opcode, RFC 2136 2.2


class LossyDns:
    """Passes datagrams on to a port of 127.0.0.1, but for all of them, updates, or the answers to updates."""

    def __init__(self, upstream: int, *, lose_all: bool = False, lose_updates: bool = False, lose_answers: bool = False) -> None:
        self._upstream = ("127.0.0.1", upstream)
        self._lose = (lose_all, lose_updates, lose_answers)
        self._ended = threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> LossyDns:
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.port = self._socket.getsockname()[1]
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        lose_all, lose_updates, lose_answers = self._lose
        while not self._ended.is_set():
            try:
                message, client = self._socket.recvfrom(65535)
            except TimeoutError:
                continue
            is_update = message[2] >> 3 & 15 == UPDATE
            if lose_all or is_update and lose_updates:
                continue
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
                there.settimeout(5)
                there.sendto(message, self._upstream)
                answer = there.recv(65535)
            if not (is_update and lose_answers):
                self._socket.sendto(answer, client)
