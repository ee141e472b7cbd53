"""What the service around the approvals does and reports. Pure: no clock, no environment, no I/O, no Azure.

body              bytes -> JSON values             read_body
forms             bytes -> fields of a form        read_form
idempotency       the same request twice           instance_id, digest
errors            what can go wrong with a request, each with its code and HTTP status
act_errors        the same for acts and for cases  CaseUnknown, ActLate, ...
problems          an error as an RFC 9457 answer   problem_of
act_body          the body of an act               read_act_body
acting            an act before it is judged, and its refusal   certain_verdict, refusal
case_reading      what a case shows of itself      GenuineCase, state_of, verdict_shown
case_view         a case as JSON, for all answers  case_view, summary
one_level_case    a case of one level, seen so     one_level_case
policy_view       the policies as JSON             policies_view
inbox             what waits for whom              Inbox, open_case
sending           how a notice is sent to all      Sending
openapi           the description of the API       document
openapi_shapes    the shapes in it
log_events        what is logged of a review       log_events
level_log_events  the same, with levels            told_of
stats             cases counted by their state     Tally
health            whether the app is well          report
retention         how long finished cases stay     Run
"""

VERSION = "0.1.0"  # that of pyproject.toml, which is not deployed
