"""Targets: the one of this machine, and those of blocklift.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployer.errors import ProjectError, UsageError
from deployer.model import Project
from deployer.target import local, named

PROD = {"project_id": "acme-data", "region": "us-central1", "buckets": ["acme-trips"]}


def project(**targets: object) -> Project:
    return Project("Taxi_Trips", Path("/somewhere/Taxi_Trips"), (), settings={"targets": targets})


def test_the_local_target_always_exists_and_is_all_in_one_place() -> None:
    target = local(project(), "http://127.0.0.1:9090")
    assert target.endpoints.functions == target.endpoints.storage == "http://127.0.0.1:9090"
    assert target.bucket == "blocklift-local-blocklift-taxi-trips"
    assert target.pushes_secrets
    assert target.makes_data_buckets
    assert target.pace.per_minute is None


def test_a_google_target_has_googles_endpoints_and_quotas() -> None:
    target = named(project(prod=PROD), "prod")
    assert target.endpoints.functions == "https://cloudfunctions.googleapis.com"
    assert target.workflow("daily") == "projects/acme-data/locations/us-central1/workflows/daily"
    assert target.buckets == ("acme-trips",)
    assert not target.pushes_secrets
    assert target.pace.per_minute == 50


def test_a_service_is_reached_by_path_here_and_by_its_own_name_there() -> None:
    here, there = local(project(), "http://127.0.0.1:9090"), named(project(prod=PROD), "prod")
    assert here.reach("daily-load", "42", "/x") == "http://127.0.0.1:9090/run/daily-load/x"
    assert there.reach("daily-load", "42", "/x") == "https://daily-load-42.us-central1.run.app/x"
    assert here.url("daily-load", "42") == "https://daily-load-42.europe-west1.run.app"


def test_every_mistake_of_a_target_is_reported_at_once() -> None:
    with pytest.raises(ProjectError) as caught:
        named(project(prod={"projekt": "x", "regoin": "y"}), "prod")
    text = str(caught.value)
    assert all(word in text for word in ("projekt", "regoin", "project_id is missing"))


def test_an_unknown_target_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        named(project(prod=PROD), "staging")
    assert "local, prod" in caught.value.hint


def test_a_long_name_keeps_a_valid_bucket_name() -> None:
    long = Project("p" * 80, Path("/p"), ())
    assert len(local(long, "http://x").bucket) <= 63


def test_a_missing_key_file_is_told_with_the_way_out(tmp_path: Path) -> None:
    target = named(project(prod={**PROD, "credentials": str(tmp_path / "no.json")}), "prod")
    with pytest.raises(UsageError, match="no Google credentials"):
        target.credentials()
