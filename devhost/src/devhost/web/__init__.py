"""HTTP in: routes, keys, the management API, and the rules of Kestrel."""
