"""Who is asked, for how long, and what happens then: the rules that a case is started with. Pure but for the command.

one_level       the policy of a case that names none     OneLevelPolicy
durations       texts -> time spans                      duration, read_span
file            a policy file -> a model, or mistakes    read
model           what a policy file states                PolicyFile, Policy, Level, Route
fields          the typed fields of a proposal           Field, representatives
conditions      the language of ``when``                 read_condition, Condition
routing         which policy, which levels, which cases  route_of, open_levels, cases
values          a value that was sent for a field        read_value, hint
frozen          the policy of a running case             FrozenPolicy
words           a policy file in plain words             file_in_words
tables          key by key, with each mistake            Table, Report, Mistake
read_fields     ``[[field]]``                            read_field
read_directory  people, groups, limits                   read_people
read_policies   policies, levels, routes                 read_policies, read_routes
lines           on which line a key is                   lines_of
__main__        the command ``check``                    main
"""
