"""The app that the recordings were made with: one orchestrator per trap, and HTTP functions that start and poke them.

Names, routes and answers are recorded facts. What is done to each function is in `../scenarios`.
"""

import azure.durable_functions as df
import azure.functions as func
from recorded_app import activities, endpoints, events, failures, plain, timers

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for module in (endpoints, plain, events, timers, failures, activities):
    app.register_functions(module.bp)
