"""Parts as people hand them in: small solids as files, broken ones, archives; and handing one in without a browser."""

from __future__ import annotations

import io
import zipfile

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile

from nordlotse.print3d.actions import parts
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.repair import as_stl
from nordlotse.print3d.core.whole import Wishes
from tests.print3d.core import solids


def plate() -> bytes:
    """Return a sound plate of 40 × 30 × 8 mm as STL."""
    return as_stl(solids.box(40, 30, 8))


def small() -> bytes:
    """Return a box whose numbers look like inches: 2 × 1 × 0.5."""
    return as_stl(solids.box(2, 1, 0.5))


def open_box() -> bytes:
    """Return a box of 40 × 30 × 8 mm that lacks a triangle."""
    whole = solids.box(40, 30, 8)
    return as_stl(Mesh(whole.vertices, whole.faces[1:]))


def thin() -> bytes:
    """Return a plate of 40 × 30 mm that is 0.3 mm thick: no process makes that safely."""
    return as_stl(solids.box(40, 30, 0.3))


def cut_off() -> bytes:
    """Return a binary STL that claims more triangles than it has."""
    data = bytearray(plate())
    data[80:84] = np.uint32(10_000).tobytes()
    return bytes(data)


def archive(**files: bytes) -> bytes:
    """Return a ZIP of files by their names (`_` stands for the dot)."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in files.items():
            box.writestr(name.replace("_", "."), content)
    return held.getvalue()


def upload(content: bytes, name: str = "platte.stl") -> SimpleUploadedFile:
    """Return a file as a form hands it in."""
    return SimpleUploadedFile(name, content)


def hand_in(
    content: bytes | None = None, name: str = "platte.stl", wishes: Wishes | None = None, address: str = ""
) -> str:
    """Hand a part in and return its key."""
    return parts.take(upload(content or plate(), name), wishes or Wishes(), lang="de", address=address)
