"""The rules: what a proposal is, who is asked, what an event means, what happens next. Pure; time comes in as a value.

body          bytes -> JSON values         read_body
proposal      JSON values -> proposal      Proposal, read_proposal
amount        how much money it is about   read_amount, ambiguity
link          where a document is          link_fault
text          what people read             fault, named, one_line, clip
policy        who is asked, how long       Policy, duration
case          what an instance is given    stamp, Case
decision      what an event means          read, Decision, Junk
review        what happens next            Review, NEXT
status        what people see meanwhile    describe
messages      the original tutorial's sentences
idempotency   the same request twice       instance_id, digest
journal       what the log is told         entries
stats         how the cases stand          Tally
health        whether the app is well      report
errors        everything that can go wrong, with its code
"""

VERSION = "0.1.0"  # that of pyproject.toml, which is not deployed
