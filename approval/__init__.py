"""The domain: what a proposal is, who is asked, what an event means, what happens next. Pure; time comes in as a value.

proposal      JSON values -> proposal      Proposal, read_proposal
typed_proposal  that of a policy file      TypedProposal, read_typed
parts         what both have in common     Shape, Line, Attachment
amount        how much money it is about   read_amount, ambiguity
link          where a document is          link_fault
json_values   numbers, places, names       Number, path, RESERVED
text          what people read             fault, named, one_line, clip
policy        who is asked, how long       a package of its own
case_id       ids of cases, read out       of_random, of_request, read_id
case          what an instance is given    new_input, read_input, Case
submission    the same under a policy file Submission, genuine, stored_input
payload       what of an event is read     readable, parsed
decision      what an event means          read, Decision, Junk
acts          what somebody does to a case Act, Verdict, read_act
seals         who wrote a text             Sealed, is_genuine
opening       a level that opens           Request, Opened, Opening
open_level    who is asked, by when        open_level, answer
forecast      what is done, open, ahead    path
silence       what if nobody acts          silence, after_silence
record        what happened, in order      What, joined
turns         who has to do something now  Turn, turn_of
notices       who hears of what            notices, still_holds, moves_to_tell, notice_id
effects       activities, tried again      Effect, Effects
review        what happens next            a package of its own
status        what people see meanwhile    describe
level_status  the same, with levels        describe_levels
sentence      the same, in plain words     sentence
may           what would be refused now    may, refusal
visible       who may see a case           may_see
instants      times as text                written, read
messages      the original tutorial's sentences
errors        what can be wrong with a proposal or in a case
"""
