"""Photos and voice notes: what comes in is coded anew, and is seen by who may see what refers to it."""

from __future__ import annotations

import io
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hotel_site import House, Site, bearer
from PIL import Image, PngImagePlugin
from test_talk import asked, did, said

from concierge.domain import conversation as talks
from concierge.domain.people import SERVICE
from concierge.files import MAX_BYTES, Files
from concierge.service import commands as c
from concierge.service.commands import CheckedIn, CheckIn

SCRIPT = b"<script>alert(1)</script>"


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    """With a place, a comment and a script in it."""
    image, out = Image.new("RGB", size, (180, 20, 20)), io.BytesIO()
    exif = image.getexif()
    exif[0x0112] = 6  # on its side
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 13.0, 48.0)})
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SCRIPT.decode())
    image.save(out, kind, exif=exif, **({"pnginfo": text} if kind == "PNG" else {"comment": SCRIPT} if kind == "JPEG" else {}))
    return out.getvalue() + SCRIPT


def note(seconds: float = 1.0) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.sin(np.arange(int(seconds * 8000)) / 5) * 0.3, 8000, format="WAV")
    return out.getvalue()


def kept_in(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


async def sent_in(site: Site, token: str, content: bytes, name: str = "a.jpg", status: int = 201) -> dict[str, Any]:
    answer = await site.http.post("/v1/files", files={"file": (name, content)}, headers=bearer(token))
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_is_drawn_anew_upright_and_tells_no_place(site: Site, house: House, stay: CheckedIn, kind: str) -> None:
    guest, talk = await site.room("301"), talks.of_stay(stay.id)
    file = await sent_in(site, guest, photo(kind), "../../we<b>.jpg")
    assert (file["type"], file["kind"], file["name"]) == (f"image/{kind.lower()}", "image", "web.jpg")
    message = await said(site, guest, talk, "", file=file["hash"])
    assert (message["kind"], message["file"]["hash"]) == ("image", file["hash"])
    answer = await site.http.get(file["url"], headers=bearer(guest))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == file["type"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert SCRIPT not in answer.content
    shown = Image.open(io.BytesIO(answer.content))
    assert shown.size == (48, 64)
    assert not shown.getexif()
    kept = house.settings.state / "files" / file["hash"][:2] / file["hash"]
    assert stat.S_IMODE(kept.stat().st_mode) == stat.S_IMODE(kept.with_suffix(".json").stat().st_mode) == 0o600


async def test_a_file_is_seen_by_who_may_see_what_refers_to_it(site: Site, house: House, stay: CheckedIn) -> None:
    await house.service.do(CheckIn("302", "en", "Alice"), SERVICE, "302")
    guest, other, emma, li_na = (
        await site.room("301"),
        await site.room("302"),
        await site.staff("emma"),
        await site.staff("li_na"),
    )
    talk = talks.of_stay(stay.id)
    file = await sent_in(site, guest, photo())

    async def who_sees() -> list[int]:
        tokens = (guest, other, emma, li_na)
        return [(await site.http.get(file["url"], headers=bearer(token))).status_code for token in tokens]

    assert await who_sees() == [404, 404, 404, 404]
    theirs = await site.http.post(
        f"/v1/conversations/{talks.of_stay((await asked(site, other, '/v1/me'))['stay'])}/messages",
        json={"file": file["hash"]},
        headers=bearer(other),
    )
    assert theirs.status_code == 404, "who knows a hash has not got the file"
    message = await said(site, guest, talk, "看", file=file["hash"])
    assert await who_sees() == [200, 404, 200, 404]
    await said(site, emma, "dept-housekeeping", "go and see", file=file["hash"])  # who may see it may pass it on
    assert await who_sees() == [200, 404, 200, 200]
    await did(site, guest, f"/v1/conversations/{talk}/messages/{message['seq']}/withdraw")
    assert await who_sees() == [404, 404, 200, 200]
    assert (await site.http.get(file["url"])).status_code == 401


async def test_the_photo_of_an_order_is_seen_by_who_serves_it(site: Site, house: House, stay: CheckedIn) -> None:
    guest, li_na, wang_wei = await site.room("301"), await site.staff("li_na"), await site.staff("wang_wei")
    towels = {"intent": "request.items", "slots": {"items": [{"item": "towel"}]}, "words": "毛巾", "lang": "zh"}
    order = await did(site, guest, "/v1/orders", towels, 201)
    file = await sent_in(site, li_na, photo())
    person = await house.service.do(c.PhotoOrder(order["id"], file["hash"]), SERVICE, "photo")
    assert person.data["photos"] == [file["hash"]]
    codes = [(await site.http.get(file["url"], headers=bearer(token))).status_code for token in (li_na, wang_wei)]
    assert codes == [200, 404]


async def test_a_voice_note_has_its_words(site: Site, house: House, stay: CheckedIn) -> None:
    heard: list[tuple[int, str | None]] = []

    async def transcribe(sound: np.ndarray, lang: str | None) -> str:
        heard.append((len(sound), lang))
        return "再要两条毛巾"

    house.transcribe = transcribe  # type: ignore[attr-defined]
    guest, talk = await site.room("301"), talks.of_stay(stay.id)
    file = await sent_in(site, guest, note(1.5), "note.wav")
    assert heard == [(24_000, None)]
    assert (file["type"], file["seconds"], file["transcript"]) == ("audio/mp4", 1.5, "再要两条毛巾")
    message = await said(site, guest, talk, "", file=file["hash"])
    assert (message["kind"], message["transcript"], message["file"]["seconds"]) == ("voice", "再要两条毛巾", 1.5)
    found = await asked(site, guest, "/v1/search", q="毛巾")
    assert [item["seq"] for item in found["items"]] == [message["seq"]]
    assert (await site.http.get(file["url"], headers=bearer(guest))).headers["content-type"] == "audio/mp4"


async def test_what_is_neither_picture_nor_sound_is_refused(site: Site, stay: CheckedIn, tmp_path: Path) -> None:
    guest = await site.room("301")
    secret = tmp_path / "secret.wav"
    secret.write_bytes(note())
    for content in (
        b"",
        SCRIPT,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n" + b"x" * 99,
        b"\xff\xd8\xff\xe0" + b"x" * 99,
        b"RIFF" + bytes(99),
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode(),
        f"ffconcat version 1.0\nfile {secret}\n".encode(),
        note(0.01),
        note(301),
    ):
        assert (await sent_in(site, guest, content, status=400))["code"] == "bad_request", content[:20]
    assert (await sent_in(site, guest, bytes(MAX_BYTES + 100_000), status=413))["code"] == "too_large"
    for form in ({"data": {"file": "text"}}, {"files": {"other": ("a", b"b")}}, {"json": {"file": "x"}}):
        assert (await site.http.post("/v1/files", headers=bearer(guest), **form)).status_code == 422  # type: ignore[arg-type]
    assert (await site.http.post("/v1/files", files={"file": ("a", photo())})).status_code == 401
    for hash in ("x", "0" * 64, "..%2f..%2ftoken.key"):
        assert (await site.http.get(f"/v1/files/{hash}", headers=bearer(guest))).status_code == 404


async def test_the_same_photo_of_two_people_is_kept_once_and_each_has_sent_it(tmp_path: Path) -> None:
    files = Files(tmp_path)
    one = await files.take(photo(), "mine.jpg", "guest:a")
    other = await files.take(photo(), "yours.jpg", "guest:b")
    found = files.find(one.hash)
    assert found is not None
    assert (one.hash, other.name, dict(found[1])) == (other.hash, "yours.jpg", {"guest:a": "mine.jpg", "guest:b": "yours.jpg"})
    assert found[0].name == ""
    assert kept_in(tmp_path) == 2
