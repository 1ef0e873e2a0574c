// A key, or two in a row ("g i"), follows the link, presses the button or enters the field that names it in
// data-shortcut; some act on the task that the keyboard is on. Off inside inputs, with modifiers and where the body
// says data-shortcuts="off". Others may ask for a key by the event "shortcut:run"; "x" is left to who selects rows.
{
  const SEQUENCE_MS = 1000;
  const PRIORITIES = 4;
  const rows = () => [...document.querySelectorAll(".task-row")].filter((row) => row.checkVisibility());
  const current = () => document.activeElement.closest(".task-row");
  const task = () => current() ?? document.querySelector(".task[data-task]");

  const step = (by) => {
    const all = rows();
    const at = all.indexOf(current() ?? document.querySelector(".task-row[aria-current]"));
    const next = at < 0 ? all.at(by > 0 ? 0 : -1) : all[at + by];
    next?.querySelector(".task-title").focus();
  };

  const complete = () => (current()?.querySelector(".tick") ?? document.getElementById("tick-task"))?.click();

  const setPriority = (rank) => {
    const id = task()?.dataset.task ?? task()?.id.replace("task-", "");
    const values = { priority: PRIORITIES + 1 - rank };
    if (id) htmx.ajax("POST", `/tasks/${id}/properties/priority`, { source: task(), swap: "none", values });
  };

  // The row's editor begins in its title; who asked for the date goes on to that, as soon as it is there.
  let dated;
  const setDate = () => {
    const edit = current()?.querySelector("a[hx-get$='/row/edit']") ?? document.querySelector("#part-due a.property-value");
    dated = current()?.id;
    edit?.click();
  };
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    const field = target.id === dated && target.querySelector("[name=date]");
    if (!field) return;
    dated = undefined;
    setTimeout(() => field.focus());
  });

  const actions = {
    j: () => step(1),
    k: () => step(-1),
    e: complete,
    d: setDate,
    x: () => current()?.dispatchEvent(new CustomEvent("shortcut:select", { bubbles: true })),
    z: () => [...document.querySelectorAll(".toast-action")].at(-1)?.click(),
  };
  for (let rank = 1; rank <= PRIORITIES; rank++) actions[rank] = () => setPriority(rank);

  const follow = (keys) => {
    const target =
      document.querySelector(`main [data-shortcut="${CSS.escape(keys)}"]`) ??
      document.querySelector(`[data-shortcut="${CSS.escape(keys)}"]`);
    if (target?.matches("input")) target.focus();
    else target?.click();
    return Boolean(target);
  };
  const run = (keys) => (actions[keys] ? (actions[keys](), true) : follow(keys));

  let prefix = "";
  let timer;
  const ignored = (event) =>
    event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey ||
    document.body.dataset.shortcuts === "off" ||
    event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open], [popover]:popover-open");

  document.addEventListener("shortcut:run", ({ detail }) => run(detail.keys));
  document.addEventListener("keydown", (event) => {
    if (ignored(event) || event.key.length > 1) return;
    const keys = prefix + event.key;
    clearTimeout(timer);
    prefix = "";
    if (!actions[keys] && document.querySelector(`[data-shortcut^="${CSS.escape(keys)} "]`)) {
      prefix = `${keys} `;
      timer = setTimeout(() => (prefix = ""), SEQUENCE_MS);
    } else if (!run(keys)) return;
    event.preventDefault();
  });
}
