"""Mage: helpers shared by data preparation."""
