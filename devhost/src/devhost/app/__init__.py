"""One app: load it, and call its functions as the Functions worker does."""
