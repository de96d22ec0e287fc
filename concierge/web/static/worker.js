// The staff page's service worker. The service puts two lines before it: VERSION, a hash of the files, and SHELL, their paths.
//
// The page's own files are kept by version, so it opens without a network; what it then shows is what it was told last, which it
// keeps itself. /v1 always goes to the network: what belongs to people is in no cache.

const CACHE = `concierge-${VERSION}`;
const SCOPE = "/staff";

addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => skipWaiting()));
});

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL.map((path) => new Request(path, { cache: "reload" })));
}

addEventListener("activate", (event) => {
  event.waitUntil(onlyThis().then(() => clients.claim()));
});

async function onlyThis() {
  const others = (await caches.keys()).filter((name) => name.startsWith("concierge-") && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method === "GET" && origin === location.origin && SHELL.includes(pathname)) event.respondWith(shell(pathname, request));
});

async function shell(pathname, request) {
  return (await caches.match(pathname, { cacheName: CACHE })) ?? fetch(request);
}

addEventListener("push", (event) => {
  event.waitUntil(show(event.data.json()));
});

/** A page that is looked at shows it by itself. */
async function show({ title, body, tag, url, urgent }) {
  const pages = await clients.matchAll({ type: "window" });
  if (pages.some((page) => page.visibilityState === "visible" && new URL(page.url).pathname === SCOPE)) return;
  await registration.showNotification(title, {
    body,
    tag,
    renotify: true,
    requireInteraction: Boolean(urgent),
    icon: "/static/icon-192.png",
    badge: "/static/icon-192.png",
    data: { url },
  });
}

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.url));
});

async function open(url) {
  const [page] = (await clients.matchAll({ type: "window" })).filter((one) => new URL(one.url).pathname === SCOPE);
  if (!page) return clients.openWindow(url);
  await page.focus();
  return page.navigate(url);
}
