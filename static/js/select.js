// Selecting rows: "x" on a row, Shift with a click, a long press, or the checkboxes that "Select" shows. The page works
// out by itself what is shown while something is selected; this keeps the number, and the selection when a list loads
// itself again.
{
  const LONG_PRESS_MS = 500;
  const boxes = () =>
    [...document.querySelectorAll("#list .tick-select > input")].filter((each) => each.closest(".task-row").checkVisibility());
  const box = (row) => row?.querySelector(".tick-select > input");
  const key = (input) => input.closest(".task-row")?.id; // none in the moment in which a list is replaced
  const area = () => document.querySelector("#list .stack-lists");
  const everything = () => document.querySelector("#bulk-form [name=everything]"); // also what the page does not show
  let last;
  let kept;

  const count = () => {
    const label = document.querySelector(".selection-count");
    if (!label) return;
    const all = everything();
    const number = all?.checked ? Number(all.dataset.number) : boxes().filter((each) => each.checked).length;
    const words = number === 1 ? label.dataset.one : label.dataset.many.replace("%n", number);
    if (label.textContent !== words) label.textContent = words;
  };
  const set = (input, checked) => {
    if (!input) return;
    input.checked = checked;
    last = key(input);
    if (!checked && everything()) everything().checked = false;
    count();
  };
  const range = (input, checked) => {
    const all = boxes();
    const from = all.findIndex((each) => key(each) === last);
    const to = all.indexOf(input);
    const [low, high] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    for (const each of all.slice(low, high + 1)) each.checked = checked;
    set(input, checked);
  };

  document.addEventListener("shortcut:select", ({ target }) => {
    const input = box(target.closest(".task-row"));
    if (input) set(input, !input.checked);
  });
  document.addEventListener("change", ({ target }) => {
    if (target.matches(".tick-select > input")) set(target, target.checked);
    if (target !== everything()) return;
    for (const each of boxes()) each.checked = target.checked;
    count();
  });
  document.addEventListener("reset", ({ target }) => {
    if (target.id !== "bulk-form") return;
    area().removeAttribute("data-selecting");
    setTimeout(count);
  });

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-select-toggle]");
    const input = box(event.target.closest(".task-row"));
    if (event.target.closest("[data-select-all]")) {
      for (const each of boxes()) each.checked = true;
      count();
    } else if (toggle) area().toggleAttribute("data-selecting");
    else if (event.shiftKey && input && !event.target.closest("button")) {
      range(input, event.target === input ? input.checked : true);
      getSelection().removeAllRanges();
      if (event.target === input) return;
    } else return;
    event.preventDefault();
  });

  let press;
  const release = () => clearTimeout(press);
  document.addEventListener("pointerdown", (event) => {
    const input = event.pointerType === "touch" && box(event.target.closest(".task-row"));
    if (!input) return;
    press = setTimeout(() => {
      set(input, !input.checked);
      document.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
    }, LONG_PRESS_MS);
  });
  for (const name of ["pointerup", "pointermove", "pointercancel"]) document.addEventListener(name, release);

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest(".bulk-menu");
    if (event.key === "Escape" && menu) menu.open = false;
    else if (event.key === "Escape" && !event.target.matches("input, textarea, select") && boxes().some((each) => each.checked)) {
      document.getElementById("bulk-form").reset();
    } else if (event.key === "Enter" && event.target.matches(".bulk-menu input")) {
      event.preventDefault();
      menu.querySelector("button[type=submit]").click();
    }
  });

  document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (target.id !== "bulk-form" || !detail.successful) return;
    target.reset();
    for (const menu of target.querySelectorAll(".bulk-menu")) menu.open = false;
  });
  document.addEventListener("htmx:beforeSwap", ({ target }) => {
    if (target.id !== "list") return;
    const chosen = boxes().filter((each) => each.checked).map(key);
    kept = { chosen: new Set(chosen), selecting: area()?.hasAttribute("data-selecting"), everything: everything()?.checked };
  });
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (target.id !== "list" || !kept) return;
    for (const each of boxes()) each.checked = kept.chosen.has(key(each));
    area()?.toggleAttribute("data-selecting", kept.selecting);
    if (everything()) everything().checked = Boolean(kept.everything);
    kept = undefined;
    count();
  });
  document.addEventListener("DOMContentLoaded", count);
}
