// A tick changes at once; if the server refuses or cannot be reached, it goes back to what it was.
{
  const before = new WeakMap();
  const show = (tick, status) => {
    tick.dataset.status = status;
    const row = tick.closest(".task-row");
    if (row) row.dataset.status = status;
  };
  const revert = ({ detail: { elt } }) => before.has(elt) && show(elt, before.get(elt));

  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (!elt.matches(".tick")) return;
    before.set(elt, elt.dataset.status);
    show(elt, elt.dataset.status === "completed" ? "pending" : "completed");
  });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:sendAbort", "htmx:timeout"]) {
    document.addEventListener(name, revert);
  }
}
