// What is reckoned from the part's triangles: their normals and inclines as the part lies, and the edges worth a line.

/** Edges between faces that turn by more than this are drawn (cosine of 30°). */
const SHARP = Math.cos((30 * Math.PI) / 180);
/** A face whose highest corner is at most this far above the plate lies on it, in mm. */
const ON_PLATE = 0.2;

/** Return the unit normals (three numbers a triangle); zeros where a triangle has no area. */
export function normalsOf(vertices, faces) {
  const normals = new Float32Array(faces.length);
  for (let at = 0; at < faces.length; at += 3) {
    const [a, b, c] = [faces[at] * 3, faces[at + 1] * 3, faces[at + 2] * 3];
    const [ux, uy, uz] = [vertices[b] - vertices[a], vertices[b + 1] - vertices[a + 1], vertices[b + 2] - vertices[a + 2]];
    const [vx, vy, vz] = [vertices[c] - vertices[a], vertices[c + 1] - vertices[a + 1], vertices[c + 2] - vertices[a + 2]];
    const [x, y, z] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    const length = Math.hypot(x, y, z);
    if (length > 0) normals.set([x / length, y / length, z / length], at);
  }
  return normals;
}

/** Return each triangle's incline from the horizontal in degrees as the part lies: `rotation` nine numbers by rows; 90 and more: none. */
export function inclinesOf(vertices, faces, normals, rotation) {
  const [x, y, z] = rotation.slice(6);
  const heights = new Float32Array(vertices.length / 3);
  for (let at = 0; at < heights.length; at++) heights[at] = x * vertices[3 * at] + y * vertices[3 * at + 1] + z * vertices[3 * at + 2];
  const bed = heights.reduce((low, height) => Math.min(low, height), Infinity) + ON_PLATE;
  const inclines = new Float32Array(faces.length / 3);
  for (let face = 0; face < inclines.length; face++) {
    const at = face * 3;
    const up = x * normals[at] + y * normals[at + 1] + z * normals[at + 2];
    const incline = (Math.acos(Math.min(Math.max(-up, -1), 1)) * 180) / Math.PI;
    const top = Math.max(heights[faces[at]], heights[faces[at + 1]], heights[faces[at + 2]]);
    inclines[face] = incline < 90 && top <= bed ? 90 : incline;
  }
  return inclines;
}

/** Return the corners (pairs of vertex numbers) of edges that are sharp, open or shared by more than two triangles. */
export function edgesOf(faces, normals, count) {
  const edges = faces.length;
  const keys = new Float64Array(edges);
  for (let at = 0; at < edges; at++) {
    const a = faces[at];
    const b = faces[at % 3 === 2 ? at - 2 : at + 1];
    keys[at] = Math.min(a, b) * count + Math.max(a, b);
  }
  const seen = new Map();
  const sharp = new Set();
  for (let at = 0; at < edges; at++) {
    const other = seen.get(keys[at]);
    if (other === undefined) {
      seen.set(keys[at], at);
      continue;
    }
    const paired = other < 0; // this is the third triangle at the edge
    const [p, q] = [at - (at % 3), paired ? 0 : other - (other % 3)];
    if (paired || normals[p] * normals[q] + normals[p + 1] * normals[q + 1] + normals[p + 2] * normals[q + 2] < SHARP) sharp.add(keys[at]);
    seen.set(keys[at], -1);
  }
  for (const [key, at] of seen) if (at >= 0) sharp.add(key);
  const pairs = new Uint32Array(sharp.size * 2);
  let at = 0;
  for (const key of sharp) {
    pairs[at++] = Math.floor(key / count);
    pairs[at++] = key % count;
  }
  return pairs;
}
