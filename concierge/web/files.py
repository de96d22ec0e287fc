"""Photos and voice notes over HTTP. Who may see what refers to a file may see the file."""

from __future__ import annotations

import time
from typing import Annotated, Any, cast

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from starlette.datastructures import UploadFile

from concierge.domain.errors import NotFound
from concierge.files import MAX_BYTES, Files
from concierge.web.attempts import Attempts
from concierge.web.house import Listens
from concierge.web.problem import Problem
from concierge.web.request import ActorOf, ClientId, HouseOf, require_language

router = APIRouter(prefix="/v1/files", tags=["files"])

FRAMING = 64 * 1024
"""Bytes of a form beside the file."""
UPLOADS = {"uploads": 120}
WINDOW_S = 3600.0
"""So many an hour for one guest or one of the staff: what is sent in stays on the disk."""
SHUT = {
    # Nothing of it is ever run, whatever a browser takes it for.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}


@router.post(
    "", status_code=201, openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FORM}}}}
)
async def send_in(
    request: Request,
    house: HouseOf,
    actor: ActorOf,
    _: ClientId,
    lang: Annotated[str | None, Query(description="Of a voice note; none: found out from the sound")] = None,
) -> dict[str, Any]:
    """A picture (JPEG, PNG, WebP) or a voice note (whatever a recorder makes), as the form's field ``file``. What comes back is
    named by its content, so a repeat gives the same. Its words come along. It is seen by nobody until a message or an order
    refers to it."""
    require_language(house, lang)
    uploads: Attempts = request.app.state.uploads
    wait_s = uploads.wait_s(("uploads", actor.who), time.monotonic())
    if wait_s > 0:
        raise Problem(429, "too_many_uploads", "too many files: try again later", headers={"Retry-After": str(int(wait_s) + 1)})
    uploads.failed(("uploads", actor.who), time.monotonic())
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise Problem(411, "length_required", "say how long the form is: Content-Length")
    if int(length) > MAX_BYTES + FRAMING:
        raise Problem(413, "too_large", f"at most {MAX_BYTES} bytes are taken")
    async with request.form(max_files=1, max_fields=4) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise Problem(422, "bad_input", "file: send it as multipart/form-data in the field 'file'")
        content, name = await upload.read(), upload.filename or ""
    hear = cast(Listens, house).transcribe if hasattr(house, "transcribe") else None
    file = await _files(house).take(content, name, actor.who, lang=lang, hear=hear)
    about = {"seconds": file.seconds, "transcript": file.transcript} if file.kind == "voice" else {}
    url = f"/v1/files/{file.hash}"
    return {"hash": file.hash, "type": file.type, "kind": file.kind, "name": file.name, "bytes": file.bytes, "url": url, **about}


@router.get("/{hash}", response_class=FileResponse)
async def content(hash: str, house: HouseOf, actor: ActorOf) -> FileResponse:
    files = _files(house)
    found = files.find(hash)
    if found is not None:
        await house.views.caught_up(await house.log.end())
    if found is None or not await house.views.talks.may_see_file(actor, hash):
        raise NotFound("there is no such file")
    return FileResponse(files.path(hash), media_type=found[0].type, headers=SHUT, content_disposition_type="inline")


def _files(house: HouseOf) -> Files:
    files = house.service.world.files
    if not isinstance(files, Files):
        raise NotFound("no files are kept here")
    return files
