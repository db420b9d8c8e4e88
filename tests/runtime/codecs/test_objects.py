"""Values of libraries that only some functions have, between two blocks: GeoPandas, scipy, sklearn.

Each part is skipped where its library is not installed: they are no dependencies of Blocklift.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from runtime import codecs
from tests.runtime.project import Project


def needs(name: str, distribution: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed: pip install {distribution}")


def again(value: Any) -> Any:
    encoded = codecs.encode(value)
    return codecs.decode(encoded.format, encoded.data(), encoded.meta)


# --- GeoPandas


def geo(**more: Any) -> Any:
    """Two places, one of them unknown; `more` are columns."""
    geopandas = needs("geopandas", "geopandas")
    points = geopandas.GeoSeries.from_wkt(["POINT (1 2)", None], crs="EPSG:4326")
    return geopandas.GeoDataFrame({"n": [1, 2], **more}, geometry=points)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"s": ["a", None], "when": pd.to_datetime(["2024-05-01", "NaT"])},
        {"lists": [[1], [2, 3]], "dicts": [{"a": 1}, {"b": 2}], "mixed": [1, "x"]},
        {"kind": pd.Categorical(["x", "y"]), "took": pd.to_timedelta([1, 2], unit="s")},
    ],
    ids=["plain", "texts", "objects", "categories"],
)
def test_places_keep_their_columns_and_their_system(more: dict[str, Any]) -> None:
    frame = geo(**more)
    back = again(frame)
    testing = needs("geopandas.testing", "geopandas")
    testing.assert_geodataframe_equal(back, frame, check_dtype=not more)
    assert back.crs == frame.crs
    assert {name: back[name].tolist() for name in ("lists", "dicts", "mixed") if name in more} == {
        name: value for name, value in more.items() if name in ("lists", "dicts", "mixed")
    }


def test_several_geometries_an_index_and_names_that_are_numbers() -> None:
    frame = geo()
    frame = frame.assign(far=frame.geometry.to_crs("EPSG:3857")).set_index("n")
    assert again(frame).far.crs == "EPSG:3857"
    assert again(frame).index.tolist() == [1, 2]
    assert again(frame.rename_geometry("place")).active_geometry_name == "place"
    numbered = again(frame.set_axis([5, "far"], axis="columns").set_geometry(5))
    assert (list(numbered.columns), numbered.active_geometry_name) == (["5", "far"], "5")


def test_places_without_a_geometry_are_a_table() -> None:
    geopandas = needs("geopandas", "geopandas")
    back = again(geopandas.GeoDataFrame({"n": [1]}))
    assert type(back) is pd.DataFrame
    assert back["n"].tolist() == [1]


def test_places_go_from_block_to_block(project: Project) -> None:
    needs("geopandas", "geopandas")
    code = """
        import geopandas

        @data_loader
        def places():
            points = geopandas.points_from_xy([1, 2], [3, 4])
            return geopandas.GeoDataFrame({'n': [1, 2]}, geometry=points, crs='EPSG:4326')

        @test
        def knows_where(output, *args):
            assert output.crs.to_epsg() == 4326
    """
    project.block("places", code)
    answer = project.call("places")
    assert (answer.rows, answer.tests) == (2, 1)
    assert project.received("places").geometry.x.tolist() == [1, 2]


# --- scipy


@pytest.mark.parametrize("kind", ["matrix", "array"])
@pytest.mark.parametrize("form", ["csr", "csc", "coo", "bsr", "dia", "lil", "dok"])
def test_sparse_matrices_of_every_form(form: str, kind: str) -> None:
    sparse = needs("scipy.sparse", "scipy")
    matrix = getattr(sparse, f"{form}_{kind}")(sparse.eye(3) * 2.5)
    back = again(matrix)
    assert type(back) is type(matrix)
    assert (back.toarray() == matrix.toarray()).all()


def test_a_sparse_matrix_is_one_output_and_no_list(project: Project) -> None:
    needs("scipy.sparse", "scipy")
    code = "import scipy.sparse\n@data_loader\ndef f():\n    return scipy.sparse.eye(3).tocsr()\n"
    project.block("matrix", code)
    assert project.call("matrix").outputs == 1
    assert project.received("matrix").sum() == 3


def test_sparse_columns_of_a_table() -> None:
    frame = pd.DataFrame({"a": pd.arrays.SparseArray([0, 0, 1]), "b": ["x", "y", "z"]})
    pd.testing.assert_frame_equal(again(frame), frame)
    empty = frame.assign(c=pd.Series([None, 1.5, None]).astype(pd.SparseDtype("float64")))
    pd.testing.assert_frame_equal(again(empty), empty)
    pd.testing.assert_series_equal(again(frame["a"]), frame["a"])


# --- scikit-learn, joblib

TRAINED = """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    @transformer
    def train():
        model = make_pipeline(StandardScaler(), LogisticRegression())
        model.fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
        return {returned}

    @test
    def predicts(output, *args):
        model = output['model'] if isinstance(output, dict) else output
        assert model.predict([[3.0]]).tolist() == [1]
"""


@pytest.mark.parametrize(
    ("returned", "key"),
    [("model", None), ("model, 0.75", 0), ("{'model': model, 'score': 0.75}", "model")],
)
def test_models_go_from_block_to_block(project: Project, returned: str, key: Any) -> None:
    needs("sklearn", "scikit-learn")
    project.block("train", TRAINED.replace("{returned}", returned), kind="transformer")
    assert project.call("train").tests == 1
    received = project.received("train")
    model = received[key] if key is not None else received
    assert model.predict([[0.0], [3.0]]).tolist() == [0, 1]
    assert project.refs("train")[0].meta["by"] == "joblib"


def test_a_vectorizer_and_its_matrix(project: Project) -> None:
    needs("sklearn", "scikit-learn")
    code = """
        from sklearn.feature_extraction.text import TfidfVectorizer

        @transformer
        def f():
            texts = TfidfVectorizer()
            return texts.fit_transform(['a bc', 'bc de']), texts
    """
    project.block("texts", code, kind="transformer")
    project.call("texts")
    matrix, vectorizer = project.received("texts")
    assert (matrix != vectorizer.transform(["a bc", "bc de"])).nnz == 0
