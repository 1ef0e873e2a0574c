// Options that a text field commands: the focus stays in the field, and aria-activedescendant says which one is meant.
// Source: the combobox pattern of the ARIA Authoring Practices Guide.
class Listbox {
  constructor(field, list) {
    this.field = field;
    this.list = list;
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]:not([hidden])")];
  }

  get selected() {
    return this.list.querySelector("[aria-selected=true]");
  }

  select(option) {
    this.selected?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  step(by) {
    const all = this.options;
    this.select(all.at((all.indexOf(this.selected) + by) % all.length));
  }
}
