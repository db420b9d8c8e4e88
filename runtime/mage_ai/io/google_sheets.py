"""Google Sheets, through gspread."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from runtime.libraries import library
from runtime.mage_ai.io.export_utils import as_frame
from runtime.mage_ai.io.google_io import GoogleIO

if TYPE_CHECKING:
    import pandas as pd


class GoogleSheets(GoogleIO):
    """Load and export worksheets; `client` is gspread's."""

    scopes: ClassVar[tuple[str, ...]] = (
        "https://www.googleapis.com/auth/spreadsheets",
        "https://www.googleapis.com/auth/drive",
    )

    @cached_property
    def client(self) -> Any:
        credentials = self._credentials
        if credentials is None:
            auth = library("google.auth", "google-auth", "Google Sheets")
            credentials, _ = auth.default(scopes=self.scopes)
        return library("gspread", feature="Google Sheets").authorize(credentials, **self._options)

    def fetch_sheet(self, sheet_url: str | None = None, sheet_id: str | None = None) -> Any:
        if sheet_url:
            return self.client.open_by_url(sheet_url)
        if sheet_id:
            return self.client.open_by_key(sheet_id)
        raise ValueError("name the sheet: sheet_url, sheet_id or sheet_name")

    def fetch_worksheet(
        self,
        sheet_url: str | None = None,
        sheet_id: str | None = None,
        sheet_name: str | None = None,
        worksheet_name: str | None = None,
        worksheet_position: int = 0,
    ) -> Any:
        by_name = sheet_name and not (sheet_url or sheet_id)
        sheet = self.client.open(sheet_name) if by_name else self.fetch_sheet(sheet_url, sheet_id)
        if worksheet_name:
            return sheet.worksheet(worksheet_name)
        return sheet.get_worksheet(worksheet_position)

    def load(
        self,
        sheet_url: str | None = None,
        sheet_id: str | None = None,
        sheet_name: str | None = None,
        worksheet_name: str | None = None,
        worksheet_position: int = 0,
        header_rows: int = 1,
        **_options: Any,
    ) -> pd.DataFrame:
        """The worksheet as a table; several header rows are joined by spaces."""
        pandas = library("pandas", feature="reading a table")
        place = (sheet_url, sheet_id, sheet_name, worksheet_name, worksheet_position)
        cells = self.fetch_worksheet(*place).get_all_values()
        heads, rows = cells[:header_rows], cells[header_rows:]
        names = [" ".join(filter(None, column)) for column in zip(*heads, strict=True)]
        frame: pd.DataFrame = pandas.DataFrame(rows, columns=names or None)
        return frame

    def export(
        self,
        df: Any,
        sheet_url: str | None = None,
        sheet_id: str | None = None,
        sheet_name: str | None = None,
        worksheet_name: str | None = None,
        worksheet_position: int = 0,
        **_options: Any,
    ) -> None:
        """Header and rows from A1 on; what lies beyond them stays."""
        frame = as_frame(df)
        texts = frame.astype(object).where(frame.notna(), "")
        rows = [[_cell(value) for value in row] for row in texts.itertuples(index=False)]
        place = (sheet_url, sheet_id, sheet_name, worksheet_name, worksheet_position)
        self.fetch_worksheet(*place).update([[str(c) for c in frame.columns], *rows], "A1")

    def exists(self, **place: Any) -> bool:
        gspread = library("gspread", feature="Google Sheets")
        try:
            self.fetch_worksheet(**place)
        except (gspread.SpreadsheetNotFound, gspread.WorksheetNotFound):
            return False
        return True


def _cell(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return value if isinstance(value, str | int | float | bool) else str(value)
