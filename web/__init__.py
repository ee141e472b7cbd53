"""The pages: a view in, HTML out. Views hold words; templates hold none that need a rule.

words        times in the reader's zone, due times, money    Reader, money
views        one dataclass for each page                     Page and its kinds
states       pages that say what is the matter               already_decided, not_found, ...
forms        the bytes of a form -> its fields               read_form
submission   fields of a policy file <-> a form              form_fields, proposal_body
timeline     the record of a case in words                   timeline
rules        policies in words                               policy_page, policy_list
render       a view -> HTML                                  render
static_files the files that are served as they are           static_file, url_of
"""
