"""The pages: a view in, HTML out. Views hold words; templates hold none that need a rule.

words        times in the reader's zone, due times, money    Reader, money
views        one dataclass for each page                     Page and its kinds
states       pages that say what is the matter               already_decided, not_found, ...
forms        the bytes of a form -> its fields               read_form
submission   fields of a policy file <-> a form              form_fields, proposal_body
case_pages   pages of one case                             case_page, confirm_page
timeline     the record of a case in words                   timeline
lists        the inbox                                       inbox_page
rules        policies in words                               policy_page, policy_list
one_level    the same without a policy file                  policies_page
outbox       mails of a local run                            text_parts
addresses    addresses of pages                              path_of, sign_in
just_done    what this browser has just done                 JustDone
render       a view -> HTML                                  render
static_files the files that are served as they are           static_file, url_of
"""
