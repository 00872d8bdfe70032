"""Parts for the browser tests: examined by the worker's own lane, and the addresses of every page of the 3D-print check."""

from __future__ import annotations

import atexit
import base64
import struct
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.urls import reverse
from numpy.typing import NDArray
from playwright.sync_api import Page

from nordlotse.foundation.language import Lang
from nordlotse.print3d.actions import list_intake, sharing, shop
from nordlotse.print3d.actions import parts as taking
from nordlotse.print3d.core import samples
from nordlotse.print3d.core.seeing import Seen, look_closely
from nordlotse.print3d.core.values import Checked
from nordlotse.print3d.core.whole import Wishes
from nordlotse.print3d.queries import parts as kept_parts
from nordlotse.print3d.tasks import LISTS, PARTS, Lane
from tests.print3d import made

#: Draws a PNG in the page and returns its pixels: no library for pictures is needed.
_READ = """async (held) => {
  const picture = new Image();
  picture.src = "data:image/png;base64," + held;
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  const context = canvas.getContext("2d", { colorSpace: "srgb" });
  context.drawImage(picture, 0, 0);
  const bytes = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return [canvas.height, canvas.width, btoa(text)];
}"""

Pixels = NDArray[np.uint8]


@cache
def lane() -> Lane:
    """Return a lane of the worker for parts and lists; its child lives as long as the tests."""
    one = Lane((*PARTS, *LISTS))
    atexit.register(one.close)
    return one


def work_off(most: int = 20) -> int:
    """Do all that waits for parts, as the worker does; return how much that was."""
    return sum(lane().run_one() for _ in range(most))


def taken(data: bytes, name: str, lang: Lang = "de", process: str = "") -> str:
    """Hand in a part, let it be examined, and return its key."""
    upload = InMemoryUploadedFile(BytesIO(data), "file", name, "application/octet-stream", len(data), None)
    key = taking.take(upload, Wishes(process=process), lang=lang)
    work_off()
    work = kept_parts.by_key(key).work
    assert work is not None
    assert not work.open
    return key


def sample(name: str = "holder", lang: Lang = "de", process: str = "") -> str:
    """Hand in one of our own sample parts, let it be examined, and return its key."""
    return taken(samples.sample_bytes(name), samples.sample(name).file, lang, process)


@cache
def looked_at(path: Path, process: str = "") -> tuple[Checked, Seen]:
    """Return what the core sees in a file, reckoned here and not on the page."""
    checked, _, seen = look_closely(path.read_bytes(), path.name, process=process or None)
    return checked, seen


def pixels(page: Page, png: bytes) -> Pixels:
    """Return the pixels (height, width, 3) of a PNG."""
    high, wide, held = page.evaluate(_READ, base64.b64encode(png).decode("ascii"))
    return np.frombuffer(base64.b64decode(held), np.uint8).reshape(high, wide, 4)[:, :, :3]


def differing(one: Pixels, other: Pixels) -> float:
    """Return the share of pixels that are not the same in two pictures of one size."""
    return float((np.abs(one.astype(int) - other.astype(int)).max(axis=2) > 8).mean())


def with_a_hole(stl: bytes) -> bytes:
    """Return a binary STL without its first triangle."""
    (count,) = struct.unpack_from("<I", stl, 80)
    return stl[:80] + struct.pack("<I", count - 1) + stl[84 + 50 :]


def public(lang: Lang) -> list[str]:
    """Return the addresses of the room: a part that waits, one with flaws, repaired and shared, one laid and priced, lists, shops, packing."""
    failed = taken(samples.sample_bytes("holder")[:5000], "holder_aus_dem_Archiv_der_Konstruktion.stl", lang)
    flawed = taken(with_a_hole(samples.sample_bytes("holder")), "halter_loch.stl", lang)
    taking.ask_repair(flawed)
    work_off()
    share = sharing.share(flawed, 1)
    list_key = list_intake.take_sample(lang=lang)
    work_off()
    waiting = made.kept("holder", done=False, lang=lang)
    waiting_list = list_intake.take_sample(lang=lang)
    own = shop.create()

    def at(name: str, *args: Any) -> str:
        return reverse(f"{lang}:print3d{name}", args=args)

    behind = ("_part", "_repair", "_share", "_delete", "_lay", "_part_shop")
    forms = ("_shop", "_shop_machine", "_shop_material", "_shop_figures", "_shop_jobs", "_shop_delete")
    return [
        at(""),
        at("_part", waiting),
        at("_part", failed),
        *(at(name, flawed) for name in behind),
        at("_costs", flawed) + "?price=12&quantity=50&process=Spritzguss",
        at("_costs", flawed) + "?price=viel&quantity=0",
        at("_shared", share),
        at("_lists"),
        at("_list", list_key),
        at("_list", waiting_list),
        at("_list_delete", list_key),
        at("_pack"),
        at("_shops"),
        *(at(name, own) for name in forms),
    ]
