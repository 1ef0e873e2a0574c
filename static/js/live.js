// Pages learn of changes that others make, from a stream of events, or by asking now and then where there is none.
// What shows tasks loads itself again on "task-changed"; own changes are known already by their versions.
{
  const address = document.currentScript.dataset.live;
  const ASK_MS = [2_000, 4_000, 8_000, 15_000, 30_000];
  const CALM_MS = 300; // what comes within this time is one change to the page
  const known = new Map(); // task: the version that this page has
  let position;
  let source;
  let timer;
  let asked = 0;
  let calm;

  const isNews = ({ task, version }) => (known.get(task) ?? 0) < version;
  const remember = ({ task, version }) => known.set(task, Math.max(known.get(task) ?? 0, version));

  document.addEventListener("task-changed", ({ detail }) => detail?.task && detail.version && remember(detail));

  // A form that is open for the task says what changed meanwhile, and keeps what was typed.
  const editors = (task) =>
    [...document.querySelectorAll(`#task-${CSS.escape(task)}[data-editing], [data-task="${CSS.escape(task)}"] [data-editing]`)];
  const note = async (task) => {
    const open = editors(task);
    if (!open.length) return;
    const answer = await fetch(`${address}/tasks/${task}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const text = await answer.text();
    for (const editor of open) {
      const form = editor.matches("form") ? editor : (editor.querySelector("form") ?? editor);
      form.querySelector("[data-changed-elsewhere]")?.remove();
      form.insertAdjacentHTML("afterbegin", text);
    }
  };

  const ring = (unread) => {
    const bell = document.getElementById("bell");
    const shown = Number(bell?.querySelector(".badge")?.textContent ?? 0);
    if (!bell || unread === shown) return;
    htmx.ajax("GET", bell.dataset.address, { target: bell, swap: "outerHTML" });
    htmx.trigger(document.body, "notifications-changed", {});
  };

  const take = (news) => {
    position = news.position;
    if (news.unread !== undefined && news.unread !== null) ring(news.unread);
    const changes = (news.changes ?? []).filter(isNews);
    changes.forEach(remember);
    new Set(changes.map(({ task }) => task)).forEach(note);
    if (!changes.length && !news.reset) return;
    clearTimeout(calm);
    calm = setTimeout(show, CALM_MS);
  };
  // What one is dragging is not replaced under one's hand.
  const show = () => {
    if (document.querySelector("[data-dragging]")) calm = setTimeout(show, CALM_MS);
    else htmx.trigger(document.body, "task-changed", {});
  };

  const ask = async () => {
    try {
      const answer = await fetch(`${address}/changes${position === undefined ? "" : `?after=${position}`}`);
      if (answer.status === 403) return; // signed out: there is nothing to hear
      if (!answer.ok) throw new Error(answer.statusText);
      const news = await answer.json();
      asked = news.changes?.length ? 0 : Math.min(asked + 1, ASK_MS.length - 2);
      take(news);
    } catch {
      asked = ASK_MS.length - 1;
    }
    if (!document.hidden) timer = setTimeout(ask, ASK_MS[asked]);
  };

  const listen = () => {
    source = new EventSource(position === undefined ? address : `${address}?after=${position}`);
    source.onmessage = ({ data }) => take(JSON.parse(data));
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return; // it connects again by itself, from where it was
      source = undefined;
      clearTimeout(timer);
      timer = setTimeout(ask, ASK_MS[0]);
    };
  };
  const pause = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };

  // A hidden page hears nothing, and catches up when it is looked at again.
  document.addEventListener("visibilitychange", () => (document.hidden ? pause() : (pause(), listen())));
  addEventListener("pagehide", pause);
  addEventListener("pageshow", ({ persisted }) => persisted && listen());
  if (!document.hidden) listen();
}
