// Being offline: the service worker that shows the last seen pages, the banner that says so and since when, and
// coming back by itself. A page that comes from the service worker says in data-seen when it was seen.
{
  const root = document.documentElement;
  const loadedAt = new Date();
  const kept = "seen" in root.dataset;
  const typed = () => [...document.querySelectorAll("main input[type=text], main textarea")].some((field) => field.value !== field.defaultValue);

  const tell = (offline) => {
    const seen = kept ? root.dataset.seen : loadedAt.toISOString();
    for (const banner of document.querySelectorAll("[data-offline]")) {
      banner.hidden = !offline || !seen;
      const at = banner.querySelector("[data-seen-at]");
      at.dateTime = seen;
      at.textContent = seen && new Date(seen).toLocaleString(root.lang, { dateStyle: "medium", timeStyle: "short" });
    }
  };

  // The connection may be back though the browser never said that it was gone: a proxy that did not answer.
  const RETRY_MS = 15_000;
  const comeBack = async () => {
    if (typed()) return;
    const answer = await fetch("/health/live", { cache: "no-store" }).catch(() => null);
    if (answer?.ok) location.reload();
  };

  tell(kept || !navigator.onLine);
  if (kept) setInterval(comeBack, RETRY_MS);
  addEventListener("offline", () => tell(true));
  addEventListener("online", () => (kept ? comeBack() : tell(false)));
  navigator.serviceWorker?.register("/service-worker.js").catch(() => {}); // none in a private window, for one
}
