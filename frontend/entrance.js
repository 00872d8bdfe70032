// The entrance on a phone. Every tap counts at once, is kept on the phone, and is sent when there is a net. Without this file the
// buttons are plain forms. What is kept: numbers, in or out, and when; the page itself is kept by the service worker.
const place = document.getElementById("einlass");
if (place) {
  const event = place.dataset.event;
  const store = `nordlotse-entrance-${event}`;
  const line = document.getElementById("netz");
  const csrf = place.querySelector("[name=csrfmiddlewaretoken]")?.value;
  let sending = false;

  const kept = () => {
    try {
      return JSON.parse(localStorage.getItem(store)) || [];
    } catch {
      return [];
    }
  };
  const keep = (items) => (items.length ? localStorage.setItem(store, JSON.stringify(items)) : localStorage.removeItem(store));

  const show = (id, inside) => {
    const row = document.getElementById(`p${id}`);
    if (!row) return;
    row.classList.toggle("person--in", inside);
    row.querySelector("[data-in]").hidden = inside;
    row.querySelector("[data-out]").hidden = !inside;
    document.getElementById("drin").textContent = place.querySelectorAll(".person--in").length;
  };

  const tell = (state) => {
    const waiting = kept().length;
    line.textContent = line.dataset[state] + (waiting ? ` ${waiting} ${line.dataset.waiting}.` : "");
    line.dataset.state = waiting ? "waiting" : state;
  };

  // What is sent is taken off the list only when the answer names it; a tap made meanwhile stays.
  // With nothing kept it only asks: another phone may have tapped, or this page may be older than what arrived from it.
  const send = async () => {
    const items = kept();
    if (sending) return;
    if (!navigator.onLine && !items.length) return tell("offline");
    sending = true;
    let answer = null;
    try {
      answer = await fetch(place.dataset.sync, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
        body: JSON.stringify({ items }),
        redirect: "manual",
      });
    } catch {
      answer = null;
    }
    sending = false;
    if (!answer || answer.status >= 500) return tell("offline");
    if (answer.status === 422) return tell("closed");
    if (!answer.ok) return tell("signin");
    const { inside } = await answer.json();
    keep(kept().slice(items.length));
    Object.entries(inside).forEach(([id, is]) => kept().some((item) => String(item.id) === id) || show(id, is));
    tell("online");
    if (kept().length) send();
  };

  place.addEventListener("submit", (submitted) => {
    const id = Number(submitted.target.dataset.person);
    if (!id) return;
    submitted.preventDefault();
    submitted.stopPropagation();
    const inside = !submitted.submitter?.hasAttribute("data-out");
    keep([...kept(), { id, inside, at: Date.now() }]);
    show(id, inside);
    const next = document.getElementById(`p${id}`)?.querySelector("button:not([hidden])");
    if (next) next.focus();
    submitted.target.closest(".scanned")?.remove();
    tell(navigator.onLine ? "online" : "offline");
    send();
  });

  // A page kept by the phone may be older than what was tapped since.
  kept().forEach((item) => show(item.id, item.inside));

  // In a dead spot a scanned code opens the kept page: the code then stands in the address, and its person comes first.
  const words = location.pathname.split("/");
  const code = new URLSearchParams(location.search).get("code") || (location.pathname.includes("/desk/") ? "" : words[words.length - 2]);
  if (code) {
    const row = [...place.querySelectorAll("#leute > li")].find((li) => li.dataset.code === code.toUpperCase());
    if (row) {
      row.parentElement.prepend(row);
      row.querySelector("button:not([hidden])")?.focus();
    }
  }

  window.addEventListener("online", send);
  window.addEventListener("offline", () => tell("offline"));
  setInterval(() => kept().length && send(), 5000);
  setInterval(() => document.hidden || send(), 20000);
  send();

  // The first visit was not seen by the service worker: page, style and script are put aside here, so that a reload in a dead
  // spot finds them.
  const putAside = async () => {
    const shelf = await caches.open("nordlotse-entrance");
    const parts = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((part) => part.href || part.src);
    await shelf.addAll([location.pathname, ...parts]);
    await shelf.put("/termine/einlass/last", new Response(location.pathname));
  };

  if ("serviceWorker" in navigator && location.pathname.includes("/desk/")) {
    // The list holds names: two days after the event this phone forgets it.
    if (Date.now() / 1000 > Number(place.dataset.until) + 2 * 86400) caches.delete("nordlotse-entrance");
    else {
      const reach = [location.pathname, place.dataset.codes.replace(/X\/$/, "")];
      Promise.all(reach.map((scope) => navigator.serviceWorker.register(place.dataset.worker, { scope })))
        .then(putAside)
        .then(() => (line.dataset.kept = "1"))
        .catch(() => {});
    }
  }
}
