"""The application as a whole: settings, paths, and what ties the apps together."""

__version__ = "0.1.0"
