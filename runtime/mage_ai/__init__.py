"""The names that users' blocks import as `mage_ai`; heavy libraries are imported on first use."""
