// Forms that edit one property in place: Escape gives up, Ctrl or Cmd with Enter saves from a long text.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest(".property-form, .comment-form");
  if (!form || event.isComposing) return;
  if (event.key === "Escape") form.querySelector("[data-cancel]").click();
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

// What asks for the focus gets it once: htmx would give it again whenever something around it is read again. A form that
// opens lets people go on writing where the text ends.
document.addEventListener("htmx:load", ({ target }) => {
  for (const field of [target, ...target.querySelectorAll("[autofocus]")]) {
    if (!field.hasAttribute("autofocus")) continue;
    if (field.matches(":is(.property-editor, [data-editing]) :is([type='text'], textarea):focus")) field.setSelectionRange(-1, -1);
    field.removeAttribute("autofocus");
  }
});

// News of a part of the page waits while something in that part is being edited or pressed (what is replaced between
// pressing and letting go is not clicked), or a form for it is on its way. What is no news changes nothing: no focus, no
// selection.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const { target, fragment } = detail;
  const busy = target.querySelector("[data-editing], .htmx-request, :active");
  if (busy || fragment.firstElementChild?.isEqualNode(target)) detail.shouldSwap = false;
});
