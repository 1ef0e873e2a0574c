// Dragging rows and cards: where one is dropped is sent with its version, and the list loads itself again. What a list
// sets is in its data-sortable: the order, a day, a status, …; the menu of each row does the same by keyboard.
{
  const MOVABLE = "[data-version], [data-place]"; // data-place is where it is sent, if it is no task
  const id = (element) => element?.dataset.key ?? element?.dataset.task ?? element?.id.replace("task-", "") ?? "";
  const near = (element, step) => {
    let found = element[step];
    while (found && !found.matches(MOVABLE)) found = found[step];
    return id(found);
  };

  let missed = false; // whether the list would have shown something new meanwhile
  const drop = ({ item, to, from, oldIndex, newIndex }) => {
    item.removeAttribute("data-dragging");
    if (to === from && (oldIndex === newIndex || to.dataset.sortable !== "order")) {
      if (missed) htmx.trigger(document.body, "task-changed", {});
      missed = false;
      return;
    }
    missed = false;
    const values = item.dataset.version ? { version: item.dataset.version } : {};
    if (to.dataset.sortable === "order") {
      values.before_id = near(item, "previousElementSibling");
      values.after_id = near(item, "nextElementSibling");
    } else values[to.dataset.sortable] = to.dataset.value;
    htmx.ajax("POST", item.dataset.place ?? `/tasks/${id(item)}/place`, { source: item, swap: "none", values });
  };

  const prepare = () => {
    for (const list of document.querySelectorAll("[data-sortable]")) {
      if (Sortable.get(list)) continue;
      Sortable.create(list, {
        group: list.dataset.sortable,
        draggable: MOVABLE,
        handle: list.dataset.handle ?? ".row-handle",
        delay: 250,
        delayOnTouchOnly: true,
        animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
        ghostClass: "drop-place",
        onStart: ({ item }) => item.setAttribute("data-dragging", ""),
        onEnd: drop,
      });
    }
  };
  document.addEventListener("DOMContentLoaded", prepare);
  document.addEventListener("htmx:afterSettle", prepare);
  // No list is replaced under the hand that drags; where it drops something, the list is loaded again anyway.
  document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
    if (target.id !== "list" || !document.querySelector("[data-dragging]")) return;
    detail.shouldSwap = false;
    missed = true;
  });
  // What was refused goes back to where the server has it.
  for (const name of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(name, ({ target }) => target.matches(MOVABLE) && htmx.trigger(document.body, "task-changed"));
  }
}
