"""One SQLite database with one writer: everything that a task hub keeps."""
