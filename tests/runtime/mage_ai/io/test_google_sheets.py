"""mage_ai.io.google_sheets: gspread against spreadsheets that are kept in lists."""

from __future__ import annotations

import io
import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pandas as pd
import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from requests.adapters import BaseAdapter

from runtime.mage_ai.io.google_sheets import GoogleSheets

gspread = pytest.importorskip("gspread", reason="gspread is not installed: pip install gspread")
BOOK = "/v4/spreadsheets/([^/]+)"


class Sheets(BaseAdapter):
    """The REST interfaces of Sheets and Drive, as far as gspread asks them."""

    def __init__(self, **books: dict[str, list[list[Any]]]) -> None:
        super().__init__()
        self.books = books
        """Name, which is also the id → worksheet → rows."""

    def close(self) -> None:
        pass

    def send(self, request: Any, **_: Any) -> requests.Response:
        parts = urlsplit(request.url)
        status, body = self._answer(request.method, unquote(parts.path), parts.query, request.body)
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, request.url
        response.raw = io.BytesIO(json.dumps(body).encode())
        return response

    def _answer(self, method: str, path: str, query: str, body: Any) -> tuple[int, Any]:
        if path == "/drive/v3/files":
            found = re.findall(r"name ?= ?[\"']([^\"']+)", parse_qs(query)["q"][0])
            return 200, {"files": [{"id": n, "name": n} for n in self.books if n in found]}
        asked = re.fullmatch(f"{BOOK}(?:/values/'?([^'!]+)'?(?:!A1)?)?", path)
        if not asked or asked[1] not in self.books:
            return 404, {"error": {"code": 404, "message": "not found", "status": "NOT_FOUND"}}
        book = self.books[asked[1]]
        if asked[2] is None:
            return 200, _described(asked[1], book)
        if method == "PUT":
            assert parse_qs(query)["valueInputOption"] == ["RAW"]
            _over(book[asked[2]], json.loads(body)["values"])
            return 200, {}
        values = [[str(cell) for cell in row] for row in book[asked[2]]]
        return 200, {"range": asked[2], "majorDimension": "ROWS", "values": values}


def _described(name: str, book: dict[str, Any]) -> dict[str, Any]:
    size = {"rowCount": 100, "columnCount": 26}
    sheets = [
        {"properties": {"sheetId": n, "title": title, "index": n, "gridProperties": size}}
        for n, title in enumerate(book)
    ]
    return {"spreadsheetId": name, "properties": {"title": name}, "sheets": sheets}


def _over(rows: list[list[Any]], new: list[list[Any]]) -> None:
    """From A1 on; what lies beyond stays."""
    for n, row in enumerate(new):
        if n == len(rows):
            rows.append([])
        rows[n][: len(row)] = row


@pytest.fixture
def cloud() -> Sheets:
    return Sheets(sales={"May": [["id", "item"], [1, "x"], [2, "y"]], "June": [["a"], ["b"], [3]]})


@pytest.fixture
def loader(cloud: Sheets) -> GoogleSheets:
    session = requests.Session()
    session.mount("https://", cloud)
    return GoogleSheets(credentials=AnonymousCredentials(), session=session)


def test_worksheets_by_every_selector(loader: GoogleSheets) -> None:
    """The first arguments may be given by place, as in Mage; cells are texts."""
    may = loader.load("https://docs.google.com/spreadsheets/d/sales/edit")
    assert may.to_dict("list") == {"id": ["1", "2"], "item": ["x", "y"]}
    assert loader.load(None, "sales", None, "June").to_dict("list") == {"a": ["b", "3"]}
    june = loader.load(sheet_name="sales", worksheet_position=1, header_rows=2)
    assert june.to_dict("list") == {"a b": ["3"]}
    with pytest.raises(ValueError, match="name the sheet"):
        loader.load()


def test_an_export_writes_over_what_is_there(loader: GoogleSheets, cloud: Sheets) -> None:
    frame = pd.DataFrame({"id": [7], "at": [pd.Timestamp("2024-01-02")], "none": [None]})
    loader.export(frame, sheet_id="sales")
    rows = cloud.books["sales"]["May"]
    assert rows[:2] == [["id", "at", "none"], [7, "2024-01-02 00:00:00", ""]]
    assert rows[2] == [2, "y"]


def test_whether_there_is_one(loader: GoogleSheets) -> None:
    assert loader.exists(sheet_id="sales", worksheet_name="May")
    assert not loader.exists(sheet_id="sales", worksheet_name="July")
    assert not loader.exists(sheet_id="nowhere")
    assert not loader.exists(sheet_name="nowhere")
