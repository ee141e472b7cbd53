"""What happens next in a case: what happened goes in, a new review comes out. Values, without a clock. Pure.

opened        which review an input gets                opened
one_level     a case with one question, asked once      Review, NEXT
levels        a case under a policy file                LevelsReview
levels_state  its values, and the steps of its moves    LevelsState
transitions   its states, its events, and the table     CaseStage, CaseEvent, NEXT, diagram
course        how far it has come through its levels    Course, ClosedLevel
votes         what votes come to, group by group        level_standing, turn
verdicts      what an act is worth                      judge
heard         what an event means                       read_sealed_act
acts_seen     the acts that were judged                 ActsSeen
answers       what an answer of OpenLevel means         event_of, entries_of
journal       what is announced, and when               Journal
"""
