"""A real Kubernetes API without machines, to try the chart on. README.md."""
