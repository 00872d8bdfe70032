// What lies over the picture: numbered pins, the letters of the axes, the measured distance. They move with the part; where the part hides a
// place, its pin fades; where the place is cut away, its pin goes. A screen reader has the list of marks beside the picture instead.
import { Vector3 } from "three";

/** More pins than this hide the part: of each kind of finding the first, then the most important; the list has all marks. */
const MOST = 12;
/** Pins are pushed apart until they are so many pixels from each other, and never further than this from their place. */
const APART = 30;
const FURTHEST = 36;

export class Pins {
  /** `chosen(number)` is called when a pin is clicked. */
  constructor(layer, stage, picture, chosen) {
    this.layer = layer;
    this.stage = stage;
    this.origin = picture.origin;
    this.marked = picture.arrays.marked;
    this.chosen = chosen;
    this.findings = picture.findings;
    const first = picture.findings.filter((one, at, all) => all.findIndex((other) => other.code === one.code) === at);
    const shown = new Set([...new Set([...first, ...picture.findings])].slice(0, MOST));
    this.pins = picture.findings.filter((one) => shown.has(one)).map((finding) => this.#pin(finding));
    this.letters = ["x", "y", "z"].map((axis) => this.#label("viewer__axis", axis));
    this.distance = this.#label("viewer__distance", "");
    this.distance.hidden = true;
  }

  #pin(finding) {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    button.className = `viewer__pin viewer__pin--${finding.severity}`;
    button.textContent = finding.number;
    button.dataset.pin = finding.number;
    button.addEventListener("click", () => this.chosen(finding.number));
    this.layer.append(button);
    const own = new Set(this.marked.subarray(finding.first, finding.first + finding.count));
    return { button, own, number: finding.number, place: finding.where.map((value, axis) => value - this.origin[axis]) };
  }

  #label(name, text) {
    const label = document.createElement("span");
    label.className = name;
    label.textContent = text;
    this.layer.append(label);
    return label;
  }

  /** Show which pin is chosen; null for none. One that was left out joins the others. */
  choose(number) {
    if (number !== null && !this.pins.some((pin) => pin.number === number)) {
      this.pins.push(this.#pin(this.findings.find((one) => one.number === number)));
    }
    for (const pin of this.pins) pin.button.classList.toggle("viewer__pin--chosen", pin.number === number);
  }

  /** Write a distance at the middle of two places of the part; nothing without text. */
  measure(text, places) {
    this.distance.textContent = text;
    this.distance.hidden = !text;
    this.middle = text ? places[0].map((value, axis) => (value + places[1][axis]) / 2) : null;
  }

  /** Move everything to where it is seen now. */
  move() {
    const spots = this.pins.map((pin) => {
      const seen = this.stage.project(pin.place);
      pin.button.hidden = !seen.front || this.stage.cutAway(seen.point);
      pin.button.classList.toggle("viewer__pin--behind", this.stage.hidden(seen.point, pin.own));
      return { pin, x: seen.x, y: seen.y, left: seen.x, top: seen.y };
    });
    spread(spots);
    for (const { pin, left, top } of spots) put(pin.button, left, top);
    if (this.middle) {
      const seen = this.stage.project(this.middle);
      put(this.distance, seen.x, seen.y - 18);
    }
    this.#axes();
  }

  #axes() {
    const { camera, canvas, ends } = this.stage;
    ends.forEach((end, axis) => {
      const place = new Vector3(...end);
      const covered = this.stage.hidden(place); // a letter behind the part would seem to lie on it
      const seen = place.project(camera);
      this.letters[axis].hidden = covered || seen.z >= 1;
      put(this.letters[axis], ((seen.x + 1) / 2) * canvas.clientWidth, ((1 - seen.y) / 2) * canvas.clientHeight - 10);
    });
  }
}

/** Push spots apart that would cover each other. */
function spread(spots) {
  for (let round = 0; round < 6; round++) {
    for (let one = 0; one < spots.length; one++) {
      for (let other = 0; other < one; other++) {
        const [a, b] = [spots[one], spots[other]];
        const [x, y] = [a.left - b.left, a.top - b.top];
        const away = Math.hypot(x, y);
        if (away >= APART) continue;
        // two at one place part sideways, each pair its own way
        const [ux, uy] = away > 0.5 ? [x / away, y / away] : [Math.cos(one), Math.sin(one)];
        const push = (APART - away) / 2;
        [a.left, a.top, b.left, b.top] = [a.left + ux * push, a.top + uy * push, b.left - ux * push, b.top - uy * push];
      }
    }
  }
  for (const spot of spots) {
    const [x, y] = [spot.left - spot.x, spot.top - spot.y];
    const away = Math.hypot(x, y);
    if (away > FURTHEST) [spot.left, spot.top] = [spot.x + (x / away) * FURTHEST, spot.y + (y / away) * FURTHEST];
  }
}

function put(element, x, y) {
  element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -50%)`;
}
