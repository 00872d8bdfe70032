"""How much of a file the reader takes: bytes, triangles, entities, depth. What is larger is refused before memory is taken."""

from __future__ import annotations

#: Largest file in bytes (150 MB: a binary STL of three million triangles).
MAX_BYTES = 150 * 1024 * 1024

#: Most triangles of a part, after parts used several times are laid out.
MAX_TRIANGLES = 2_500_000

#: Most vertices a file may list.
MAX_VERTICES = 3 * MAX_TRIANGLES

#: Most bodies, parts or uses of parts in one file.
MAX_PARTS = 10_000

#: Most entries of a ZIP, and bytes of its table of contents.
MAX_ENTRIES = 20_000
MAX_TABLE = 4 * 1024 * 1024

#: Most bytes a ZIP may unpack to, and the greatest ratio of unpacked to packed bytes for what unpacks to more than `RATIO_FROM`.
MAX_UNPACKED = 600 * 1024 * 1024
MAX_RATIO = 100.0
RATIO_FROM = 8 * 1024 * 1024

#: Deepest nesting: of XML elements, of components inside components, of an assembly.
MAX_DEPTH = 64

#: Most bytes and entities of a STEP file: its reader needs about 30 bytes of memory for each.
MAX_STEP_BYTES = 60 * 1024 * 1024
MAX_STEP_ENTITIES = 1_500_000

#: Longest side of a part in mm (10 km) that is still computed with; above it the file's numbers are broken.
MAX_SIDE = 1e7

#: Most corners of one polygon.
MAX_POLYGON = 10_000
