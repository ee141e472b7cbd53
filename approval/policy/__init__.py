"""Who is asked, for how long, and what happens then: the rules that a case is started with.

one_level     the policy of a case that names none       Policy
durations     texts -> time spans                        duration
"""
