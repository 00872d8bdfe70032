// How charts look: the page's own colours, light or dark, and how moments are told on the axis.
import { lang } from "./words.js";

const KINDS = ["alarm", "producing", "idle", "off", "setup", "fault", "no_order", "planned_stop"];

/** The colours the style sheet gives, as a canvas takes them. */
export class Colours {
  constructor(root) {
    this.probes = new Map();
    const holder = document.createElement("span");
    holder.hidden = true;
    for (const name of ["line", "band", "grid", "text", ...KINDS]) {
      const probe = document.createElement("span");
      probe.className = KINDS.includes(name) ? `course__swatch course__swatch--${name}` : `course__ink course__ink--${name}`;
      holder.append(probe);
      this.probes.set(name, probe);
    }
    root.append(holder);
    this.read();
  }

  read() {
    this.kinds = {};
    for (const [name, probe] of this.probes) {
      const style = getComputedStyle(probe);
      if (KINDS.includes(name)) this.kinds[name] = style.backgroundColor;
      else this[name] = style.color;
    }
  }

  of(kind) {
    return this.kinds[kind] || this.grid;
  }
}

const german = {
  MMMM: ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
  MMM: ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"],
  WWWW: ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
  WWW: ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
};
const english = {
  MMMM: ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
  MMM: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
  WWWW: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
  WWW: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
};
export const NAMES = lang === "en" ? english : german;

const DAY = lang === "en" ? "{D} {MMM}" : "{D}.{M}.";
const DATE = lang === "en" ? "\n{D} {MMM} {YYYY}" : "\n{D}.{M}.{YYYY}";
const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, WHOLE_DAY = 24 * HOUR;

/** From which distance of marks (ms) on: the words, and below them what is added when the year, the month, the day … changes. */
export const STAMPS = [
  [365 * WHOLE_DAY, "{YYYY}", null, null, null, null, null, null, 1],
  [28 * WHOLE_DAY, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [WHOLE_DAY, DAY, "\n{YYYY}", null, null, null, null, null, 1],
  [HOUR, "{HH}:{mm}", DATE, null, `\n${DAY}`, null, null, null, 1],
  [MINUTE, "{HH}:{mm}", DATE, null, `\n${DAY}`, null, null, null, 1],
  [SECOND, "{HH}:{mm}:{ss}", DATE, null, `\n${DAY}`, null, null, null, 1],
  [1, "{ss}.{fff}", `${DATE} {HH}:{mm}`, null, `\n${DAY} {HH}:{mm}`, null, "\n{HH}:{mm}", null, 1],
];
