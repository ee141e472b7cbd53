"""What the service around the approvals does and reports. Pure: no clock, no environment, no I/O, no Azure.

body          bytes -> JSON values             read_body
idempotency   the same request twice           instance_id, digest
errors        what can go wrong with a request, each with its code and HTTP status
problems      an error as an RFC 9457 answer   problem_of
log_events    what is logged of a review     log_events
stats         cases counted by their state   Tally
health        whether the app is well          report
retention     how long finished cases stay     Run
"""

VERSION = "0.1.0"  # that of pyproject.toml, which is not deployed
