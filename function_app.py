"""What is deployed: one app, made of the blueprints in ``functions``.

The worker wants to see exactly one app here, so blueprints stay inside their modules.
"""

import azure.durable_functions as df
import azure.functions as func

from functions import (
    activities,
    health,
    heartbeat,
    machine,
    notices,
    pages,
    patterns,
    policies,
    policy_start,
    proposals,
    retention,
    review_flow,
    sign_in,
    start,
    stats,
)

policy_start.begin()
app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(start.blueprint)
app.register_functions(review_flow.blueprint)
app.register_functions(activities.blueprint)
app.register_functions(notices.blueprint)
app.register_functions(retention.blueprint)
app.register_functions(health.blueprint)
app.register_functions(stats.blueprint)
app.register_functions(sign_in.blueprint)
app.register_functions(proposals.blueprint)
app.register_functions(policies.blueprint)
app.register_functions(machine.blueprint)
app.register_functions(pages.blueprint)
for blueprint in heartbeat.blueprints():  # none without HEARTBEAT=on
    app.register_functions(blueprint)
for blueprint in patterns.blueprints():  # none with PATTERNS=off
    app.register_functions(blueprint)
