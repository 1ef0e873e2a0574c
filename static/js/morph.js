// Morphing must not take away what somebody is typing.
Idiomorph.defaults.ignoreActiveValue = true;
for (const callback of ["beforeNodeMorphed", "beforeNodeRemoved"]) {
  Idiomorph.defaults.callbacks[callback] = (node) => !(node instanceof Element && node.matches("[data-editing]"));
}
