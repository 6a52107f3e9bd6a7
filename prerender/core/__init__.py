"""Stages, keys, the store, the runner."""
