"""Files that people attach to tasks: how they may be called, of which kind they are, where they are kept."""
