// The command palette: Ctrl or Cmd with K opens it, and so does whatever has data-palette. The server lists what
// matches; the keyboard stays in the field and aria-activedescendant says which option Enter chooses.
{
  const dialog = document.getElementById("palette");
  const input = document.getElementById("palette-input");
  const list = document.getElementById("palette-list");
  const options = () => [...list.querySelectorAll("[role=option]")];
  const selected = () => list.querySelector("[aria-selected=true]");

  const select = (option) => {
    selected()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };

  const open = () => {
    if (dialog.open) return;
    const task = document.activeElement.closest(".task-row") ?? document.querySelector("main [data-task]");
    document.getElementById("palette-task").value = task ? "1" : "";
    input.value = "";
    shown = undefined;
    list.replaceChildren();
    select(null);
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

  const step = (by) => {
    const all = options();
    select(all.at((all.indexOf(selected()) + by) % all.length));
  };
  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: () => (input.value === shown ? choose(selected()) : (isChosen = true)),
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
    select(options()[0] ?? null);
    shown = asked;
    if (isChosen && dialog.open) choose(selected());
    isChosen = false;
  });
  list.addEventListener("click", ({ target }) => choose(target.closest("[role=option]")));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
