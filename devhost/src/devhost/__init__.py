"""A local host for Azure Durable Functions apps in Python: it loads any v2 app and runs it as Azure does."""
