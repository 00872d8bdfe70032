// The picture's data of a part (`ansicht.bin`): "NLV1", length of the JSON, JSON, padding, then the arrays the JSON names. Little-endian.

const KINDS = { "<f4": Float32Array, "<u4": Uint32Array, "<i4": Int32Array, u1: Uint8Array, "|u1": Uint8Array };

/** Fetch and read the picture's data; throws where it is not there or not whole. */
export async function fetchPicture(address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`picture: ${answer.status}`);
  return readPicture(await answer.arrayBuffer());
}

/** Return the JSON's fields with `arrays` by name: vertices (mm less `origin`), faces, width, angle, parent, marked. */
export function readPicture(buffer) {
  const bytes = new Uint8Array(buffer);
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== "NLV1") throw new Error("picture: not our format");
  const length = new DataView(buffer).getUint32(4, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  let at = Math.ceil((8 + length) / 4) * 4;
  const arrays = {};
  for (const { name, type, shape } of head.arrays) {
    const count = shape.reduce((product, side) => product * side, 1);
    arrays[name] = new KINDS[type](buffer, at, count);
    at += arrays[name].byteLength;
  }
  return { ...head, arrays };
}
