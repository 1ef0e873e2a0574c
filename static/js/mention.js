// Whom one can mention: while an @ is being written, the members whose names begin like that are offered below the
// text. Arrows choose, Enter or Tab take, Escape closes; without this script a name is simply typed.
{
  const WORD = /(?:^|[^\p{L}\p{N}_@/.-])@([\p{L}\p{N}_.+-]*)$/u;
  const people = new Map(); // what the server says, by address, asked for once
  let field, list, offered;

  const written = () => field.value.slice(0, field.selectionStart).match(WORD)?.[1];

  const close = () => {
    list?.remove();
    field?.removeAttribute("aria-activedescendant");
    field?.removeAttribute("aria-controls");
    list = null;
  };

  const show = (html) => {
    if (!list) {
      list = Object.assign(document.createElement("ul"), { id: "mentions", className: "popover mentions" });
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", field.dataset.label);
      list.append(...new DOMParser().parseFromString(html, "text/html").body.children);
      field.after(list);
      offered = new Listbox(field, list);
      field.setAttribute("aria-controls", "mentions");
    }
    const start = written().toLowerCase();
    for (const option of list.children)
      option.hidden = !option.dataset.names.split(" ").some((name) => name.startsWith(start));
    const first = offered.options[0];
    if (first) offered.select(first);
    else close();
  };

  const choose = (option) => {
    const end = field.selectionStart;
    field.setRangeText(`${option.dataset.word} `, end - written().length, end, "end");
    field.focus();
    close();
  };

  const look = async ({ target }) => {
    if (!target.matches?.("textarea[data-mentions]")) return;
    if (target !== field) close();
    field = target;
    field.setAttribute("aria-autocomplete", "list");
    if (written() === undefined) return close();
    const address = field.dataset.mentions;
    if (!people.has(address)) people.set(address, fetch(address).then((answer) => (answer.ok ? answer.text() : Promise.reject())));
    try {
      const html = await people.get(address);
      if (document.activeElement === field && written() !== undefined) show(html);
    } catch {
      people.delete(address); // the next @ asks again
    }
  };

  const keys = {
    ArrowDown: () => offered.step(1),
    ArrowUp: () => offered.step(-1),
    Enter: () => choose(offered.selected),
    Tab: () => choose(offered.selected),
    Escape: close,
  };

  document.addEventListener("input", look);
  // Before the keys that save a form or leave it.
  document.addEventListener(
    "keydown",
    (event) => {
      if (!list || event.target !== field || event.isComposing || event.ctrlKey || event.metaKey || !keys[event.key])
        return;
      if (written() === undefined) return close(); // the caret went elsewhere
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    },
    true,
  );
  document.addEventListener("mousedown", (event) => list?.contains(event.target) && event.preventDefault());
  document.addEventListener("click", ({ target }) => {
    const option = list?.contains(target) && target.closest("[role=option]");
    if (option) choose(option);
  });
  document.addEventListener("focusout", ({ target }) => target === field && close());
}
