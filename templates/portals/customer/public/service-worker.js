"use strict"; /* Keeps style, script, font, icon and one page for offline. Pages with personal data are never kept. */
const NAME = "kitbank-{{ version }}";
const FILES = [{% for file in files %}"{{ file|escapejs }}", {% endfor %}"{{ offline|escapejs }}"];
const ours = (url) => FILES.includes(url.pathname);

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("kitbank-") && name !== NAME);
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(old(names).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match("{{ offline|escapejs }}")));
  } else if (ours(url)) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});
