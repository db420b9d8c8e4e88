"""Workflows v1 as a client sees it."""

import asyncio
import re
from pathlib import Path

from emulator.drive.language import Language
from emulator.workflows.source import SourceError, SourceProblem
from tests.emulator.drive.world import World, finish
from tests.emulator.hiring import hire
from tests.emulator.services.client import PARENT, as_account, client_of

WORKFLOWS = f"{PARENT}/workflows"


def world_of(folder: Path) -> World:
    """Any source parses, except one with a mistake in it."""

    def parse(source: str, **_):
        if "mistake" in source:
            raise SourceError(
                [
                    SourceProblem(3, 5, "symbol 'x' is not a variable", "load"),
                    SourceProblem(9, 1, "unknown step 'away'", "clean"),
                ]
            )
        return source

    return World(folder, language=Language(parse, lambda *_, **__: finish()))


def test_a_workflow_is_created_by_an_operation_that_is_done(tmp_path: Path) -> None:
    async def story() -> None:
        async with client_of(world_of(tmp_path)) as client:
            body = {"sourceContents": "one", "labels": {"team": "a"}, "callLogLevel": 1}
            answer = await client.post(WORKFLOWS, params={"workflowId": "etl"}, json=body)
            operation = answer.json()
            assert operation["done"]
            assert operation["metadata"]["verb"] == "create"
            made = operation["response"]
            assert made["@type"] == "type.googleapis.com/google.cloud.workflows.v1.Workflow"
            got = (await client.get(f"{WORKFLOWS}/etl")).json()
            assert {"@type": made["@type"], **got} == made
            assert re.fullmatch(r"000001-[0-9a-f]{3}", got["revisionId"])
            assert got["callLogLevel"] == "LOG_ALL_CALLS"
            assert got["state"] == "ACTIVE"
            assert got["serviceAccount"].endswith("-compute@developer.gserviceaccount.com")
            polled = (await client.get(f"/v1/{operation['name']}")).json()
            assert polled["response"]["name"] == got["name"]

    asyncio.run(story())


def test_mistakes_in_the_source_are_all_told_with_their_places(tmp_path: Path) -> None:
    async def story() -> None:
        async with client_of(world_of(tmp_path)) as client:
            body = {"sourceContents": "a mistake"}
            answer = await client.post(WORKFLOWS, params={"workflowId": "etl"}, json=body)
            error = answer.json()["error"]
            assert (answer.status_code, error["status"]) == (400, "INVALID_ARGUMENT")
            assert error["message"] == (
                "failed to build: error in step load: symbol 'x' is not a variable "
                "(line 3, column 5)\n"
                "error in step clean: unknown step 'away' (line 9, column 1) (Code: 3)"
            )
            assert (await client.get(f"{WORKFLOWS}/etl")).status_code == 404

    asyncio.run(story())


def test_a_revision_is_made_only_by_what_changes_what_runs(tmp_path: Path) -> None:
    async def story() -> None:
        async with client_of(world_of(tmp_path)) as client:
            await client.post(WORKFLOWS, params={"workflowId": "etl"}, json=source("one"))
            first = (await client.get(f"{WORKFLOWS}/etl")).json()
            await patch(client, {"labels": {"a": "b"}}, "labels")
            labelled = (await client.get(f"{WORKFLOWS}/etl")).json()
            assert labelled["revisionId"] == first["revisionId"]
            assert labelled["sourceContents"] == "one"
            await patch(client, source("two"), "sourceContents")
            await patch(client, {"userEnvVars": {"K": "v"}}, "user_env_vars")
            revisions = (await client.get(f"{WORKFLOWS}/etl:listRevisions")).json()["workflows"]
            assert [r["revisionId"][:6] for r in revisions] == ["000003", "000002", "000001"]
            old = await client.get(f"{WORKFLOWS}/etl", params={"revisionId": first["revisionId"]})
            assert old.json()["sourceContents"] == "one"

    asyncio.run(story())


def test_an_update_without_a_mask_sets_what_the_body_has(tmp_path: Path) -> None:
    async def story() -> None:
        async with client_of(world_of(tmp_path)) as client:
            first = source("one") | {"description": "d", "labels": {"a": "b"}}
            await client.post(WORKFLOWS, params={"workflowId": "etl"}, json=first)
            await client.patch(f"{WORKFLOWS}/etl", json={"labels": {"c": "d"}})
            got = (await client.get(f"{WORKFLOWS}/etl")).json()
            assert got["labels"] == {"c": "d"}
            assert got["description"] == "d"
            await patch(client, {}, "description")
            assert "description" not in (await client.get(f"{WORKFLOWS}/etl")).json()
            answer = await client.patch(
                f"{WORKFLOWS}/etl", params={"updateMask": "state"}, json={"state": 1}
            )
            assert answer.status_code == 400

    asyncio.run(story())


def test_what_a_workflow_may_not_hold_is_refused_all_at_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with client_of(world_of(tmp_path)) as client:
            body = {
                "labels": {"Upper": "x"},
                "userEnvVars": {"GOOGLE_X": "1", "BIG": "x" * 5000},
                "description": "d" * 1001,
            }
            answer = await client.post(WORKFLOWS, params={"workflowId": "etl"}, json=body)
            message = answer.json()["error"]["message"]
            for part in ("description", "'Upper'", "'GOOGLE_X'", "'BIG'", "source must not be"):
                assert part in message
            for wrong in ("", "1etl", "etl-", "a" * 65, "e.tl"):
                answer = await client.post(
                    WORKFLOWS, params={"workflowId": wrong}, json=source("one")
                )
                assert answer.status_code == 400, wrong

    asyncio.run(story())


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with client_of(world_of(tmp_path)) as client:
            for code in (200, 409):
                answer = await client.post(
                    WORKFLOWS, params={"workflowId": "etl"}, json=source("one")
                )
                assert answer.status_code == code
            deleted = (await client.delete(f"{WORKFLOWS}/etl")).json()
            assert deleted["done"]
            assert deleted["response"]["@type"].endswith("Empty")
            assert (await client.delete(f"{WORKFLOWS}/etl")).status_code == 404
            answer = await client.post(WORKFLOWS, params={"workflowId": "etl"}, json=source("one"))
            assert answer.json()["response"]["revisionId"].startswith("000001")

    asyncio.run(story())


def test_lists_are_filtered_ordered_and_paged(tmp_path: Path) -> None:
    async def story() -> None:
        async with client_of(world_of(tmp_path)) as client:
            for name, team in (("b", "x"), ("a", "x"), ("c", "y")):
                await client.post(
                    WORKFLOWS,
                    params={"workflowId": name},
                    json=source("one") | {"labels": {"team": team}},
                )
            first = await client.get(
                WORKFLOWS,
                params={"filter": "labels.team=x", "orderBy": "name desc", "pageSize": 1},
            )
            assert ids(first.json()) == ["b"]
            token = first.json()["nextPageToken"]
            second = await client.get(
                WORKFLOWS,
                params={"filter": "labels.team=x", "orderBy": "name desc", "pageToken": token},
            )
            assert ids(second.json()) == ["a"]
            assert "nextPageToken" not in second.json()

    asyncio.run(story())


def test_a_service_account_needs_the_roles(tmp_path: Path) -> None:
    async def story() -> None:
        world = world_of(tmp_path)
        hire(world.cloud.store, "deployer@demo-project.iam.gserviceaccount.com")
        email = "deployer@demo-project.iam.gserviceaccount.com"
        async with client_of(world) as client:
            answer = await client.post(
                WORKFLOWS,
                params={"workflowId": "etl"},
                json=source("one"),
                headers=as_account(email),
            )
            assert answer.status_code == 403
            assert "workflows.workflows.create" in answer.json()["error"]["message"]
            member = f"serviceAccount:{email}"
            roles = ("roles/workflows.editor", "roles/iam.serviceAccountUser")
            bindings = [{"role": role, "members": [member]} for role in roles]
            world.cloud.access.set_policy("projects/demo-project", {"bindings": bindings})
            answer = await client.post(
                WORKFLOWS,
                params={"workflowId": "etl"},
                json=source("one"),
                headers=as_account(email),
            )
            assert answer.status_code == 200, answer.text

    asyncio.run(story())


def source(text: str) -> dict:
    return {"sourceContents": text}


def ids(answer: dict) -> list[str]:
    return [workflow["name"].rpartition("/")[2] for workflow in answer["workflows"]]


async def patch(client, body: dict, mask: str) -> None:
    answer = await client.patch(f"{WORKFLOWS}/etl", params={"updateMask": mask}, json=body)
    assert answer.status_code == 200, answer.text
