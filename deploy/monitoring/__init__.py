"""Alerts and dashboards for Prometheus and Grafana. README.md says what is written by hand and what is not."""
