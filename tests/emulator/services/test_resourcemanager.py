from __future__ import annotations

from emulator.cloud import project_number

PROJECT = "/v3/projects/blocklift-local"


def test_a_project_by_id_and_by_number(emulator) -> None:
    found = emulator.get(PROJECT).json
    assert found["name"] == f"projects/{project_number('blocklift-local')}"
    assert emulator.get(f"/v3/{found['name']}").json == found
    assert emulator.get("/v1/projects/blocklift-local").json["lifecycleState"] == "ACTIVE"


def test_any_project_is_there_as_soon_as_it_is_named(emulator) -> None:
    assert emulator.get("/v3/projects/brand-new-project").json["projectId"] == "brand-new-project"
    known = {p["projectId"] for p in emulator.get("/v3/projects:search").json["projects"]}
    assert {"blocklift-local", "brand-new-project"} <= known


def test_the_policy_of_a_project(emulator, fresh_name: str) -> None:
    project = f"/v3/projects/{fresh_name}-project"
    policy = emulator.post(f"{project}:getIamPolicy", {}).json
    policy["bindings"].append({"role": "roles/viewer", "members": ["user:a@example.com"]})
    kept = emulator.post(f"{project}:setIamPolicy", {"policy": policy})
    assert kept.json["bindings"] == policy["bindings"]
    stale = emulator.post(f"{project}:setIamPolicy", {"policy": policy})
    assert (stale.code, stale.json["error"]["status"]) == (409, "ABORTED")
    asked = {"permissions": ["resourcemanager.projects.get"]}
    assert emulator.post(f"{project}:testIamPermissions", asked).json == asked
