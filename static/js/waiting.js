// Tasks added without a connection wait in this browser and are sent once it is back. Each line has a key from its
// first attempt on (Idempotency-Key), so one whose answer was lost on the way is not added twice. What waits belongs
// to an account: nobody else sees or sends it.
{
  const account = document.body.dataset.account;
  const section = document.getElementById("waiting");
  const list = section?.querySelector("ul");
  const KEY = "Idempotency-Key";
  const RETRY_MS = 20_000;
  const LATER = new Set([401, 403, 409, 429]); // signing in, or waiting, helps; like every failure of the server

  const database = new Promise((resolve, reject) => {
    const opening = indexedDB.open("todo", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("waiting", { keyPath: "key" });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  database.catch(() => {}); // a browser that keeps nothing: then there is nothing to send later
  const stored = async (mode, act) => {
    const request = act((await database).transaction("waiting", mode).objectStore("waiting"));
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  };
  const mine = async () => (await stored("readonly", (store) => store.getAll())).filter((entry) => entry.account === account);
  const forget = (key) => stored("readwrite", (store) => store.delete(key));

  const row = (entry) => {
    const made = section.querySelector("template").content.firstElementChild.cloneNode(true);
    made.querySelector(".waiting-text").textContent = new URLSearchParams(entry.body).get("q");
    made.querySelector(".field-error").textContent = entry.error ?? "";
    made.querySelector(".field-error").hidden = !entry.error;
    made.querySelector("button").addEventListener("click", () => forget(entry.key).then(show));
    return made;
  };
  const show = async () => {
    const entries = (await mine()).sort((one, other) => one.at - other.at);
    section.hidden = entries.length === 0;
    list.replaceChildren(...entries.map(row));
  };

  // As htmx writes it: a key goes with one body, letter by letter.
  const encoded = (data) => [...data].map((pair) => pair.map(encodeURIComponent).join("=")).join("&");

  const keep = async (form, key, body) => {
    await stored("readwrite", (store) => store.put({ key, account, body, at: Date.now() }));
    form.querySelector("[name=q]").value = "";
    form.querySelector(".quick-add-preview").replaceChildren();
    await show();
  };

  const send = async (entry) => {
    const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
    const answer = await fetch("/quick-add", {
      method: "POST",
      headers: { [KEY]: entry.key, "HX-Request": "true", "X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8" },
      body: entry.body,
    });
    const text = await answer.text();
    const told = new DOMParser().parseFromString(text, "text/html");
    if (answer.ok) {
      document.getElementById("toasts").append(...told.querySelectorAll("#toasts > .toast"));
      await forget(entry.key);
      return true;
    }
    if (answer.status < 500 && !LATER.has(answer.status)) {
      entry.error = told.querySelector(".field-error")?.textContent.trim() ?? String(answer.status);
      await stored("readwrite", (store) => store.put(entry));
    }
    return false;
  };

  let sending = false;
  const sendAll = async () => {
    if (sending || !navigator.onLine) return;
    sending = true;
    let sent = 0;
    try {
      for (const entry of (await mine()).filter((each) => !each.error)) sent += await send(entry);
    } catch {
      // Still no connection, or no place to keep anything.
    }
    sending = false;
    await show();
    if (sent) htmx.trigger(document.body, "task-changed", {});
  };

  const isLine = (form) => form.id === "quick-add";
  if (section) {
    document.addEventListener("htmx:configRequest", ({ target, detail }) => {
      if (!isLine(target)) return;
      detail.parameters.delete?.("csrfmiddlewaretoken"); // the header has it; what is sent again must be the same
      detail.headers[KEY] = crypto.randomUUID();
    });
    document.addEventListener(
      "htmx:sendError",
      (event) => {
        const { headers, formData } = event.detail.requestConfig;
        if (event.target.id === "quick-add-line") event.stopImmediatePropagation(); // no chips for now
        if (!isLine(event.target)) return;
        event.stopImmediatePropagation();
        keep(event.target, headers[KEY], encoded(formData));
      },
      true,
    );
    document.addEventListener("submit", (event) => {
      if (!isLine(event.target) || event.target.hasAttribute("hx-post") || navigator.onLine) return;
      event.preventDefault();
      const data = new FormData(event.target);
      for (const name of ["csrfmiddlewaretoken", "next"]) data.delete(name);
      keep(event.target, crypto.randomUUID(), encoded(data));
    });
    addEventListener("online", sendAll);
    setInterval(async () => (await mine()).length && sendAll(), RETRY_MS);
    show().then(sendAll, () => {});
  }
}
