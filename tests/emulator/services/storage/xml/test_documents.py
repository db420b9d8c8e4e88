"""XML in and out."""

from __future__ import annotations

import pytest

from emulator.services.storage.ask import StorageError
from emulator.services.storage.xml.documents import completion, document

GOOD = (
    b'<CompleteMultipartUpload xmlns="http://doc.s3.amazonaws.com/2006-03-01">'
    b'<Part><PartNumber>1</PartNumber><ETag>"a"</ETag></Part>'
    b"<Part><ETag>b</ETag><PartNumber> 2 </PartNumber></Part></CompleteMultipartUpload>"
)


def test_names_that_xml_cannot_hold() -> None:
    made = document("R", [("Key", "a<b>&\x00c"), ("In", [("Deep", "x")])])
    assert "<Key>a&lt;b&gt;&amp;\ufffdc</Key><In><Deep>x</Deep></In>".encode() in made


def test_the_parts_of_a_completion() -> None:
    assert completion(GOOD) == [(1, '"a"'), (2, "b")]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not xml",
        GOOD.replace(b"1", b"one"),
        GOOD.replace(b"PartNumber", b"Number"),
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + GOOD,
    ],
)
def test_what_is_no_completion(raw: bytes) -> None:
    with pytest.raises(StorageError, match="well-formed"):
        completion(raw)
