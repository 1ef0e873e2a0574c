// A key, or two in a row ("g i"), follows the link, presses the button or enters the field that names it in
// data-shortcut. Off inside inputs, with modifiers and where the body says data-shortcuts="off".
{
  const SEQUENCE_MS = 1000;
  const rows = () => [...document.querySelectorAll(".task-row")];
  const current = () => document.activeElement.closest(".task-row");

  const step = (by) => {
    const all = rows();
    const at = all.indexOf(current());
    const next = at < 0 ? all.at(by > 0 ? 0 : -1) : all[at + by];
    next?.querySelector(".task-title").focus();
  };
  const onRow = {
    j: () => step(1),
    k: () => step(-1),
    e: () => (current()?.querySelector(".tick") ?? document.getElementById("tick-task"))?.click(),
  };

  const follow = (keys) => {
    const target =
      document.querySelector(`main [data-shortcut="${CSS.escape(keys)}"]`) ??
      document.querySelector(`[data-shortcut="${CSS.escape(keys)}"]`);
    if (target?.matches("input")) target.focus();
    else target?.click();
    return Boolean(target);
  };

  let prefix = "";
  let timer;
  const ignored = (event) =>
    event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey ||
    document.body.dataset.shortcuts === "off" ||
    event.target.closest("input, textarea, select, [contenteditable], dialog[open], [popover]:popover-open");

  document.addEventListener("keydown", (event) => {
    if (ignored(event) || event.key.length > 1) return;
    const keys = prefix + event.key;
    clearTimeout(timer);
    prefix = "";
    if (onRow[keys]) onRow[keys]();
    else if (document.querySelector(`[data-shortcut^="${CSS.escape(keys)} "]`)) {
      prefix = `${keys} `;
      timer = setTimeout(() => (prefix = ""), SEQUENCE_MS);
    } else if (!follow(keys)) return;
    event.preventDefault();
  });
}
