"""A believable month of somebody's tasks: the story, and its telling through the very paths that people use."""
