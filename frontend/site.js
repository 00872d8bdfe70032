// Everything works without this file. It adds: partial updates (htmx), printing, "please wait", progress of an import, a filter
// for long lists, and a warning before typed text is lost.
import "htmx.org";
import "./drop.js";

document.documentElement.classList.add("scripted");

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// A link is shared by the device if it can, else copied; the button says that it was.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-share]");
  if (!button) return;
  if (navigator.share) return navigator.share({ url: button.dataset.share }).catch(() => {});
  await navigator.clipboard?.writeText(button.dataset.share);
  button.querySelector(".kern-label").textContent = button.dataset.done;
});

// A form is sent once; its button says so, and a screen reader hears it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sending) return event.preventDefault();
  if (form.hasAttribute("hx-post") || form.dataset.oneByOne) return;
  form.dataset.sending = "1";
  setTimeout(() => delete form.dataset.sending, 4000); // the answer may open in another tab
  if (!form.dataset.wait) return;
  const note = document.createElement("p");
  note.className = "quiet waiting";
  note.setAttribute("role", "status");
  form.append(note);
  note.textContent = form.dataset.wait;
});

window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sending]").forEach((form) => delete form.dataset.sending);
  document.querySelectorAll(".waiting").forEach((note) => note.remove());
});

// Files are sent one by one, so that the bar tells the truth and one bad file does not stop the others.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const target = form.dataset.oneByOne && document.querySelector(form.dataset.oneByOne);
  const chooser = form.querySelector("input[type=file]");
  if (!target || !chooser || !chooser.files.length || form.dataset.sending) return;
  event.preventDefault();
  form.dataset.sending = "1";
  const files = [...chooser.files];
  const line = form.querySelector(".progress");
  const bar = line.querySelector("progress");
  line.hidden = false;
  target.replaceChildren();
  for (const [done, file] of files.entries()) {
    line.querySelector("output").value = `${done}/${files.length}`;
    bar.max = files.length;
    bar.value = done;
    const data = new FormData(form);
    data.set(chooser.name, file);
    const answer = await fetch(form.action || location.href, { method: "POST", body: data, headers: { "HX-Request": "true" } }).catch(() => null);
    const part = document.createElement("div");
    if (answer && answer.headers.get("Content-Type")?.startsWith("text/html")) {
      const told = new DOMParser().parseFromString(await answer.text(), "text/html");
      part.append(...(told.querySelector("main") || told.body).childNodes);
    } else {
      part.textContent = `${file.name}: ${answer ? answer.status : "–"}`;
    }
    target.append(part);
  }
  line.querySelector("output").value = `${files.length}/${files.length}`;
  bar.value = files.length;
  delete form.dataset.sending;
});

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.dataset.filter) {
    const wanted = field.value.trim().toLowerCase();
    document.querySelectorAll(field.dataset.filter).forEach((row) => {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
  }
  // A slider and the number beside it say the same; moving one chooses what they belong to.
  const twin = field.dataset.twin && document.querySelector(field.dataset.twin);
  // "20.000", "20 000 €": as people write amounts; words move nothing.
  const typed = field.value.replace(/[.\s\u00a0]|€|euro/gi, "");
  if (twin && twin.type === "range" && /^\d+$/.test(typed)) {
    if (Number(typed) > Number(twin.max)) twin.max = typed; // typed beyond its end
    twin.value = typed;
  } else if (twin && twin.type !== "range") {
    twin.value = field.value;
  }
  // A slider with uneven stops, for numbers from one to thousands; typing the number moves it to the nearest stop.
  if (field.dataset.stopsOf) document.querySelector(field.dataset.stopsOf).value = field.dataset.stops.split(" ")[field.value];
  const stopped = field.dataset.stoppedBy && document.querySelector(field.dataset.stoppedBy);
  if (stopped && /^\d+$/.test(typed)) {
    const away = stopped.dataset.stops.split(" ").map((stop) => Math.abs(Math.log(stop / Math.max(typed, 1))));
    stopped.value = away.indexOf(Math.min(...away));
  }
  // A slider for a figure: the field beside it holds what was chosen, with the decimal mark of the page's language.
  if (field.dataset.sets) document.querySelector(field.dataset.sets).value = document.documentElement.lang === "de" ? field.value.replace(".", ",") : field.value;
  const picked = field.dataset.picks && document.querySelector(field.dataset.picks);
  if (picked) picked.checked = true;
  // "None of these" stands alone: ticking it takes the others away, and the other way round.
  if (field.type === "checkbox" && field.checked && field.closest(".stages")) {
    field.closest(".stages").querySelectorAll("input[type=checkbox]").forEach((other) => {
      if (other !== field && ("alone" in field.dataset || "alone" in other.dataset)) other.checked = false;
    });
  }
  const kept = field.closest("form[data-keep]");
  if (kept) kept.dataset.changed = "1";
});

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-changed]:not([data-sending])")) event.preventDefault();
});
