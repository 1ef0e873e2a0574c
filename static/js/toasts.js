// Toasts leave after ten seconds, but wait while the pointer or the focus rests on one. Failures stay until closed.
{
  const STAY_MS = 10_000;
  const region = document.getElementById("toasts");
  const words = document.getElementById("toast-failure");

  const arm = (toast) => {
    let timer;
    const hold = () => clearTimeout(timer);
    const start = () => {
      hold();
      if (toast.matches(":hover, :focus-within")) return;
      timer = setTimeout(() => toast.remove(), STAY_MS);
    };
    const close = toast.querySelector(".toast-close");
    close.hidden = false;
    close.addEventListener("click", () => toast.remove());
    if (toast.dataset.tone === "danger") return;
    for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, hold);
    for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, () => setTimeout(start));
    start();
  };

  const fail = (text) => {
    const toast = words.content.firstElementChild.cloneNode(true);
    toast.querySelector(".toast-text").textContent = text;
    region.append(toast);
  };

  region.querySelectorAll(".toast").forEach(arm);
  new MutationObserver((records) => {
    for (const record of records) record.addedNodes.forEach((node) => node.matches?.(".toast") && arm(node));
  }).observe(region, { childList: true });

  document.addEventListener("htmx:sendError", () => fail(words.dataset.noConnection));
  document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
    const id = xhr.getResponseHeader("X-Request-ID");
    if (xhr.status === 403) fail(words.dataset.sessionEnded);
    else fail(`${words.dataset.failed}${id ? ` ${words.dataset.request} ${id}` : ""}`);
  });
}
