"""A local host for Azure Durable Functions apps in Python: it loads any v2 app from a folder and tells the truth."""
