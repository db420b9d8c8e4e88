"""Mage: data sources and sinks, one module per provider."""
