"""The readiness audit: how far a repository is from production, and what is missing.

Read in this order: outcome, catalogue, conditions, context, engine, scoring; then `probes`, one
folder for each step, which examine. They read a stranger's `files` and `git` history, believe
`records` as far as these can be checked, and are `running` code in copies. `reports` say it all.
"""
