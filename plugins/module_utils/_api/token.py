# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""OAuth tokens: one per credential and run, shared by all workers of that run through a file.

Lifetime 30 minutes, no refresh token (developer portal); asked again 60 seconds early.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

EARLY = 60.0  # seconds before its end from which a token is not used any more


class Token(NamedTuple):
    """A bearer token and the wall-clock second until which it may be used."""

    value: str
    good_until: float

    @classmethod
    def lasting(cls, value: str, seconds: float) -> Token:
        """From the service's ``expires_in``; short-lived tokens keep nine tenths of their life."""
        return cls(value, time.time() + seconds - min(EARLY, seconds / 10))


class TokenSource:
    """Hands out a token; ``fetch`` asks the service for a new one.

    ``folder`` is private to this run (0700) and removed by Ansible at its end; None keeps the token in memory.
    """

    def __init__(self, fetch: Callable[[], Token], identity: str, folder: str | None) -> None:
        self._fetch = fetch
        self._token: Token | None = None
        name = hashlib.sha256(identity.encode()).hexdigest()[:32]
        self._path = os.path.join(folder, "mimecast-token-" + name) if folder else None

    def get(self) -> str:
        """A token that is good now."""
        if self._token is None or self._token.good_until <= time.time():
            self._token = self._shared(refused=None)
        return self._token.value

    def renew(self, refused: str) -> str:
        """A token other than ``refused``, which the service no longer takes."""
        self._token = self._shared(refused)
        return self._token.value

    def _shared(self, refused: str | None) -> Token:
        token = self._kept(refused)  # written by rename, so it is read whole without the lock
        if token is not None:
            return token
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(OSError):  # a folder that cannot be used costs a token for each task, no more
                if self._path:
                    stack.enter_context(_locked(self._path + ".lock"))
            token = self._kept(refused)  # another worker may have asked while this one waited
            if token is None:
                token = self._fetch()
                with contextlib.suppress(OSError):
                    if self._path:
                        _store(self._path, token)
            return token

    def _kept(self, refused: str | None) -> Token | None:
        token = _load(self._path) if self._path else None
        return None if token is None or token.value == refused or token.good_until <= time.time() else token


@contextlib.contextmanager
def _locked(path: str) -> Iterator[None]:
    # Held during the request: the other workers of the run wait for the answer instead of asking as well.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _load(path: str) -> Token | None:
    try:
        with open(path, encoding="utf-8") as file:
            value, good_until = json.load(file)
        return Token(str(value), float(good_until))
    except (OSError, ValueError, TypeError):
        return None


def _store(path: str, token: Token) -> None:
    descriptor, new = tempfile.mkstemp(dir=os.path.dirname(path))  # mkstemp makes it 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([token.value, token.good_until], file)
    os.rename(new, path)
