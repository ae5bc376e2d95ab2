"""Managed by poc2prod: contracts, training, evaluation, registry, serving.

Read in this order: contract, splits, training, evaluation, registry, predictor; then commands.
Extend in features.py, model.py, sources.py, the contracts and settings.toml, not here.
"""
