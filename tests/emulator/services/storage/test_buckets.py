"""Buckets: settings, policies, refusals."""

from __future__ import annotations

import pytest
from google.api_core import exceptions

LISTING = "/storage/v1/b?project=blocklift-local"


def test_a_bucket_keeps_its_settings(client, fresh_name: str) -> None:
    made = client.bucket(fresh_name)
    made.iam_configuration.uniform_bucket_level_access_enabled = True
    made.add_lifecycle_delete_rule(age=7, matches_prefix=["runs/"])
    made.labels = {"blocklift": "yes"}
    made.soft_delete_policy.retention_duration_seconds = 0
    client.create_bucket(made, location="europe-west1")
    again = client.get_bucket(fresh_name)
    assert again.location == "EUROPE-WEST1"
    assert again.location_type == "region"
    assert again.iam_configuration.uniform_bucket_level_access_enabled
    rule = next(iter(again.lifecycle_rules))
    assert rule["condition"] == {"age": 7, "matchesPrefix": ["runs/"]}
    assert again.soft_delete_policy.retention_duration_seconds == 0
    assert fresh_name in {bucket.name for bucket in client.list_buckets()}


def test_labels_are_patched_one_by_one(emulator, bucket: str) -> None:
    path = f"/storage/v1/b/{bucket}"
    emulator.call("PATCH", path, {"labels": {"a": "1", "b": "2"}})
    changed = emulator.call("PATCH", path, {"labels": {"a": None, "c": "3"}}).json
    assert changed["labels"] == {"b": "2", "c": "3"}
    assert changed["metageneration"] == "3"


def test_the_same_name_twice(client, google_bucket) -> None:
    with pytest.raises(exceptions.Conflict, match="already own it"):
        client.create_bucket(google_bucket.name)


def test_a_full_bucket_stays(google_bucket) -> None:
    google_bucket.blob("o").upload_from_string("x")
    with pytest.raises(exceptions.Conflict, match="not empty"):
        google_bucket.delete()
    google_bucket.delete(force=True)
    assert not google_bucket.exists()


@pytest.mark.parametrize("name", ["", "A-Capital", "ab", "-dash", "has space"])
def test_names_that_google_does_not_take(emulator, name: str) -> None:
    assert emulator.post(LISTING, {"name": name}).code == 400


def test_without_a_project(emulator) -> None:
    refused = emulator.post("/storage/v1/b", {"name": "some-bucket"})
    assert (refused.code, refused.json["error"]["errors"][0]["reason"]) == (400, "required")


def test_policies_with_conditions_need_uniform_access(emulator, fresh_name: str) -> None:
    emulator.post(LISTING, {"name": fresh_name})
    policy = {
        "version": 3,
        "bindings": [
            {
                "role": "roles/storage.objectViewer",
                "members": ["user:a@example.com"],
                "condition": {"title": "t", "expression": 'resource.name.startsWith("x")'},
            }
        ],
    }
    path = f"/storage/v1/b/{fresh_name}"
    assert emulator.call("PUT", f"{path}/iam", policy).code == 412
    uniform = {"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}}
    emulator.call("PATCH", path, uniform)
    assert emulator.call("PUT", f"{path}/iam", policy).code == 200


def test_a_stale_policy_is_refused(google_bucket) -> None:
    first, second = google_bucket.get_iam_policy(), google_bucket.get_iam_policy()
    first["roles/storage.objectViewer"] = {"allUsers"}
    google_bucket.set_iam_policy(first)
    with pytest.raises(exceptions.Conflict):
        google_bucket.set_iam_policy(second)


def test_permissions_of_the_owner(google_bucket) -> None:
    asked = ["storage.objects.get", "storage.buckets.delete"]
    assert google_bucket.test_iam_permissions(asked) == asked


def test_metageneration_is_a_precondition(emulator, bucket: str) -> None:
    path = f"/storage/v1/b/{bucket}"
    assert emulator.call("PATCH", f"{path}?ifMetagenerationMatch=7", {}).code == 412
    assert emulator.call("PATCH", f"{path}?ifMetagenerationMatch=1", {}).code == 200


def test_pages(emulator) -> None:
    for n in range(3):
        emulator.post("/storage/v1/b?project=paged-project", {"name": f"paged-{n}"})
    path = "/storage/v1/b?project=paged-project&maxResults=2"
    first = emulator.get(path).json
    rest = emulator.get(f"{path}&pageToken={first['nextPageToken']}").json
    names = [b["name"] for b in first["items"] + rest["items"]]
    assert names == ["paged-0", "paged-1", "paged-2"]
    assert "nextPageToken" not in rest


def test_layout_and_service_account(emulator, bucket: str) -> None:
    assert emulator.get(f"/storage/v1/b/{bucket}/storageLayout").json["locationType"] == "region"
    account = emulator.get("/storage/v1/projects/blocklift-local/serviceAccount").json
    assert account["email_address"].startswith("service-")
