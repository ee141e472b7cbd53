"""The host that serves: one app on one address, with its state in a folder."""
