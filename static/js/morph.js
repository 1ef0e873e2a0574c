// Morphing must not take away what somebody is typing.
Idiomorph.defaults.ignoreActiveValue = true;
for (const callback of ["beforeNodeMorphed", "beforeNodeRemoved"]) {
  Idiomorph.defaults.callbacks[callback] = (node) => !(node instanceof Element && node.matches("[data-editing]"));
}

// A menu or a note that was opened stays open when what it belongs to is loaded again.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.matches("details"));
