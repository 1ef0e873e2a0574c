// A task opens beside its list where there is room for both. The address is then the task's; Back, Escape and the
// panel's × lead back to the list. Elsewhere, and without this script, a task's link leads to its page.
{
  const ROOM = matchMedia("(width >= 64rem)");
  const TASK = /^\/tasks\/([0-9a-f-]{36})$/;
  const shell = document.querySelector(".shell");
  const panel = () => document.getElementById("panel");
  const opened = () => panel().dataset.open;
  const here = () => location.pathname + location.search;
  const list = { title: document.title, address: here() };
  const isTask = TASK.test(location.pathname); // loaded as a task's own page: there is no list to go back to

  const mark = () => {
    for (const row of document.querySelectorAll("#list [id^='task-'][aria-current]")) row.removeAttribute("aria-current");
    if (opened()) document.getElementById(`task-${opened()}`)?.setAttribute("aria-current", "true");
  };

  let wanted; // the task that was chosen last, or none
  let loading = false;
  let changed = false; // while it was loading
  document.addEventListener("task-changed", () => (changed = loading));
  const show = async (id) => {
    wanted = id;
    if (loading) return; // who loads goes on to this one
    loading = true;
    while (wanted && opened() !== wanted) {
      const next = wanted;
      const address = `/tasks/${next}/panel?next=${encodeURIComponent(list.address)}`;
      await htmx.ajax("GET", address, { source: "#panel", target: "#panel", swap: "outerHTML" }).catch(() => {});
      if (opened() !== next) return location.assign(`/tasks/${next}`);
    }
    loading = false;
    if (!wanted) return close();
    if (changed) htmx.trigger(document.body, "task-changed", {}); // what came may be older than that
    changed = false;
    shell.dataset.panel = "";
    document.title = panel().dataset.title;
    mark();
    panel().focus();
  };

  const close = () => {
    const row = document.getElementById(`task-${opened()}`);
    delete shell.dataset.panel;
    delete panel().dataset.open;
    panel().hidden = true;
    panel().replaceChildren();
    document.title = list.title;
    mark();
    row?.querySelector(".task-title")?.focus();
  };

  const open = (id) => {
    if (wanted) history.replaceState({ panel: id }, "", `/tasks/${id}`);
    else {
      Object.assign(list, { title: document.title, address: here() });
      history.pushState({ panel: id }, "", `/tasks/${id}`);
    }
    show(id);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("#list a[href], #panel a[href]:not([data-whole])");
    const id = link?.pathname.match(TASK)?.[1];
    const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!id || elsewhere || event.defaultPrevented || !ROOM.matches || !navigator.onLine) return;
    event.preventDefault();
    open(id);
  });
  document.addEventListener("click", ({ target }) => target.closest("[data-close-panel]") && history.back());
  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("input:not([type=checkbox]), textarea, select, .property-form, .comment-form");
    if (event.key !== "Escape" || event.defaultPrevented || busy || !opened()) return;
    if (!document.querySelector("dialog[open], :popover-open")) history.back();
  });
  addEventListener("popstate", ({ state }) => {
    if (isTask || !(state?.panel || wanted)) {
      if (here() !== list.address) location.reload(); // what was shown under that address is gone since a reload
    } else if (state?.panel) show(state.panel);
    else {
      wanted = undefined;
      if (!loading) close();
    }
  });

  document.addEventListener("htmx:afterSettle", ({ target }) => target.id === "list" && mark());
  // An answer that comes when another task is open has no place in its parts.
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    const id = elt.closest("#panel")?.dataset.open;
    if (!id) return;
    const answered = (event) => {
      if (event.target !== elt) return;
      elt.removeEventListener("htmx:beforeOnLoad", answered);
      if (opened() !== id) event.preventDefault();
    };
    elt.addEventListener("htmx:beforeOnLoad", answered);
  });
  // Whoever deletes the task, or takes it away from the reader, closes its panel.
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 404 || !event.detail.elt.closest("#panel")) return;
    event.stopImmediatePropagation();
    history.back();
  }, true);
}
