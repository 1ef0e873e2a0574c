// Morphing must not take away what somebody is typing.
Idiomorph.defaults.ignoreActiveValue = true;
