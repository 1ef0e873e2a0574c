// Keeps the pages usable without a connection. The network always comes first: what is kept is only shown when it
// does not answer, and then says so. Kept pages belong to one account; any page that is not of that account removes
// them, and so does the page that follows signing out.
const SHELL = {{ shell|safe }};
const SHELL_CACHE = "shell-{{ version }}";
const PAGES = "pages-"; // and the account
const OFFLINE = "{{ offline }}";
const KEPT_PAGES = 60; // of an account; the ones seen longest ago go first
const LISTS = /^\/(today|inbox|upcoming|completed|recurring|projects(\/[0-9a-f-]{36})?|tasks(\/[0-9a-f-]{36})?)$/;
const SEEN = "x-seen";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL_CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    await remove((name) => name.startsWith("shell-") && name !== SHELL_CACHE);
    await self.registration.navigationPreload?.enable();
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event, url));
  else if (request.method === "GET" && SHELL.includes(url.pathname)) event.respondWith(part(request));
});

const remove = async (unwanted) => {
  const names = (await caches.keys()).filter(unwanted);
  await Promise.all(names.map((name) => caches.delete(name)));
};

const part = async (request) => {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
};

const page = async (event, url) => {
  let response;
  try {
    response = (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    return offline(event.request, url);
  }
  event.waitUntil(note(event.request, url, response.clone()));
  return response;
};

// What a page says about who is signed in decides about all that is kept.
const note = async (request, url, response) => {
  if (!response.ok || !response.headers.get("content-type")?.startsWith("text/html")) return;
  const account = response.headers.get("x-account");
  await remove((name) => name.startsWith(PAGES) && name !== PAGES + account);
  if (!account || request.method !== "GET" || !LISTS.test(url.pathname)) return;
  if (response.headers.get("cache-control")?.includes("no-store")) return;
  const headers = new Headers(response.headers);
  headers.set(SEEN, new Date().toISOString());
  const cache = await caches.open(PAGES + account);
  await cache.delete(url.href);
  await cache.put(url.href, new Response(await response.text(), { headers }));
  const kept = await cache.keys();
  await Promise.all(kept.slice(0, -KEPT_PAGES).map((each) => cache.delete(each)));
};

const offline = async (request, url) => {
  const name = (await caches.keys()).find((each) => each.startsWith(PAGES));
  const cache = name && (await caches.open(name));
  const kept = request.method === "GET" && cache && (await cache.match(url.href));
  const shown = kept || (await caches.match(OFFLINE));
  if (!shown) return Response.error();
  const last = kept ? kept : cache && (await cache.match((await cache.keys()).at(-1)));
  const seen = last?.headers.get(SEEN) ?? "";
  const text = (await shown.text()).replace("<html ", `<html data-seen="${seen}" `);
  return new Response(text, { headers: shown.headers });
};
