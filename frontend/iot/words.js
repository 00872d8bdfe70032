// Figures and ages as words: the same rules as the server's (nordlotse/iot/core/showing/words.py).
export const lang = document.documentElement.lang === "en" ? "en" : "de";

/** How many digits behind the point a value is shown with. */
export const digits = (value) => {
  const size = Math.abs(value);
  if (size >= 1000 || size === 0 || !Number.isFinite(size)) return 0;
  if (size >= 100) return 1;
  return size >= 1 ? 2 : Math.min(2 - Math.floor(Math.log10(size)), 9);
};

const kept = new Map();
const written = (most) => {
  if (!kept.has(most)) kept.set(most, new Intl.NumberFormat(lang === "en" ? "en-GB" : "de-DE", { maximumFractionDigits: most }));
  return kept.get(most);
};

/** A value as people read it: "1.234", "12,5". */
export const figure = (value, most = digits(value)) => {
  const said = written(most).format(value);
  return said === "-0" ? "0" : said;
};

const ZONE = "Europe/Berlin";
const english = lang === "en";
const day = new Intl.DateTimeFormat(english ? "en-GB" : "de-DE", english ? { timeZone: ZONE, day: "numeric", month: "short", year: "numeric" } : { timeZone: ZONE, day: "2-digit", month: "2-digit", year: "numeric" });
const hour = new Intl.DateTimeFormat("de-DE", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const second = new Intl.DateTimeFormat("de-DE", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit" });
const finest = new Intl.DateTimeFormat("de-DE", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

/** Day and time of a moment (ms): "23.11.2026, 14:05:12". */
export const clock = (ms, sort = "second") => `${day.format(ms)}, ${{ minute: hour, second, finest }[sort].format(ms)}`;

/** How old a value is: "jetzt", "vor 12 s". */
export const age = (ms, now) => {
  const seconds = (now - ms) / 1000;
  if (seconds < -60) return english ? "clock is ahead" : "Uhr geht vor";
  if (seconds < 2) return english ? "now" : "jetzt";
  for (const [below, unit, one] of [[60, "s", 1], [3600, "min", 60], [48 * 3600, "h", 3600]]) {
    if (seconds >= below) continue;
    const count = Math.floor(seconds / one);
    return english ? `${count} ${unit} ago` : `vor ${count} ${unit}`;
  }
  return clock(ms, "minute");
};

const parts = new Intl.DateTimeFormat("en-US", { timeZone: ZONE, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });

/** A moment as a date whose local fields are those of Berlin: what the chart's axis counts days and months by. */
export const inBerlin = (ms) => {
  const held = {};
  for (const { type, value } of parts.formatToParts(ms)) held[type] = Number(value);
  return new Date(held.year, held.month - 1, held.day, held.hour, held.minute, held.second, ((ms % 1000) + 1000) % 1000);
};
