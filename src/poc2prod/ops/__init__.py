"""The contract's rules and compiler, those of the generated project itself.

The files are links into the template. The audit judges with them instead of asking the audited
repository, whose own copy may be anything.
"""
