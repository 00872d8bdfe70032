// Values that keep new by themselves: from the server's stream; where it has no place left, or none gets through, by asking every two seconds.
// A page nobody looks at closes its stream.
import { age, clock, figure } from "./words.js";

const ASK_MS = 2000;
/** After a refusal the stream is tried again so much later. */
const AGAIN_MS = 60_000;
const OLD_MS = 60_000;
const LINE_MS = 1000;
/** States are told by rules over minutes: so often is soon enough. */
const STATE_MS = 20_000;
const WIDTH = 120, HEIGHT = 32, RIM = 2, STEPS = 60, SPAN_MS = 5 * 60_000;
/** Bits of a value's quality, the gravest first. */
const NOTES = [[8, "bad"], [4, "uncertain"], [2, "clock"], [16, "file"]];

/** One value on the page: its figure, its age, its line. */
class Value {
  constructor(root, say, at) {
    this.root = root;
    this.say = say;
    this.figure = root.querySelector("[data-figure]");
    this.age = root.querySelector("[data-age]");
    this.note = root.querySelector("[data-note]");
    this.svg = root.querySelector(".spark");
    this.span = root.querySelector("[data-span]");
    this.time = Number(root.dataset.time);
    this.points = [];
    this.fresh = false;
    const step = SPAN_MS / STEPS;
    for (const pair of (this.svg?.dataset.points || "").split(" ").filter(Boolean)) {
      const [place, value] = pair.split(":").map(Number);
      this.points.push([at - SPAN_MS + (place + 0.5) * step, value, value, value, 1]);
    }
  }

  take(time, value, quality) {
    if (time < this.time) return;
    this.time = time;
    const said = value === null ? "–" : typeof value === "boolean" ? this.say[value ? "on" : "off"] : typeof value === "string" ? value : figure(value);
    if (this.figure.textContent !== said) this.figure.textContent = said;
    const note = NOTES.find(([bit]) => quality & bit);
    this.note.textContent = note ? this.say[note[1]] : "";
    this.#remember(time, Number(value));
  }

  /** Keep the mean, the least and the most of each step of the line. */
  #remember(time, value) {
    if (!this.svg || !Number.isFinite(value)) return;
    const step = SPAN_MS / STEPS;
    const slot = Math.floor(time / step);
    const last = this.points.at(-1);
    if (last && Math.floor(last[0] / step) === slot) {
      last[1] += (value - last[1]) / ++last[4];
      last[2] = Math.min(last[2], value);
      last[3] = Math.max(last[3], value);
    } else this.points.push([time, value, value, value, 1]);
    this.fresh = true;
  }

  tick(now) {
    const said = age(this.time, now);
    if (this.age.textContent !== said) this.age.textContent = said;
    this.root.classList.toggle("value--old", now - this.time > OLD_MS);
  }

  draw(now) {
    if (!this.fresh || !this.svg) return;
    this.fresh = false;
    const begin = now - SPAN_MS;
    this.points = this.points.filter(([time]) => time >= begin);
    if (!this.points.length) return;
    let low = Infinity, high = -Infinity, least = Infinity, most = -Infinity;
    for (const [, mean, small, large] of this.points) {
      low = Math.min(low, mean);
      high = Math.max(high, mean);
      least = Math.min(least, small);
      most = Math.max(most, large);
    }
    const strokes = [[]];
    let before = null;
    for (const [time, mean] of this.points) {
      if (before !== null && time - before > 6.5 * (SPAN_MS / STEPS)) strokes.push([]);
      const y = high > low ? RIM + (HEIGHT - 2 * RIM) * (1 - (mean - low) / (high - low)) : HEIGHT / 2;
      strokes.at(-1).push(`${((time - begin) / SPAN_MS * WIDTH).toFixed(1)},${y.toFixed(1)}`);
      before = time;
    }
    while (this.svg.children.length > strokes.length) this.svg.lastElementChild.remove();
    strokes.forEach((stroke, place) => {
      const line = this.svg.children[place] || this.svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "polyline"));
      line.setAttribute("points", stroke.join(" "));
    });
    if (!this.span) return;
    this.span.querySelector("[data-least]").textContent = figure(least);
    this.span.querySelector("[data-most]").textContent = figure(most);
  }
}

class Live {
  constructor(root) {
    this.root = root;
    this.say = {};
    for (const [name, text] of Object.entries(root.dataset)) if (name.startsWith("say")) this.say[name.slice(3).toLowerCase()] = text;
    this.state = root.querySelector("[data-live-state]");
    this.ahead = Number(root.dataset.at) - Date.now();
    this.values = new Map();
    this.paused = false;
    this.drawn = 0;
    this.refused = -Infinity;
    this.#find();
    root.querySelector("[data-live-pause]")?.addEventListener("click", (event) => this.#pause(event.currentTarget));
    document.addEventListener("visibilitychange", () => this.#turn());
    window.addEventListener("pagehide", () => this.#stop());
    window.addEventListener("pageshow", () => this.#turn());
    setInterval(() => this.#tick(), LINE_MS);
    setInterval(() => this.#restate(), STATE_MS);
    this.#turn();
  }

  /** The server's time, ms. */
  now() {
    return Date.now() + this.ahead;
  }

  #find() {
    this.values.clear();
    this.root.querySelectorAll("[data-value]").forEach((one) => this.values.set(one.dataset.value, new Value(one, this.say, this.now())));
  }

  #turn() {
    this.#stop();
    if (document.hidden || this.paused) return;
    if (window.EventSource && performance.now() - this.refused > AGAIN_MS) this.#listen();
    else this.#ask();
  }

  #stop() {
    this.source?.close();
    this.source = null;
    clearTimeout(this.asking);
    this.asking = null;
    this.asked?.abort();
  }

  #listen() {
    const source = new EventSource(this.root.dataset.stream);
    this.source = source;
    source.onmessage = (event) => {
      this.#take(JSON.parse(event.data));
      this.#said("live");
    };
    source.addEventListener("over", () => this.#turn());
    source.onerror = () => {
      if (this.source !== source) return;
      source.close();
      this.source = null;
      this.refused = performance.now(); // no place, or nothing gets through: ask meanwhile
      this.#ask();
    };
  }

  async #ask() {
    this.asking = null;
    const asked = new AbortController();
    this.asked = asked;
    try {
      const answer = await fetch(this.root.dataset.now, { headers: { Accept: "application/json" }, signal: asked.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.#take(await answer.json());
      this.#said("asking");
    } catch {
      if (asked.signal.aborted) return;
      this.#said("lost");
    }
    if (asked.signal.aborted) return;
    const again = performance.now() - this.refused > AGAIN_MS;
    this.asking = setTimeout(() => (again && window.EventSource ? this.#turn() : this.#ask()), ASK_MS);
  }

  #take(frame) {
    this.ahead = frame.at - Date.now();
    let strange = false;
    for (const [machine, signal, time, value, quality] of frame.values) {
      const one = this.values.get(`${machine}/${signal}`);
      if (one) one.take(time, value, quality);
      else strange = true;
    }
    const now = this.now();
    for (const [machine, signal] of frame.values) this.values.get(`${machine}/${signal}`)?.tick(now);
    if (strange) this.#anew();
  }

  /** A signal came that the page does not show: it fetches the part with the values anew, at most every ten seconds. */
  async #anew() {
    if (performance.now() - (this.renewed ?? -Infinity) < 10_000) return;
    this.renewed = performance.now();
    const made = await this.#part();
    if (!made) return;
    const names = (where) => [...where.querySelectorAll("[data-value]")].map((one) => one.dataset.value).join("\n");
    if (names(made) === names(this.root)) return; // shown on the machine's own page only
    this.root.querySelector("[data-live-values]").replaceChildren(...made.body.childNodes);
    this.#find();
  }

  async #part() {
    const answer = await fetch(this.root.dataset.now, { headers: { Accept: "text/html" } }).catch(() => null);
    return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  }

  /** Whether each machine runs, idles or is off. */
  async #restate() {
    if (document.hidden || this.paused) return;
    const made = await this.#part();
    for (const fresh of made?.querySelectorAll("[data-standing]") ?? []) {
      const old = this.root.querySelector(`[data-standing="${fresh.dataset.standing}"]`);
      if (old && old.outerHTML !== fresh.outerHTML) old.replaceWith(fresh);
    }
  }

  #tick() {
    if (document.hidden || this.paused) return;
    const now = this.now();
    for (const one of this.values.values()) {
      one.tick(now);
      one.draw(now);
    }
    if (["live", "asking", "silent"].includes(this.root.dataset.state)) this.#said(this.source ? "live" : "asking");
  }

  /** The newest value's moment where the values of all machines shown are overdue, else nothing: then the line to us is fine, the machine is not. */
  #silent() {
    const now = this.now();
    let newest = 0;
    for (const machine of this.root.querySelectorAll("[data-overdue]")) {
      const times = [...machine.querySelectorAll("[data-value]")].map((one) => this.values.get(one.dataset.value)?.time ?? 0);
      const last = Math.max(0, ...times);
      if (last && now - last <= Number(machine.dataset.overdue)) return 0;
      newest = Math.max(newest, last);
    }
    return newest;
  }

  #pause(button) {
    this.paused = !this.paused;
    button.setAttribute("aria-pressed", String(this.paused));
    if (this.paused) this.#said("paused");
    this.#turn();
  }

  #said(what) {
    const silent = what === "live" || what === "asking" ? this.#silent() : 0;
    const said = silent ? `${this.say.silent} ${clock(silent, "minute")}` : this.say[what];
    this.root.dataset.state = silent ? "silent" : what;
    if (this.state.textContent !== said) this.state.textContent = said;
  }
}

export const live = (root) => new Live(root);
