"""The record of what we manage: its model, its encoding, its stores, views and merge."""
