// The legend: the colours of the surface with their figures, as a strip with words under it.
import { INCLINES, PLAIN, inclineLimit, wallLimit } from "./colours.js";

const css = (colour) => `rgb(${colour.join(" ")})`;

/** Fill `box` with the legend of what the surface shows: "width", "angle" or "plain". `say` are the words, `figure(n)` writes a number. */
export function legend(box, picture, shows, process, say, figure) {
  const title = box.querySelector("[data-legend-title]");
  const scale = box.querySelector("[data-legend-scale]");
  box.hidden = shows === "plain";
  scale.replaceChildren();
  if (shows === "width") {
    const limit = wallLimit(picture, process);
    title.textContent = `${say.width}; ${say.limit}: ${figure(limit)} mm`;
    scale.append(...thickness(picture, limit, say, figure), swatch(picture.colours.unknown, say.unknown));
  } else if (shows === "angle") {
    const limit = inclineLimit(picture, process);
    title.textContent = limit ? `${say.angle}; ${say.limit}: ${figure(limit)}°` : say.none;
    if (limit) {
      scale.append(strip([css(INCLINES[0][1]), css(INCLINES[1][1])]), ticks([[0, `0° (${say.level}), ${say.support}`], [1, `${figure(limit)}°`]]));
    }
    scale.append(swatch(PLAIN, say.bed));
  }
}

/** A strip in which every stretch between two stops is equally long, so that the limit stands out. */
function thickness(picture, limit, say, figure) {
  const { stops } = picture.colours;
  const shares = [...new Set(stops.map(([share]) => share))];
  const colours = [];
  shares.forEach((share, place) => {
    const at = `${(100 * place) / (shares.length - 1)}%`;
    for (const [stop, colour] of stops) if (stop === share) colours.push(`${css(colour)} ${at}`);
  });
  const marks = shares.map((share, place) => {
    const here = Math.abs(share - 1) < 0.05;
    const text = figure(here ? limit : share * limit) + (here ? ` (${say.limit})` : place === shares.length - 1 ? ` ${say.more}` : "");
    return [place / (shares.length - 1), text];
  });
  return [strip(colours), ticks(marks)];
}

function strip(colours) {
  const bar = document.createElement("div");
  bar.className = "viewer__bar";
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  return bar;
}

function ticks(marks) {
  const line = document.createElement("div");
  line.className = "viewer__ticks";
  for (const [share, text] of marks) {
    const tick = document.createElement("span");
    tick.textContent = text;
    tick.style.insetInlineStart = `${share * 100}%`;
    line.append(tick);
  }
  return line;
}

function swatch(colour, text) {
  const line = document.createElement("p");
  const box = document.createElement("span");
  box.className = "viewer__swatch";
  box.style.background = css(colour);
  line.append(box, text);
  return line;
}
