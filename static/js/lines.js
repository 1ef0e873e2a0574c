// Several lines that are pasted into quick add open the preview of what each would become.
{
  const dialog = document.getElementById("lines-dialog");
  document.addEventListener("paste", (event) => {
    if (!event.target.matches("#quick-add-line")) return;
    const text = event.clipboardData.getData("text/plain");
    if (text.split(/\r?\n/).filter((line) => line.trim()).length < 2) return;
    event.preventDefault();
    const values = { text };
    for (const name of ["project", "due"]) {
      const field = event.target.form.elements[name];
      if (field) values[name] = field.value;
    }
    htmx.ajax("POST", dialog.dataset.address, { target: dialog, values }).then(() => dialog.showModal());
  });
  dialog.addEventListener("click", ({ target }) => target.closest("[data-close]") && dialog.close());
  // Added: the answer has toasts and no form any more.
  dialog.addEventListener("htmx:afterSwap", () => dialog.querySelector("form") ?? dialog.close());
}
