"""What happens next in a case: what happened goes in, a new review comes out. Values, without a clock. Pure.

one_level    a case with one question, asked once    Review, NEXT
"""
