"""Mage: orchestration."""
