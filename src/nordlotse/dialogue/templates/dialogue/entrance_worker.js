// Shows the last entrance page of this phone where there is no net. Only whole pages of the entrance and our own style and script
// are kept; everything else goes its usual way.
const KEPT = "nordlotse-entrance";
const entrance = /^(\/en)?\/desk\/termine\/\d+\/einlass\/$/;
const code = /^(\/en)?\/termine\/einlass\/[^/]+\/$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const asked = new URL(event.request.url);
  if (event.request.method !== "GET" || asked.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && (entrance.test(asked.pathname) || code.test(asked.pathname))) {
    event.respondWith(page(event.request, asked));
  } else if (asked.pathname.startsWith("/static/")) {
    event.respondWith(asset(event.request));
  }
});

async function page(request, asked) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    // What the browser was led to (the sign-in page) is no entrance page.
    if (answer.ok && !answer.redirected && entrance.test(asked.pathname)) {
      await kept.put(asked.pathname, answer.clone());
      await kept.put("/termine/einlass/last", new Response(asked.pathname));
    }
    return answer;
  } catch (error) {
    const last = entrance.test(asked.pathname) ? asked.pathname : await (await kept.match("/termine/einlass/last"))?.text();
    const found = last && (await kept.match(last));
    if (found) return found;
    throw error;
  }
}

async function asset(request) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok) await kept.put(request, answer.clone());
    return answer;
  } catch (error) {
    const found = await kept.match(request);
    if (found) return found;
    throw error;
  }
}
