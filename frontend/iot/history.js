// Charts over any stretch of time, from years to a thousandth of a second. What is there is shown at once, stretched or shifted; what is missing
// is asked for, as many stretches as there are pixels, and takes its place. Without this file the page shows the server's pictures.
import uPlot from "uplot";
import { Colours, NAMES, STAMPS } from "./look.js";
import { clock, figure, inBerlin } from "./words.js";

const HEIGHT = 240, LEFT = 66;
const SHORTEST_MS = 4, EARLIEST_MS = -2_208_988_800_000, LATEST_MS = 7_258_118_400_000;
/** A wish for data waits so long for the next one; words and address follow when nothing has moved for a while. */
const WISH_MS = 25, SETTLED_MS = 350;
/** Values at the present are asked for again between so often and so often. */
const FOLLOW_LEAST_MS = 2000, FOLLOW_MOST_MS = 60_000, PRESENT_MS = 90_000;
const KEYS = { ArrowLeft: ["move", -0.25], ArrowRight: ["move", 0.25], "+": ["zoom", 0.5], "=": ["zoom", 0.5], "-": ["zoom", 2], PageUp: ["move", -1], PageDown: ["move", 1] };

const key = uPlot.sync("iot");

/** The chart of one signal. */
class Course {
  constructor(history, section) {
    this.history = history;
    this.section = section;
    this.signal = section.dataset.signal;
    this.unit = section.dataset.unit;
    this.holder = section.querySelector("[data-chart]");
    this.readout = section.querySelector("[data-readout]");
    this.data = null; // what is held: from, to, step (ms), whole (every value is there)
    this.holder.tabIndex = 0;
    this.holder.setAttribute("role", "application");
    this.plot = new uPlot(this.#options(), [[], [], [], []], this.holder);
    section.querySelector("[data-picture]").hidden = true;
    this.#listen();
    new ResizeObserver(() => {
      if (Math.abs(this.width() - this.plot.width) < 1) return;
      this.plot.setSize({ width: this.width(), height: HEIGHT });
      this.ask();
    }).observe(this.holder);
  }

  width() {
    return Math.max(this.holder.clientWidth, 240);
  }

  #options() {
    const { colours } = this.history;
    const line = { stroke: () => colours.line, width: 1.6, points: { size: 5, fill: () => colours.line } };
    const none = { width: 0, points: { show: false } };
    const axis = { stroke: () => colours.text, grid: { stroke: () => colours.grid, width: 1 }, ticks: { stroke: () => colours.grid, width: 1 }, font: "14px 'Fira Sans', system-ui, sans-serif" };
    return {
      width: this.width(),
      height: HEIGHT,
      ms: 1,
      tzDate: inBerlin,
      fmtDate: (template) => uPlot.fmtDate(template, NAMES),
      legend: { show: false },
      padding: [8, 24, 0, 0],
      cursor: { drag: { x: true, y: false, setScale: false }, sync: { key: key.key }, points: { size: 7 }, bind: { dblclick: () => () => null } },
      select: { show: true },
      scales: { x: { time: true, auto: false, range: () => [this.history.from, this.history.to] }, y: { range: (plot, low, high) => this.#span(low, high) } },
      axes: [
        { ...axis, values: STAMPS, size: 48, space: 70 },
        { ...axis, size: LEFT, space: 36, values: (plot, splits) => splits.map((value) => figure(value, decimals(splits))) },
      ],
      series: [{}, line, none, none],
      bands: [{ series: [3, 2], fill: () => colours.band }],
      hooks: {
        drawClear: [(plot) => this.#behind(plot)],
        setSelect: [(plot) => this.#selected(plot)],
        setCursor: [(plot) => this.#read(plot)],
      },
    };
  }

  #span(low, high) {
    if (this.data?.kind === "boolean") return [-0.1, 1.1];
    if (low == null || high == null) return [0, 1];
    const rim = high > low ? (high - low) * 0.06 : Math.abs(low) * 0.05 || 1;
    return [low - rim, high + rim];
  }

  /** States as a strip below, alarms over the whole height with a bar above: told apart without colour, too. */
  #behind(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const mark of this.history.marks) {
      const begin = plot.valToPos(mark.from, "x", true);
      const width = Math.max(plot.valToPos(mark.to, "x", true) - begin, 2);
      const colour = this.history.colours.of(mark.kind);
      ctx.fillStyle = colour;
      if (mark.kind === "alarm") {
        ctx.fillRect(begin, bbox.top, width, 5 * devicePixelRatio);
        ctx.globalAlpha = 0.15;
        ctx.fillRect(begin, bbox.top, width, bbox.height);
        ctx.globalAlpha = 1;
      } else ctx.fillRect(begin, bbox.top + bbox.height - 9 * devicePixelRatio, width, 9 * devicePixelRatio);
    }
    ctx.restore();
  }

  #selected(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    const begin = plot.posToVal(left, "x"), end = plot.posToVal(left + width, "x");
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.history.go(begin, end);
  }

  #read(plot) {
    const place = plot.cursor.idx;
    const [times, means, least, most] = plot.data;
    const mean = place == null ? null : means[place];
    if (mean == null) {
      if (plot.cursor.left < 0 || place == null) this.readout.textContent = "\u00a0";
      return;
    }
    const { say } = this.history;
    const unit = this.unit ? ` ${this.unit}` : "";
    const when = clock(times[place], this.history.to - this.history.from < 20_000 ? "finest" : "second");
    const said = this.data?.kind === "boolean" ? say[mean ? "on" : "off"] : figure(mean) + unit;
    const range = least[place] == null || least[place] === most[place] ? "" : ` (${figure(least[place])} – ${figure(most[place])})`;
    this.readout.textContent = `${when} · ${range ? `${say.mean} ` : ""}${said}${range}`;
  }

  #listen() {
    const { over } = this.plot;
    this.holder.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "0" || event.key === "Home") this.history.begin();
      else if (KEYS[event.key]) this.history[KEYS[event.key][0]](KEYS[event.key][1]);
      else return;
      event.preventDefault();
    });
    this.holder.addEventListener("pointerdown", () => this.holder.focus({ preventScroll: true }));
    // the wheel scrolls the page until somebody has clicked the chart; pinching a touch pad comes as a wheel with ctrl
    over.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== this.holder) return;
      event.preventDefault();
      const strength = Math.max(-1, Math.min(1, event.deltaY / (event.ctrlKey ? 30 : 120)));
      this.history.zoom(2 ** (strength * 0.6), this.plot.posToVal(event.clientX - over.getBoundingClientRect().left, "x"));
    }, { passive: false });
    this.#fingers(over);
  }

  /** One finger shifts, two zoom around the place between them. */
  #fingers(over) {
    const down = new Map();
    let held = null;
    const hold = () => {
      const { from, to } = this.history;
      const { left, width } = over.getBoundingClientRect();
      held = { from, to, width, times: [...down.values()].map((x) => from + (x - left) / width * (to - from)) };
    };
    over.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "touch") return;
      down.set(event.pointerId, event.clientX);
      hold();
    });
    over.addEventListener("pointermove", (event) => {
      if (!down.has(event.pointerId)) return;
      down.set(event.pointerId, event.clientX);
      const { left, width } = over.getBoundingClientRect();
      const places = [...down.values()].map((x) => (x - left) / width);
      if (places.length === 1) {
        const span = held.to - held.from;
        const from = held.times[0] - places[0] * span;
        this.history.go(from, from + span);
      } else if (places.length === 2 && Math.abs(places[1] - places[0]) > 0.02) {
        const span = Math.abs((held.times[1] - held.times[0]) / (places[1] - places[0]));
        const from = held.times[0] - (held.times[1] > held.times[0] === places[1] > places[0] ? places[0] : places[1]) * span;
        this.history.go(from, from + span);
      }
    });
    for (const name of ["pointerup", "pointercancel"]) {
      over.addEventListener(name, (event) => {
        if (down.delete(event.pointerId) && down.size) hold();
      });
    }
  }

  /** Show the stretch with what is held. */
  show() {
    this.plot.batch(() => this.plot.setScale("x", { min: this.history.from, max: this.history.to }));
    this.holder.dataset.from = this.history.from;
    this.holder.dataset.to = this.history.to;
  }

  /** Whether what is held is fine enough for the stretch shown. */
  #enough() {
    const { from, to } = this.history;
    if (!this.data || this.data.from > from || this.data.to < to) return false;
    return this.data.whole || this.data.step <= (to - from) / this.width() * 1.5;
  }

  /** Ask for what is missing: the stretch and half of it on either side, so that shifting finds it there. */
  async ask(anew = false) {
    if (!anew && this.#enough()) return this.asked?.abort();
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    const { from, to } = this.history;
    const span = to - from;
    const begin = Math.max(from - span / 2, EARLIEST_MS), end = Math.min(to + span / 2, LATEST_MS);
    const count = Math.min(4000, Math.round(this.width() * 2));
    const query = new URLSearchParams({ from: Math.floor(begin * 1000), to: Math.ceil(end * 1000), n: count, signal: this.signal });
    try {
      const answer = await fetch(`${this.history.root.dataset.buckets}?${query}`, { signal: asked.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.#take(await answer.json());
      this.history.arrived();
    } catch (error) {
      if (!asked.signal.aborted) this.history.failed(error);
    }
  }

  #take(answer) {
    const held = { from: answer.from, to: answer.to, kind: answer.kind, whole: answer.kind !== "stretches", step: 0 };
    let table;
    if (held.whole) {
      const times = [], values = [];
      const breaks = new Set(answer.gaps);
      const numbers = answer.kind !== "text";
      answer.time.forEach((time, place) => {
        times.push(answer.from + time);
        values.push(numbers ? answer.value[place] : null);
        if (breaks.has(place)) {
          times.push(answer.from + time + 0.001);
          values.push(null);
        }
      });
      table = [times, values, values.map(() => null), values.map(() => null)];
    } else {
      held.step = (answer.to - answer.from) / answer.n;
      const open = new Uint8Array(answer.n);
      for (const [first, last] of answer.gaps) open.fill(1, first, last + 1);
      const times = Array.from({ length: answer.n }, (_, place) => answer.from + (place + 0.5) * held.step);
      // null is a gap; undefined is passed over
      table = [times, ...[answer.mean, answer.most, answer.least].map((column) => column.map((value, place) => value ?? (open[place] ? null : undefined)))];
      table = [table[0], table[1], table[3], table[2]];
    }
    this.data = held;
    this.plot.setData(table, false);
    this.show();
    this.holder.dataset.values = String(answer.count);
    this.holder.dataset.kind = held.whole ? "values" : "stretches";
    this.holder.dataset.asked = `${answer.from} ${answer.to}`;
  }

  draw() {
    this.plot.redraw(false, true);
  }
}

/** How many digits tell the marks of an axis apart. */
const decimals = (splits) => {
  const step = splits.length > 1 ? Math.abs(splits[1] - splits[0]) : 1;
  for (let count = 0; count < 9; count++) {
    const scaled = step * 10 ** count;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 && scaled > 0.5) return count;
  }
  return 9;
};

/** Alarms that overlap become one stretch: laid over each other they would look like more than an alarm. */
const together = (marks) => {
  const found = marks.filter((one) => one.kind !== "alarm");
  for (const alarm of marks.filter((one) => one.kind === "alarm").sort((one, other) => one.from - other.from)) {
    const last = found.at(-1);
    if (last?.kind === "alarm" && alarm.from <= last.to) last.to = Math.max(last.to, alarm.to);
    else found.push(alarm);
  }
  return found;
};

class History {
  constructor(root) {
    this.root = root;
    this.say = {};
    for (const [name, text] of Object.entries(root.dataset)) if (name.startsWith("say")) this.say[name.slice(3).toLowerCase()] = text;
    this.from = Number(root.dataset.from) / 1000;
    this.to = Number(root.dataset.to) / 1000;
    this.home = [this.from, this.to];
    this.marks = [];
    this.colours = new Colours(root);
    this.status = root.querySelector("[data-said]");
    this.follows = Math.abs(Date.now() - this.to) < PRESENT_MS;
    const drawn = [...root.querySelectorAll("[data-signal]")].filter((one) => one.querySelector("[data-drawn]"));
    this.courses = drawn.map((section) => new Course(this, section));
    this.#buttons();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.colours.read();
      this.courses.forEach((one) => one.draw());
    });
    document.addEventListener("visibilitychange", () => this.#follow());
    this.courses.forEach((one) => {
      one.show();
      one.ask();
    });
    this.#fetchMarks();
    this.#follow();
    root.dataset.ready = "1";
  }

  #buttons() {
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest(".history__key");
      if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const { span, move, zoom } = button.dataset;
      if (span) {
        const end = Math.abs(Date.now() - this.to) < PRESENT_MS ? Date.now() : this.to;
        this.go(end - Number(span), end);
      } else if (move) this.move(Number(move));
      else if (zoom) this.zoom(Number(zoom));
      else this.go(Number(this.root.dataset.first), Number(this.root.dataset.last));
    });
  }

  begin() {
    this.go(...this.home);
  }

  move(share) {
    const by = (this.to - this.from) * share;
    this.go(this.from + by, this.to + by);
  }

  zoom(factor, around = (this.from + this.to) / 2) {
    this.go(around - (around - this.from) * factor, around + (this.to - around) * factor);
  }

  /** Show another stretch: at once with what is there, then with what is asked for. */
  go(from, to, following = false) {
    const middle = (from + to) / 2;
    const span = Math.min(Math.max(to - from, SHORTEST_MS), LATEST_MS - EARLIEST_MS);
    this.from = Math.min(Math.max(middle - span / 2, EARLIEST_MS), LATEST_MS - span);
    this.to = this.from + span;
    if (!following) this.follows = Math.abs(Date.now() - this.to) < PRESENT_MS && this.to - this.from > PRESENT_MS / 10;
    this.courses.forEach((one) => one.show());
    this.root.querySelector("[data-stretch]").textContent = this.#stretch();
    this.root.querySelectorAll("[data-span]").forEach((one) => one.toggleAttribute("aria-current", Math.abs(Number(one.dataset.span) - span) < 1));
    clearTimeout(this.wish);
    this.wish = setTimeout(() => this.courses.forEach((one) => one.ask(following)), WISH_MS);
    clearTimeout(this.settled);
    if (!following) this.settled = setTimeout(() => this.#settle(), SETTLED_MS);
    this.#follow();
  }

  #stretch() {
    const sort = this.to - this.from < 20_000 ? "finest" : "second";
    return `${clock(this.from, sort)} – ${clock(this.to, sort)}`;
  }

  /** Charts that reach up to now go along with the time. */
  #follow() {
    clearTimeout(this.following);
    if (!this.follows || document.hidden || !this.courses.length) return;
    const span = this.to - this.from;
    const pause = Math.min(Math.max(span / this.courses[0].width(), FOLLOW_LEAST_MS), FOLLOW_MOST_MS);
    this.following = setTimeout(() => this.go(Date.now() - span, Date.now(), true), pause);
  }

  #query() {
    const query = new URLSearchParams();
    this.root.querySelectorAll("[data-signal]").forEach((one) => query.append("s", one.dataset.signal));
    query.append("von", Math.round(this.from * 1000));
    query.append("bis", Math.round(this.to * 1000));
    return query;
  }

  /** Address, words, tables and marks of the stretch that stays. */
  async #settle() {
    const query = this.#query();
    history.replaceState(null, "", `?${query}`);
    for (const [name, time] of [["von", this.from], ["bis", this.to]]) {
      const field = document.getElementById(name);
      const when = inBerlin(time);
      if (field) field.value = new Date(when.getTime() - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 23);
    }
    this.#fetchMarks();
    query.append("teil", "1");
    const answer = await fetch(`${this.root.dataset.page}?${query}`).catch(() => null);
    if (!answer?.ok) return;
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of made.querySelectorAll("[data-words], [data-behind]")) {
      const name = part.dataset.words;
      const old = [...this.root.querySelectorAll("[data-words], [data-behind]")].find((one) => one.dataset.words === name);
      if (!old) continue;
      const open = [...old.querySelectorAll("details")].map((one) => one.open);
      old.replaceChildren(...part.childNodes);
      old.querySelectorAll("details").forEach((one, place) => (one.open = open[place] ?? false));
    }
    this.root.dataset.settled = `${Math.round(this.from)} ${Math.round(this.to)}`;
  }

  async #fetchMarks() {
    this.marking?.abort();
    this.marking = new AbortController();
    const span = this.to - this.from;
    const query = new URLSearchParams({ from: Math.floor((this.from - span / 2) * 1000), to: Math.ceil((this.to + span / 2) * 1000) });
    const answer = await fetch(`${this.root.dataset.buckets}?${query}`, { signal: this.marking.signal }).catch(() => null);
    if (!answer?.ok) return;
    this.marks = together(await answer.json());
    this.courses.forEach((one) => one.draw());
  }

  arrived() {
    if (this.status.textContent) this.status.textContent = "";
  }

  failed() {
    this.status.textContent = this.say.lost;
  }
}

export const charts = (root) => new History(root);
