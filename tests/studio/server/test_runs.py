from __future__ import annotations

import io

import pytest
from matplotlib.figure import Figure

from studio.server.runs import picture


@pytest.mark.parametrize(("form", "kind"), [("png", "png"), ("jpg", "jpeg")])
def test_a_figure_that_matplotlib_saved_is_shown(form: str, kind: str) -> None:
    pytest.importorskip("PIL")
    saved = io.BytesIO()
    Figure().savefig(saved, format=form)
    assert picture(saved.getvalue()).startswith(f"data:image/{kind};base64,")


def test_other_bytes_are_only_named() -> None:
    assert picture(b"<svg onload='alert(1)'>") == "bytes, 23 bytes"
