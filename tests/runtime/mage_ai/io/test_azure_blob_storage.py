"""Tables as blobs in Azure, by Azure's own client."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from runtime.mage_ai.io.azure_blob_storage import AzureBlobStorage
from runtime.mage_ai.io.config import ConfigFileLoader
from tests.runtime.mage_ai.io.azure_server import ACCOUNT, Account, azure

CLIENT = "azure.storage.blob"
pytest.importorskip(CLIENT, reason="Azure's client is missing: pip install azure-storage-blob")
errors: Any = pytest.importorskip("azure.core.exceptions")
KEY = {"account_name": ACCOUNT, "account_key": base64.b64encode(b"secret").decode()}
FRAME = pd.DataFrame({"n": [1, 2], "s": ["ä", None]})


@pytest.fixture
def account() -> Iterator[Account]:
    with azure("lake") as opened:
        yield opened


def storage(account: Account, **more: Any) -> AzureBlobStorage:
    settings = {"credential": KEY, "retry_total": 0, **more}
    return AzureBlobStorage(verbose=False, account_url=account.url, **settings)


@pytest.mark.parametrize("name", ["t.parquet", "deep/er/t.csv", "t.json"])
def test_a_table_goes_and_comes_back(account: Account, name: str) -> None:
    blobs = storage(account)
    how: dict[str, Any] = {"index": False} if name.endswith("csv") else {}
    blobs.export(FRAME, "lake", name, **how)
    assert list(account.blobs) == [f"lake/{name}"]
    back = blobs.load("lake", name)
    assert back["n"].tolist() == [1, 2]
    assert back["s"][0] == "ä"
    assert back["s"].isna().tolist() == [False, True]


def test_a_large_table_goes_in_blocks_and_comes_back_in_ranges(account: Account) -> None:
    pieces = {
        "max_single_put_size": 1000,
        "max_block_size": 1000,
        "min_large_block_upload_threshold": 1,
    }
    ranges = {"max_single_get_size": 1000, "max_chunk_get_size": 700}
    blobs = storage(account, **pieces, **ranges)
    frame = pd.DataFrame({"n": range(900)})
    blobs.export(frame, "lake", "many.csv", index=False)
    assert account.asked.count("PUT block") == 4
    assert account.asked.count("PUT blocklist") == 1
    assert account.blocks == {}
    pd.testing.assert_frame_equal(blobs.load("lake", "many.csv"), frame)
    assert account.asked.count("GET blob") == 5


def test_a_second_export_replaces_the_first_unless_it_is_told_not_to(account: Account) -> None:
    blobs = storage(account)
    blobs.export(FRAME, "lake", "t.parquet")
    blobs.export(FRAME[:1], "lake", "t.parquet")
    assert len(blobs.load("lake", "t.parquet")) == 1
    with pytest.raises(errors.ResourceExistsError, match="BlobAlreadyExists"):
        blobs.export(FRAME, "lake", "t.parquet", upload_kwargs={"overwrite": False})
    assert len(blobs.load("lake", "t.parquet")) == 1


def test_what_is_not_there_is_an_empty_table(account: Account) -> None:
    blobs = storage(account)
    assert blobs.load("lake", "none.csv").empty
    blobs.export(FRAME, "lake", "some.csv")
    assert blobs.exists("lake", "some.csv")
    assert not blobs.exists("lake", "some")


def test_a_refusal_is_azures_own(account: Account) -> None:
    with pytest.raises(errors.ResourceNotFoundError, match="ContainerNotFound"):
        storage(account).export(FRAME, "sea", "t.csv")
    with pytest.raises(errors.ClientAuthenticationError, match="AuthenticationFailed"):
        storage(account, credential=None).export(FRAME, "lake", "t.csv")


OWN = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"}


@pytest.mark.parametrize(
    ("config", "who"), [(OWN, "ClientSecretCredential"), ({}, "DefaultAzureCredential")]
)
def test_who_asks_is_told_by_io_config_or_the_surroundings(
    config: dict[str, str], who: str
) -> None:
    pytest.importorskip("azure.identity", reason="azure-identity is not installed")
    config = config | {"AZURE_STORAGE_ACCOUNT_NAME": "shop"}
    blobs = AzureBlobStorage.with_config(ConfigFileLoader(config=config))
    assert blobs.service_client.url == "https://shop.blob.core.windows.net/"
    assert type(blobs.service_client.credential).__name__ == who


def test_an_account_is_needed() -> None:
    with pytest.raises(ValueError, match="AZURE_STORAGE_ACCOUNT_NAME must be set"):
        AzureBlobStorage.with_config(ConfigFileLoader(config=OWN))
