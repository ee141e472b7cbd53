"""Registers the test host: fixture ``durable_host``."""

pytest_plugins = ["devhost.testing"]
