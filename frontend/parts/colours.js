// Colours of the surface. The table of the heat map of thickness comes with the picture's data, the same that the server draws with.

/** No colour of meaning: the part alone, and what does not look down. */
export const PLAIN = [176, 186, 194];
/** Incline from the horizontal as a share of the limit, and its colour: the flatter, the darker; at the limit it ends. */
export const INCLINES = [[0, [76, 46, 130]], [0.999, [202, 176, 232]]];

/** Return the colour at `share` in a table of [share, [r, g, b]]; between two stops evenly in sRGB; two stops at one share are a jump. */
export function colourIn(stops, share) {
  let after = stops.findIndex(([at]) => at > share);
  if (after < 0) after = stops.length - 1;
  if (after === 0) after = 1;
  const [low, from] = stops[after - 1];
  const [high, to] = stops[after];
  const part = Math.min(Math.max((share - low) / (high > low ? high - low : 1), 0), 1);
  return from.map((value, place) => Math.round(value + (to[place] - value) * part));
}

/** Return the wall's limit in mm the colours refer to: of the process, or the largest of all where none is chosen (""). */
export function wallLimit(picture, process) {
  const own = picture.limits[process];
  return own ? own.wall : Math.max(...Object.values(picture.limits).map((one) => one.wall));
}

/** Return the least incline in degrees that needs no support, 0 if the process needs none at all. */
export function inclineLimit(picture, process) {
  const own = picture.limits[process];
  return own ? own.overhang : Math.max(...Object.values(picture.limits).map((one) => one.overhang));
}

/** Write the colour of every triangle into `into` (four bytes a corner, three corners a triangle). `colourOf(triangle)` gives [r, g, b]. */
export function paint(into, count, colourOf) {
  for (let face = 0; face < count; face++) {
    const [red, green, blue] = colourOf(face);
    for (let at = face * 12; at < face * 12 + 12; at += 4) {
      into[at] = red;
      into[at + 1] = green;
      into[at + 2] = blue;
      into[at + 3] = 255;
    }
  }
}

/** Return a triangle's colour by its wall thickness; unknown where none was measured. */
export function byWidth(picture, process) {
  const limit = wallLimit(picture, process);
  const { stops, unknown } = picture.colours;
  const { width } = picture.arrays;
  return (face) => (Number.isFinite(width[face]) ? colourIn(stops, width[face] / limit) : unknown);
}

/** Return a triangle's colour by its incline `angles` in degrees (90 and more: it does not hang over). */
export function byIncline(picture, process, angles) {
  const limit = inclineLimit(picture, process);
  return (face) => (angles[face] < limit ? colourIn(INCLINES, angles[face] / limit) : PLAIN);
}
