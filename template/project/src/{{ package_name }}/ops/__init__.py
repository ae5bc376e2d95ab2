"""Managed by poc2prod: contracts, training, evaluation, registry, scoring.

Read in this order: contract, dataset, splits, training, evaluation, bundle, registry, predictor;
then commands. Extend in features.py, model.py, sources.py, the contracts and settings.toml.
"""
