// The command palette: Ctrl or Cmd with K opens it, and so does whatever has data-palette. The server lists what
// matches; the keyboard stays in the field and aria-activedescendant says which option Enter chooses.
{
  const dialog = document.getElementById("palette");
  const input = document.getElementById("palette-input");
  const list = document.getElementById("palette-list");
  const offered = new Listbox(input, list);

  const open = () => {
    if (dialog.open) return;
    const task = document.activeElement.closest(".task-row") ?? document.querySelector("main [data-task]");
    document.getElementById("palette-task").value = task ? "1" : "";
    input.value = "";
    shown = undefined;
    isChosen = false;
    list.replaceChildren();
    offered.select(null);
    dialog.showModal();
    input.dispatchEvent(new Event("palette-opens"));
  };

  // Closing gives the focus back to where it was, so a key that acts on a task finds it.
  const choose = (option) => {
    if (!option) return;
    const { href, run } = option.dataset;
    dialog.close();
    if (href) location.assign(href);
    else document.dispatchEvent(new CustomEvent("shortcut:run", { detail: { keys: run } }));
  };

  // Whoever types faster than the list follows means the first of what will be there.
  let asked; // what was typed when the list was asked for
  let shown; // what the list is of
  let isChosen = false;
  input.addEventListener("htmx:configRequest", () => (asked = input.value));
  input.addEventListener("input", () => (isChosen = false));

  const keys = {
    ArrowDown: () => offered.step(1),
    ArrowUp: () => offered.step(-1),
    Enter: () => (input.value === shown ? choose(offered.selected) : (isChosen = true)),
  };

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]")) return;
    event.preventDefault();
    open();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  list.addEventListener("htmx:afterSettle", () => {
    offered.select(offered.options[0]);
    shown = asked;
    if (isChosen && dialog.open) choose(offered.selected);
    isChosen = false;
  });
  list.addEventListener("click", ({ target }) => choose(target.closest("[role=option]")));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
