"""What a YAML block of a batch pipeline names: `source: api`, `destination: postgresql`.

Mage: "Data integrations in batch pipelines". The text is a template before it is YAML, so it is
read by its lines.
"""

from __future__ import annotations

import re

NAMED = re.compile(r"""(?m)^(?:source|destination|connector_type):[ \t]*["']?([\w-]+)""")


def source_of(text: str) -> str:
    """The connector, empty if the text names none."""
    found = NAMED.search(text)
    return found[1] if found else ""
