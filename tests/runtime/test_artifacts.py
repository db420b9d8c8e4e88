"""Outputs are written once, under names that nobody has to list."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from runtime.artifacts import LINGERS, Artifacts
from runtime.contract import Manifest
from runtime.errors import InputProblem, SettingsProblem, StoreProblem
from runtime.gcs import PIECE, Bucket
from runtime.record import replace
from tests.runtime.fakes import FakeCloud
from tests.runtime.project import BUCKET


@pytest.fixture
def artifacts(cloud: FakeCloud) -> Artifacts:
    return Artifacts(Bucket(BUCKET), "shop", "orders", "run-1")


def test_the_first_to_publish_wins(artifacts: Artifacts) -> None:
    prefix = artifacts.prefix("load")
    first, second = Manifest("load", "aaaa", []), Manifest("load", "bbbb", [])
    assert artifacts.publish(prefix, first) == first
    assert artifacts.publish(prefix, second) == first
    assert artifacts.manifests([prefix, artifacts.prefix("other")]) == [first, None]


def test_names_are_those_that_the_documents_promise(artifacts: Artifacts, cloud: FakeCloud) -> None:
    frame = pd.DataFrame({"n": [1]})
    artifacts.write(artifacts.prefix("sub/load", 3), "abcd", [frame, "text"])
    assert cloud.names() == [
        "runs/shop/orders/run-1/sub/load/3/abcd/output_0.parquet",
        "runs/shop/orders/run-1/sub/load/3/abcd/output_1.txt",
    ]


def test_a_lost_answer_to_publishing_is_no_loss(artifacts: Artifacts, cloud: FakeCloud) -> None:
    """The upload arrives, its answer does not; the client asks again and hears 412."""
    answers = iter([503])
    kept = Manifest("load", "aaaa", [])

    def lose(method: str, path: str) -> int | None:
        if method == "POST" and "manifest" in path:
            import json

            cloud.keep(
                BUCKET,
                f"{artifacts.prefix('load')}manifest.json",
                json.dumps(kept.to_json()).encode(),
            )
            return next(answers, None)
        return None

    cloud.refuse = lose
    assert artifacts.publish(artifacts.prefix("load"), kept) == kept


def test_a_large_table_is_sent_and_read_in_pieces(artifacts: Artifacts, cloud: FakeCloud) -> None:
    noise = np.random.default_rng(1).integers(0, 1 << 20, 4_300_000)
    (written,) = artifacts.write(artifacts.prefix("load"), "abcd", [pd.DataFrame({"x": noise})])
    assert written.data is None
    assert written.ref.rows == 4_300_000
    sent = [path for method, path in cloud.requests if method == "PUT"]
    assert len(sent) > 1
    assert len(sent) == -(-written.ref.bytes // PIECE)
    (frame,) = artifacts.outputs(Manifest("load", "abcd", [written.ref.to_json()]))
    np.testing.assert_array_equal(frame["x"], noise)


def test_outputs_of_others_are_not_read(artifacts: Artifacts) -> None:
    (written,) = artifacts.write(artifacts.prefix("load"), "abcd", [Counter("ab")])
    assert artifacts.reread([written]) == [Counter("ab")]
    for uri in ("gs://elsewhere/x.pkl", f"gs://{BUCKET}/runs/shopping/orders/x.pkl"):
        foreign = replace(written.ref, uri=uri)
        with pytest.raises(InputProblem, match="no output of this project"):
            artifacts.outputs(Manifest("load", "abcd", [foreign.to_json()]))


def test_a_changed_pickle_is_not_read(artifacts: Artifacts, cloud: FakeCloud) -> None:
    (written,) = artifacts.write(artifacts.prefix("load"), "abcd", [Counter("ab")])
    (name,) = cloud.names()
    cloud.keep(BUCKET, name, cloud.objects[BUCKET, name].replace(b"Counter", b"OrderedD"))
    with pytest.raises(ValueError, match="not the one that its manifest names"):
        artifacts.outputs(Manifest("load", "abcd", [written.ref.to_json()]))


def test_an_expired_output_is_said(artifacts: Artifacts, cloud: FakeCloud) -> None:
    (written,) = artifacts.write(artifacts.prefix("load"), "abcd", [[1, 2]])
    cloud.objects.clear()
    with pytest.raises(InputProblem, match="is gone"):
        artifacts.outputs(Manifest("load", "abcd", [written.ref.to_json()]))


def test_a_refusal_says_whose_it_is(artifacts: Artifacts, cloud: FakeCloud) -> None:
    cloud.refuse = lambda method, _path: 403 if method == "POST" else None
    with pytest.raises(SettingsProblem, match=r"writing gs://bucket/.* answered 403: refused"):
        artifacts.publish(artifacts.prefix("load"), Manifest("load", "a", []))
    cloud.refuse = lambda _method, _path: 400
    with pytest.raises(StoreProblem, match="answered 400"):
        artifacts.manifests([artifacts.prefix("load")])


def test_a_busy_storage_is_asked_again(artifacts: Artifacts, cloud: FakeCloud) -> None:
    answers = iter([503, 429])
    cloud.refuse = lambda method, _path: next(answers, None) if method == "GET" else None
    assert artifacts.manifests([artifacts.prefix("load")]) == [None]


def test_children_are_read_until_there_is_no_more(artifacts: Artifacts) -> None:
    for n in range(20):
        artifacts.publish(artifacts.prefix("child", n), Manifest("child", f"{n:04}", []))
    found = [m.attempt for m in artifacts.children(artifacts.prefix("child"))]
    assert found == [f"{n:04}" for n in range(20)]


def test_a_large_output_is_there_when_it_has_settled(
    artifacts: Artifacts, cloud: FakeCloud
) -> None:
    numbers = np.arange(LINGERS)
    written = artifacts.write(artifacts.prefix("load"), "abcd", [numbers, pd.DataFrame({"n": [1]})])
    assert [item.arriving is None for item in written] == [False, True]
    assert (artifacts.reread(written)[0] == numbers).all()
    artifacts.settle(written)
    manifest = Manifest("load", "abcd", [item.ref.to_json() for item in written])
    assert (artifacts.outputs(manifest)[0] == numbers).all()
    assert len(cloud.names()) == 2


def test_a_large_output_that_is_refused_does_not_settle(
    artifacts: Artifacts, cloud: FakeCloud
) -> None:
    cloud.refuse = lambda method, path: 403 if method == "POST" else None
    written = artifacts.write(artifacts.prefix("load"), "abcd", ["x" * (LINGERS + 1)])
    with pytest.raises(SettingsProblem, match="403"):
        artifacts.settle(written)
