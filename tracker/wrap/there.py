"""A Runcite server elsewhere, as `exec` needs it: it gets the snapshot first, and is told of the end."""

from __future__ import annotations

from pathlib import Path

import httpx
import msgspec

from tracker.client.folders import Folder
from tracker.client.transport import HttpTransport
from tracker.errors import RunciteError, Unavailable
from tracker.settings import Settings
from tracker.snapshot import Snapshot
from tracker.store.mlflow.rows import Exit

SECONDS = 10.0


class Runs(msgspec.Struct, frozen=True):
    """The runs that the command opened."""

    runs: tuple[str, ...]


class There:
    """The server that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self.uri = settings.url
        self.token = settings.token
        headers = {"Authorization": f"Bearer {settings.token}"} if settings.token else {}
        self._client = httpx.Client(
            base_url=f"{settings.url}/api/2.0/mlflow/runcite/",
            headers=headers,
            timeout=httpx.Timeout(SECONDS, connect=3.0),
        )

    def begin(self, nonce: str, snapshot: Snapshot, folder: Folder) -> None:
        """Give the snapshot, and the files it names.

        Raises:
            RunciteError: it cannot be given.
        """
        self._ask("execs", msgspec.json.encode({"nonce": nonce, "snapshot": snapshot}))
        staged: dict[str, Path] = dict(folder.staged())
        with HttpTransport(self.uri, self.token, timeout=SECONDS) as transport:
            for digest in transport.missing(staged) if staged else ():
                transport.put_blob(digest, staged[digest])

    def end(self, nonce: str, how: Exit) -> tuple[str, ...]:
        """Tell how the command ended; the runs that it opened. Raises as `begin`."""
        answer = self._ask(f"execs/{nonce}/end", msgspec.json.encode(how))
        try:
            return msgspec.json.decode(answer, type=Runs).runs
        except msgspec.DecodeError:
            raise Unavailable(f"{self.uri} is no Runcite server.", remedy="Check RUNCITE_URL.") from None

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _ask(self, path: str, body: bytes) -> bytes:
        try:
            answer = self._client.post(path, content=body, headers={"Content-Type": "application/json"})
        except httpx.HTTPError as error:
            raise Unavailable(f"{self.uri} can't be reached: {error}.", remedy="Is the server running?") from None
        if answer.is_success:
            return answer.content
        raise RunciteError(
            f"{self.uri} answered {answer.status_code}: {answer.text[:200]}", remedy="See `runcite doctor`."
        )
