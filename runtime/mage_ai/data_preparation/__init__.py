"""Mage: data preparation."""
