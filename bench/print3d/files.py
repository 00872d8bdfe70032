"""One part written in every format by our own hand, and files that mean harm: for tests and measurements of the reader."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.repair import as_stl

_MODEL_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<model unit="{unit}" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02">\n'
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
    'Target="/3D/3dmodel.model" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
)


def stl_text(mesh: Mesh) -> bytes:
    """Return a text STL."""
    lines = ["solid part"]
    for normal, corners in zip(mesh.normals, mesh.corners, strict=True):
        lines += [f" facet normal {normal[0]:g} {normal[1]:g} {normal[2]:g}", "  outer loop"]
        lines += [f"   vertex {x:.9g} {y:.9g} {z:.9g}" for x, y, z in corners]
        lines += ["  endloop", " endfacet"]
    return "\n".join([*lines, "endsolid part\n"]).encode()


def obj(mesh: Mesh) -> bytes:
    """Return an OBJ file with texture numbers behind slashes, as many programs write it."""
    lines = ["# made", "o part", *(f"v {x!r} {y!r} {z!r}" for x, y, z in mesh.vertices.tolist())]
    lines += [f"f {a}/1/1 {b}/1/1 {c}/1/1" for a, b, c in (mesh.faces + 1).tolist()]
    return "\n".join(lines).encode() + b"\n"


def off(mesh: Mesh) -> bytes:
    """Return an OFF file."""
    lines = [
        "OFF",
        f"{len(mesh.vertices)} {len(mesh.faces)} 0",
        *(f"{x!r} {y!r} {z!r}" for x, y, z in mesh.vertices.tolist()),
    ]
    return "\n".join([*lines, *(f"3 {a} {b} {c}" for a, b, c in mesh.faces.tolist())]).encode() + b"\n"


def ply(mesh: Mesh, order: str = "ascii") -> bytes:
    """Return a PLY file; `order`: ascii, < (little) or > (big endian)."""
    name = {"ascii": "ascii", "<": "binary_little_endian", ">": "binary_big_endian"}[order]
    head = (
        f"ply\nformat {name} 1.0\ncomment made\nelement vertex {len(mesh.vertices)}\nproperty double x\nproperty double y\n"
        f"property double z\nelement face {len(mesh.faces)}\nproperty list uchar int vertex_indices\nend_header\n"
    ).encode()
    if order == "ascii":
        rows = [f"{x!r} {y!r} {z!r}" for x, y, z in mesh.vertices.tolist()]
        return head + "\n".join([*rows, *(f"3 {a} {b} {c}" for a, b, c in mesh.faces.tolist())]).encode() + b"\n"
    faces = np.zeros(len(mesh.faces), np.dtype([("n", "u1"), ("v", order + "i4", 3)]))
    faces["n"], faces["v"] = 3, mesh.faces
    return head + mesh.vertices.astype(order + "f8").tobytes() + faces.tobytes()


def packed(files: dict[str, bytes], level: int = 6) -> bytes:
    """Return a ZIP."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as box:
        for name, data in files.items():
            box.writestr(name, data)
    return made.getvalue()


def object_xml(number: int, mesh: Mesh) -> str:
    """Return a 3MF object."""
    vertices = "".join(f'<vertex x="{x!r}" y="{y!r}" z="{z!r}"/>\n' for x, y, z in mesh.vertices.tolist())
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>\n' for a, b, c in mesh.faces.tolist())
    return f'<object id="{number}" name="body {number}" type="model"><mesh><vertices>{vertices}</vertices><triangles>{faces}</triangles></mesh></object>'


def threemf(resources: str, build: str, unit: str = "millimeter", head: str = "") -> bytes:
    """Return a 3MF with these resources and build items; `head` goes before the model element."""
    model = _MODEL_HEAD.format(unit=unit)
    if head:
        model = model.replace("\n<model", f"\n{head}<model")
    model += f"<resources>{resources}</resources><build>{build}</build></model>"
    return packed({"3D/3dmodel.model": model.encode(), "_rels/.rels": _RELS.encode()})


def simple_3mf(mesh: Mesh, unit: str = "millimeter") -> bytes:
    """Return a 3MF of one object."""
    return threemf(object_xml(1, mesh), '<item objectid="1"/>', unit)


_STEP_BLOCK = """ISO-10303-21;
HEADER;
FILE_DESCRIPTION(('block'),'2;1');
FILE_NAME('block','2026-01-01T00:00:00',(''),(''),'','','');
FILE_SCHEMA(('AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 1 }'));
ENDSEC;
DATA;
%s
ENDSEC;
END-ISO-10303-21;
"""


def step(side: float = 20.0) -> bytes:
    """Return a STEP file of a cube: a faceted B-rep with its units in mm, written entity by entity."""
    rows: list[str] = []

    def add(text: str) -> str:
        rows.append(f"#{len(rows) + 1}={text};")
        return f"#{len(rows)}"

    unit_l = add("(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.))")
    unit_a = add("(NAMED_UNIT(*)PLANE_ANGLE_UNIT()SI_UNIT($,.RADIAN.))")
    unit_s = add("(NAMED_UNIT(*)SI_UNIT($,.STERADIAN.)SOLID_ANGLE_UNIT())")
    fine = add(f"UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE(1.E-05),{unit_l},'distance','')")
    context = add(
        f"(GEOMETRIC_REPRESENTATION_CONTEXT(3)GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT(({fine}))GLOBAL_UNIT_ASSIGNED_CONTEXT(({unit_l},"
        f"{unit_a},{unit_s}))REPRESENTATION_CONTEXT('',''))"
    )
    corners = [
        add(f"CARTESIAN_POINT('',({side * (i & 1):.1f},{side * (i >> 1 & 1):.1f},{side * (i >> 2):.1f}))")
        for i in range(8)
    ]
    vertex = [add(f"VERTEX_POINT('',{corner})") for corner in corners]
    edges: dict[tuple[int, int], str] = {}

    def edge(a: int, b: int) -> str:
        key = (min(a, b), max(a, b))
        if key not in edges:
            way = [float((key[1] >> k & 1) - (key[0] >> k & 1)) for k in range(3)]
            direction = add(f"DIRECTION('',({way[0]:.1f},{way[1]:.1f},{way[2]:.1f}))")
            vector = add(f"VECTOR('',{direction},1.)")
            line = add(f"LINE('',{corners[key[0]]},{vector})")
            edges[key] = add(f"EDGE_CURVE('',{vertex[key[0]]},{vertex[key[1]]},{line},.T.)")
        return add(f"ORIENTED_EDGE('',*,*,{edges[key]},{'.T.' if a < b else '.F.'})")

    faces = []
    for loop, normal, along in (
        ((0, 2, 3, 1), (0, 0, -1), (1, 0, 0)),
        ((4, 5, 7, 6), (0, 0, 1), (1, 0, 0)),
        ((0, 1, 5, 4), (0, -1, 0), (1, 0, 0)),
        ((2, 6, 7, 3), (0, 1, 0), (1, 0, 0)),
        ((0, 4, 6, 2), (-1, 0, 0), (0, 1, 0)),
        ((1, 3, 7, 5), (1, 0, 0), (0, 1, 0)),
    ):
        sides = ",".join(edge(loop[i], loop[(i + 1) % 4]) for i in range(4))
        bound = add(f"FACE_OUTER_BOUND('',{add(f'EDGE_LOOP({chr(39)}{chr(39)},({sides}))')},.T.)")
        axis = add(f"DIRECTION('',({normal[0]}.,{normal[1]}.,{normal[2]}.))")
        reference = add(f"DIRECTION('',({along[0]}.,{along[1]}.,{along[2]}.))")
        place = add(f"AXIS2_PLACEMENT_3D('',{corners[loop[0]]},{axis},{reference})")
        plane = add(f"PLANE('',{place})")
        faces.append(add(f"ADVANCED_FACE('',({bound}),{plane},.T.)"))
    shell = add(f"CLOSED_SHELL('',({','.join(faces)}))")
    solid = add(f"MANIFOLD_SOLID_BREP('block',{shell})")
    shape = add(f"ADVANCED_BREP_SHAPE_REPRESENTATION('block',({solid}),{context})")
    app = add("APPLICATION_CONTEXT('automotive_design')")
    product = add(
        f"PRODUCT('block','block','',({add(f'PRODUCT_CONTEXT({chr(39)}{chr(39)},{app},{chr(39)}mechanical{chr(39)})')}))"
    )
    formation = add(f"PRODUCT_DEFINITION_FORMATION('','',{product})")
    definition = add(
        f"PRODUCT_DEFINITION('design','',{formation},{add(f'PRODUCT_DEFINITION_CONTEXT({chr(39)}part definition{chr(39)},{app},{chr(39)}design{chr(39)})')})"
    )
    shaped = add(f"PRODUCT_DEFINITION_SHAPE('','',{definition})")
    add(f"SHAPE_DEFINITION_REPRESENTATION({shaped},{shape})")
    return (_STEP_BLOCK % "\n".join(rows)).encode()


def every_format(mesh: Mesh) -> dict[str, bytes]:
    """Return a part in all formats; the STEP file is a cube whatever the part is."""
    return {
        "part.stl": as_stl(mesh),
        "part-text.stl": stl_text(mesh),
        "part.obj": obj(mesh),
        "part.off": off(mesh),
        "part-ascii.ply": ply(mesh),
        "part-little.ply": ply(mesh, "<"),
        "part-big.ply": ply(mesh, ">"),
        "part.3mf": simple_3mf(mesh),
        "part.zip": packed({"inner/part.stl": as_stl(mesh)}),
        "part.step": step(),
    }


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file that means harm, and the codes it may be refused with."""

    what: str
    name: str
    data: bytes
    codes: tuple[str, ...]


def _circle(count: int) -> str:
    return "".join(
        f'<object id="{n}" type="model"><components><component objectid="{n % count + 1}"/></components></object>'
        for n in range(1, count + 1)
    )


def _doubling(mesh: Mesh, depth: int) -> str:
    levels = "".join(
        f'<object id="{n}" type="model"><components><component objectid="{n - 1}"/><component objectid="{n - 1}"/></components></object>'
        for n in range(2, depth + 2)
    )
    return object_xml(1, mesh) + levels


def hostile(mesh: Mesh) -> Iterator[Hostile]:
    """Yield files that mean harm."""
    entity = '<!DOCTYPE model [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(12)
    )
    item = '<item objectid="1"/>'
    yield Hostile(
        "zip bomb: 550 MB of blanks", "a.3mf", packed({"3D/3dmodel.model": b" " * (550 * 2**20)}, 9), ("zip_bomb",)
    )
    yield Hostile("zip in a zip", "a.zip", packed({"a.stl": packed({"b.stl": as_stl(mesh)})}), ("zip_in_zip",))
    yield Hostile("entity bomb", "a.3mf", threemf(object_xml(1, mesh), item, head=entity + "]>\n"), ("xml_entities",))
    outside = '<!DOCTYPE model [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
    yield Hostile("entity from a file", "a.3mf", threemf(object_xml(1, mesh), item, head=outside), ("xml_entities",))
    yield Hostile("components in a circle", "a.3mf", threemf(_circle(3), item), ("3mf_recursion",))
    yield Hostile(
        "2^30 copies by components",
        "a.3mf",
        threemf(_doubling(mesh, 30), '<item objectid="31"/>'),
        ("too_many_triangles",),
    )
    yield Hostile(
        "components 5000 deep", "a.3mf", threemf(_doubling(mesh, 5000), '<item objectid="5001"/>'), ("3mf_depth",)
    )
    yield Hostile("elements 100,000 deep", "a.3mf", threemf("<a>" * 100_000, ""), ("3mf_depth",))
    claim = b"\0" * 80 + struct.pack("<I", 1_000_000_000) + b"\0" * 500
    yield Hostile("10^9 triangles claimed in STL", "a.stl", claim, ("file_truncated",))
    head = ply(mesh, "<").replace(f"face {len(mesh.faces)}".encode(), b"face 1000000000")
    yield Hostile("10^9 faces claimed in PLY", "a.ply", head, ("too_many_triangles",))
    yield Hostile("10^9 vertices claimed in OFF", "a.off", b"OFF\n1000000000 1 0\n0 0 0\n", ("too_many_vertices",))
    for word, number in (("NaN", np.nan), ("infinite", np.inf)):
        rows = bytearray(as_stl(mesh))
        rows[84 + 12 : 84 + 16] = struct.pack("<f", number)
        yield Hostile(f"{word} in binary STL", "a.stl", bytes(rows), ("not_finite",))
        text = f"{number}".encode()
        yield Hostile(f"{word} in OBJ", "a.obj", obj(mesh).replace(b"\nv ", b"\nv " + text + b" ", 1), ("not_finite",))
        yield Hostile(
            f"{word} in 3MF",
            "a.3mf",
            threemf(object_xml(1, mesh).replace('x="', f'x="{number}" q="', 1), item),
            ("not_finite",),
        )
    yield Hostile("huge coordinate", "a.off", b"OFF\n3 1 0\n0 0 0\n1e300 0 0\n0 1 0\n3 0 1 2\n", ("size_impossible",))
    yield Hostile("vertex that is not there", "a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n", ("bad_index",))
    yield Hostile("polygon of 20,000 corners", "a.off", _polygon(20_000), ("polygon_corners",))
    yield Hostile("STEP that calls itself", "a.step", step().replace(b"#5=", b"#5=(#5);#900005="), ())
    yield Hostile("STEP of 2 million entities", "a.step", _many_entities(), ("step_entities", "step_size"))
    table = io.BytesIO()
    with zipfile.ZipFile(table, "w") as box:
        for number in range(60_000):
            box.writestr(f"{number}.stl", b"")
    yield Hostile("60,000 files in a ZIP", "a.zip", table.getvalue(), ("zip_broken", "zip_entries"))


def _polygon(corners: int) -> bytes:
    points = "".join(f"{np.cos(i)} {np.sin(i)} 0\n" for i in range(corners))
    return f"OFF\n{corners} 1 0\n{points}{corners} {' '.join(map(str, range(corners)))}\n".encode()


def _many_entities() -> bytes:
    rows = b"\n".join(b"#%d=POINT('',#1);" % i for i in range(1_550_000))
    return (_STEP_BLOCK % "ROWS").encode().replace(b"ROWS", rows)


def truncations(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield beginnings of a file, their ends drawn by the seed."""
    random = np.random.default_rng(seed)
    for end in random.integers(0, len(data), count).tolist():
        yield data[:end]


def mutations(data: bytes, first: int, seed: int, every: int = 1) -> Iterator[bytes]:
    """Yield the file with one byte changed, for every n-th of its first bytes."""
    random = np.random.default_rng(seed)
    for at in range(0, min(first, len(data)), every):
        changed = bytearray(data)
        changed[at] ^= int(random.integers(1, 256))
        yield bytes(changed)
