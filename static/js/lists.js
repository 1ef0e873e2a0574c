// A list that loads itself again keeps the keyboard where it was: on its row while that stays in its group, else on
// the row that took its place. Undoing leads to the row that came back, and so does the end of editing a row.
{
  const group = (row) => row?.closest(".group")?.id;
  const focus = (row) => row?.querySelector(".task-title").focus();
  let left;
  let undone;

  document.addEventListener("task-changed", ({ target, detail }) => {
    if (target.matches(".toast-action:focus-visible")) undone = `task-${detail.task}`;
  });

  // What was chosen from a menu closes it, and leaves the keyboard at its button.
  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    target.closest(".popover[popover]")?.hidePopover();
    const menu = target.closest(".row-menu[open]");
    if (menu?.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu?.removeAttribute("open");
  });

  document.addEventListener("htmx:beforeSwap", ({ target }) => {
    if (target.id !== "list") return;
    const focused = document.activeElement;
    const row = focused.matches(":focus-visible") && focused.closest(".task-row");
    if (!row && focused.closest(".task-row")) focused.blur(); // or the page would follow a ticked row down
    const index = [...document.querySelectorAll("#list .task-row")].indexOf(row);
    left = index < 0 ? undefined : { index, id: row.id, group: group(row) };
  });

  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (target.matches(".task-row") && document.activeElement === document.body) focus(target);
    if (target.id !== "list") return;
    const rows = [...document.querySelectorAll("#list .task-row")];
    if (undone) focus(document.getElementById(undone));
    else if (left && group(document.getElementById(left.id)) !== left.group) focus(rows[left.index] ?? rows.at(-1));
    left = undone = undefined;
  });
}
