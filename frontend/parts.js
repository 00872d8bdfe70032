// The turning part on the pages of the 3D-print check. Without this file, without WebGL or after it was lost, the page shows six pictures
// from the server; this file only ever takes their place while it can draw.
import { byIncline, byWidth, paint, PLAIN } from "./parts/colours.js";
import { legend } from "./parts/legend.js";
import { fetchPicture } from "./parts/picture.js";
import { Pins } from "./parts/pins.js";
import { Stage } from "./parts/stage.js";
import { inclinesOf } from "./parts/surface.js";

/** A pointer that moved no more than so many pixels between down and up has clicked, not turned. */
const STILL = 5;
/** A measured place goes to an edge that is nearer than so many pixels. */
const SNAP = 9;
const KEYS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", "+": "in", "=": "in", "-": "out", 0: "reset" };

const numbers = (text) => text.trim().split(/\s+/).map(Number);
const same = (one, other) => one.every((value, place) => Math.abs(value - other[place]) < 1e-6);

class Viewer {
  constructor(root, picture) {
    this.root = root;
    this.picture = picture;
    this.section = root.closest(".viewer");
    this.canvas = root.querySelector("canvas");
    this.live = root.querySelector("[data-live]");
    this.say = {};
    for (const [name, text] of Object.entries(root.dataset)) if (name.startsWith("say")) this.say[name.slice(3).toLowerCase()] = text;
    const lang = document.documentElement.lang;
    this.figure = (value) => value.toLocaleString(lang, { maximumFractionDigits: Math.abs(value) >= 100 ? 1 : 2 });
    this.shows = "width";
    this.process = root.dataset.process || "";
    this.chosen = null;
    this.places = [];
    this.measuring = false;
    root.hidden = false; // a canvas that is not shown has no size
    this.stage = new Stage(this.canvas, picture, () => this.pins?.move());
    this.stage.resize();
    this.rotation = numbers(root.dataset.rotation || "1 0 0 0 1 0 0 0 1");
    this.lay(this.rotation);
    if (root.dataset.plate) this.stage.plate(numbers(root.dataset.plate));
    this.pins = new Pins(root.querySelector(".viewer__pins"), this.stage, picture, (number) => this.pick(number, true));
    this.#offerProcesses();
    this.colour();
    this.#listen();
    this.stage.drawNow();
    this.pins.move();
    this.#open();
  }

  /** Lay the part another way; what hangs over changes with it. */
  lay(rotation) {
    this.rotation = rotation;
    const { vertices, faces, angle } = this.picture.arrays;
    const asInFile = same(rotation, [1, 0, 0, 0, 1, 0, 0, 0, 1]);
    this.inclines = asInFile ? angle : inclinesOf(vertices, faces, this.stage.normals, rotation);
    this.stage.lay(rotation);
    this.cut();
    if (this.shows === "angle") this.colour();
  }

  colour() {
    const { picture, process, shows } = this;
    const colourOf = shows === "width" ? byWidth(picture, process) : shows === "angle" ? byIncline(picture, process, this.inclines) : () => PLAIN;
    this.stage.colour((bytes, triangles) => paint(bytes, triangles, colourOf));
    legend(this.root.querySelector("[data-legend]"), picture, shows, process, this.say, this.figure);
  }

  cut() {
    const axis = this.root.querySelector("input[name=ansicht-schnitt]:checked").value;
    const slider = this.root.querySelector("[data-cut]");
    slider.disabled = !axis;
    const at = this.stage.cut(axis, slider.value / slider.max);
    const text = axis ? `${this.say.cut} ${axis} = ${this.figure(at)} mm` : "";
    this.root.querySelector("[data-cut-at]").value = text;
    slider.setAttribute("aria-valuetext", text);
  }

  /** Show a mark: its triangles, its pin, its line in the list; while measuring, take its place. */
  pick(number, fromPin = false) {
    const finding = this.picture.findings.find((one) => one.number === number);
    if (!finding) return;
    const place = finding.where.map((value, axis) => value - this.picture.origin[axis]);
    if (this.measuring) return this.measure(place);
    const triangles = [...this.picture.arrays.marked.subarray(finding.first, finding.first + finding.count)];
    this.chosen = number;
    this.stage.mark(triangles);
    this.pins.choose(number);
    this.stage.fly(place, triangles, this.#spread(place, triangles));
    for (const button of this.root.querySelectorAll("[data-finding]")) {
      const own = Number(button.dataset.finding) === number;
      button.setAttribute("aria-pressed", String(own));
      if (own && fromPin) {
        button.focus({ preventScroll: true });
        const list = button.closest("ol");
        list.scrollTop = button.offsetTop - list.offsetTop - list.clientHeight / 3;
      }
    }
    this.live.textContent = `${this.say.mark} ${number}`;
  }

  /** Return how far the marked triangles reach from the place, in mm, a quarter of the part at most. */
  #spread(place, triangles) {
    const { vertices, faces } = this.picture.arrays;
    let most = 0;
    for (const face of triangles) {
      const at = faces[face * 3] * 3;
      most = Math.max(most, Math.hypot(vertices[at] - place[0], vertices[at + 1] - place[1], vertices[at + 2] - place[2]));
    }
    return Math.min(most, this.stage.radius / 2);
  }

  release() {
    this.chosen = null;
    this.stage.mark([]);
    this.pins.choose(null);
    this.root.querySelectorAll("[data-finding]").forEach((button) => button.setAttribute("aria-pressed", "false"));
    this.live.textContent = "";
  }

  /** Take a place of the part (three numbers) as one end of a distance; a third begins anew. */
  measure(place) {
    this.places = this.places.length === 2 ? [place] : [...this.places, place];
    this.stage.line(this.places);
    if (this.places.length < 2) {
      this.pins.measure("");
      this.live.textContent = this.say.first;
      return;
    }
    const [from, to] = this.places;
    const text = `${this.figure(Math.hypot(...from.map((value, axis) => value - to[axis])))} mm`;
    this.pins.measure(text, this.places);
    this.live.textContent = `${this.say.distance}: ${text}`;
  }

  measureOn(on) {
    this.measuring = on;
    this.root.querySelector("[data-measure]").setAttribute("aria-pressed", String(on));
    this.canvas.classList.toggle("viewer__canvas--measuring", on);
    this.places = [];
    this.stage.line([]);
    this.pins.measure("");
    this.live.textContent = on ? this.say.measure : this.say.unmeasure;
  }

  /** A click on the part: a place to measure from, else how thick the wall is there. */
  click(x, y) {
    const hit = this.stage.at(x, y);
    if (!hit) {
      if (!this.measuring) this.release();
      return;
    }
    if (this.measuring) return this.measure(this.stage.edgeAt(x, y, hit, SNAP) ?? hit.place.toArray());
    const width = this.picture.arrays.width[hit.face];
    this.live.textContent = `${this.say.here}: ${Number.isFinite(width) ? `${this.figure(width)} mm` : this.say.unknown}`;
  }

  #offerProcesses() {
    const choice = this.root.querySelector("[data-process-choice]");
    choice.append(new Option(this.say.all, ""));
    for (const name of Object.keys(this.picture.limits)) choice.append(new Option(name.toUpperCase(), name));
    choice.value = this.process;
  }

  #listen() {
    const { root, canvas, stage } = this;
    root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const { move, finding } = button.dataset;
      if (move) stage.move(move);
      else if (finding && Number(finding) === this.chosen && !this.measuring) this.release();
      else if (finding) this.pick(Number(finding));
      else if ("measure" in button.dataset) this.measureOn(!this.measuring);
      else if ("pictures" in button.dataset) this.#close("", true);
    });
    root.addEventListener("input", (event) => {
      const { name, value } = event.target;
      if (name === "ansicht-farbe") this.shows = value;
      if ("processChoice" in event.target.dataset) this.process = value;
      if (name === "ansicht-farbe" || "processChoice" in event.target.dataset) this.colour();
      else if (name === "ansicht-lage") this.lay(numbers(value));
      else this.cut();
    });
    canvas.addEventListener("keydown", (event) => {
      const way = KEYS[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      stage.move(way);
    });
    this.#listenToPointer();
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.#close(this.say.lost, false);
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.section.querySelector("[data-solid]").hidden = false;
    });
    this.section.querySelector("[data-solid]").addEventListener("click", () => this.#open(true));
    new ResizeObserver(() => stage.resize()).observe(canvas.parentElement);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => stage.restyle());
    // any finding of the page may point here
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-show-finding]");
      if (!button || root.hidden) return;
      if (this.measuring) this.measureOn(false);
      this.pick(Number(button.dataset.showFinding));
      this.section.scrollIntoView({ block: "start" });
      canvas.focus({ preventScroll: true });
    });
  }

  #listenToPointer() {
    const { canvas, stage } = this;
    let down = null;
    // The wheel belongs to the page until somebody has chosen the picture; two fingers always mean the picture.
    canvas.style.touchAction = "pan-y";
    canvas.addEventListener("wheel", (event) => {
      stage.controls.enableZoom = event.ctrlKey || document.activeElement === canvas;
    }, { capture: true, passive: true });
    canvas.addEventListener("pointerdown", (event) => {
      stage.controls.enableZoom = true;
      down = event.isPrimary ? [event.clientX, event.clientY] : null;
    }, { capture: true });
    canvas.addEventListener("pointerup", (event) => {
      if (!down || !event.isPrimary || Math.hypot(event.clientX - down[0], event.clientY - down[1]) > STILL) return;
      down = null;
      const box = canvas.getBoundingClientRect();
      this.click(event.clientX - box.left, event.clientY - box.top);
    });
  }

  #open(focus = false) {
    this.root.hidden = false;
    this.section.querySelector(".viewer__pictures").hidden = true;
    this.section.querySelector("[data-viewer-back]").hidden = true;
    this.stage.resize();
    if (focus) this.canvas.focus();
  }

  /** Show the pictures again; `why` is said where it was not wished. */
  #close(why, possible) {
    const back = this.section.querySelector("[data-viewer-back]");
    this.root.hidden = true;
    this.section.querySelector(".viewer__pictures").hidden = false;
    back.hidden = false;
    back.querySelector("[data-lost]").textContent = why;
    const button = back.querySelector("[data-solid]");
    button.hidden = !possible;
    if (possible) button.focus();
  }

  /** What tests ask the real scene, on `canvas.nordlotse`. Places are mm in the file's coordinates, x and y pixels of the canvas. */
  hook() {
    const { stage, picture } = this;
    const file = (place) => place.map((value, axis) => value + picture.origin[axis]);
    return {
      /** The colour [r, g, b] drawn there. */
      colourAt: (x, y) => stage.colourAt(x, y),
      /** The triangle of the picture's data there and the place on it, or null. */
      at: (x, y) => {
        const hit = stage.at(x, y);
        return hit && { triangle: hit.face, place: file(hit.place.toArray()) };
      },
      /** Which mark is highlighted, and the triangles that are: three places each. */
      highlighted: () => ({ number: this.chosen, triangles: stage.markedTriangles().map((corners) => corners.map(file)) }),
      /** Where a place is seen, and whether the part hides it. */
      project: (place) => {
        const seen = stage.project(place.map((value, axis) => value - picture.origin[axis]));
        return { x: seen.x, y: seen.y, hidden: stage.hidden(seen.point) };
      },
      /** Where the camera stands and looks to, from the middle of the plate in mm. */
      camera: () => ({ from: stage.camera.position.toArray(), to: stage.controls.target.toArray() }),
      /** Length, width and height of the part as it lies, in mm. */
      size: () => stage.size.toArray(),
    };
  }
}

async function begin(root) {
  root.dataset.begun = "1";
  try {
    const viewer = new Viewer(root, await fetchPicture(root.dataset.view));
    viewer.canvas.nordlotse = viewer.hook();
    root.dataset.ready = "1";
  } catch (error) {
    // no WebGL, or no picture: the pictures stay
    root.hidden = true;
    root.closest(".viewer").querySelector(".viewer__pictures").hidden = false;
    console.info(`3D view not shown: ${error.message}`);
  }
}

function beginAll() {
  document.querySelectorAll("[data-viewer]:not([data-begun])").forEach(begin);
}

beginAll();
document.addEventListener("htmx:after:swap", beginAll);
document.addEventListener("htmx:afterSwap", beginAll);
