"""Questionnaires as data: one format for checks and surveys, an XLSForm dialect compiled to canonical JSON with a hash.

`form` holds the values, `expression` the safe evaluator, `answering` what happens to answers, `sheets` XLSX and YAML in and
out, `rows` and `cells` tables into a form, `checking` and `points` what is wrong with it and where.
"""
