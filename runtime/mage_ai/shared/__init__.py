"""Mage: plain helpers."""
