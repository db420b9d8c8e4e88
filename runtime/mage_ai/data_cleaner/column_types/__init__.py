"""Mage: types of columns."""
