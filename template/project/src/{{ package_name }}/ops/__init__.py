# Managed by poc2prod; extend in features.py, model.py, sources.py, the contracts and settings.toml.
"""Contracts, training, evaluation, registry, scoring.

Read in this order: contract, dataset, splits, training, evaluation, bundle, registry, predictor;
then commands.
"""
