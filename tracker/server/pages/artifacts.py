"""An artifact: its versions, what is in it, and its bytes."""

from __future__ import annotations

import json
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from tracker.errors import Corrupt, NotFound
from tracker.record import Artifact, Record
from tracker.server import desk
from tracker.server.auth import Sees
from tracker.server.config import Context, context_of
from tracker.server.templating import render
from tracker.server.wire import pieces

router = APIRouter()
# What a browser may show in a page: pictures that cannot run anything.
_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_MANIFEST_LIMIT = 32 << 20


@router.get("/artifacts/{run_id}/{name:path}")
def get_artifact(
    request: Request, run_id: str, name: str, sees: Sees, version: int = 0, raw: bool = False, file: str = ""
) -> Response:
    """An artifact's page; with `raw=1` its bytes, and with `file=` one file of a folder."""
    context = context_of(request)
    record = desk.record(sees, run_id)
    sees.must_open(record.id)
    versions = tuple(artifact for artifact in record.artifacts if artifact.name == name)
    chosen = _chosen(record, versions, name, version)
    manifest = _manifest(context, chosen)
    if file:
        if file not in manifest:
            raise NotFound(f"{name} has no file {file!r}.", remedy="Its files are listed on the artifact's page.")
        return _bytes(context, manifest[file], file.rpartition("/")[2], "application/octet-stream")
    if raw and not chosen.folder:
        return _bytes(context, chosen.digest, name.rpartition("/")[2], chosen.media_type)
    makers, users = sees.kin(chosen.digest)
    return render(
        request,
        "artifact.html",
        record=record,
        artifact=chosen,
        versions=sorted(versions, key=lambda each: -each.version),
        files=sorted(manifest),
        makers=tuple(kin for kin in makers if kin.run_id != record.id),
        users=users,
        picture=chosen.media_type in _SHOWN and chosen.stored and not chosen.folder,
    )


def _chosen(record: Record, versions: tuple[Artifact, ...], name: str, version: int) -> Artifact:
    if not versions:
        near = ", ".join(dict.fromkeys(artifact.name for artifact in record.artifacts)) or "none"
        raise NotFound(f"Run {record.id} has no artifact {name!r}.", remedy=f"It has: {near}.")
    for artifact in versions:
        if artifact.version == version:
            return artifact
    if version:
        raise NotFound(f"{name} has no version {version}.", remedy=f"It has {len(versions)}.")
    return max(versions, key=lambda each: each.version)


def _manifest(context: Context, artifact: Artifact) -> dict[str, str]:
    """A folder's files by path: the digest of each. Empty for a file, or when the manifest is not stored."""
    if not artifact.folder or not context.blobs.has(artifact.digest):
        return {}
    with context.blobs.open(artifact.digest) as stream:
        read = json.loads(stream.read(_MANIFEST_LIMIT))
    if not isinstance(read, dict):
        raise Corrupt(f"The list of files of {artifact.name} cannot be read.", remedy="Type: runcite verify")
    return {str(path): str(digest) for path, digest in read.items()}


def _bytes(context: Context, digest: str, name: str, media_type: str) -> Response:
    if not context.blobs.has(digest):
        raise NotFound(f"The bytes of {name} are not stored.", remedy="On the machine that made it: runcite sync")
    shown = media_type in _SHOWN
    headers = {
        "Content-Length": str(context.blobs.size(digest)),
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-cache",
    }
    return StreamingResponse(
        pieces(context.blobs.open(digest)),
        headers=headers,
        media_type=media_type if shown else "application/octet-stream",
    )
