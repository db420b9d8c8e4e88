"""Who may do what: by bindings on the resource, above it, and under conditions."""

from __future__ import annotations

import pytest

from emulator.access import Policies
from emulator.clock import RealClock
from emulator.cloud import OWNER, Principal, project_number
from emulator.errors import ApiError
from emulator.projects import KnownProjects
from emulator.store import Store
from tests.emulator.hiring import hire

RUN = Principal("flow-run@my-project.iam.gserviceaccount.com")
OTHER = Principal("other@my-project.iam.gserviceaccount.com")
SECRET = "projects/my-project/secrets/s"
ACCESS = "secretmanager.versions.access"
ACCESSOR = "roles/secretmanager.secretAccessor"


@pytest.fixture
def store() -> Store:
    made = Store(None)
    hire(made, RUN.email, OTHER.email)
    return made


@pytest.fixture
def access(store: Store) -> Policies:
    return Policies(store, RealClock(), KnownProjects(store, "my-project"))


def bind(access: Policies, resource: str, role: str, *members: str, condition: str = "") -> None:
    binding = {"role": role, "members": list(members)}
    if condition:
        binding["condition"] = {"title": "t", "expression": condition}
    access.set_policy(resource, {"version": 3, "bindings": [binding]})


def test_nobody_but_the_owner_at_first(access: Policies) -> None:
    assert access.holds(OWNER, ACCESS, SECRET)
    assert not access.holds(RUN, ACCESS, SECRET)


def test_a_binding_on_the_resource(access: Policies) -> None:
    bind(access, SECRET, ACCESSOR, RUN.member)
    assert access.holds(RUN, ACCESS, f"{SECRET}/versions/1")
    assert not access.holds(RUN, ACCESS, "projects/my-project/secrets/s2/versions/1")
    assert not access.holds(RUN, "secretmanager.secrets.delete", SECRET)
    assert not access.holds(OTHER, ACCESS, SECRET)


def test_a_binding_on_the_project_reaches_down(access: Policies) -> None:
    bind(access, "projects/my-project", ACCESSOR, RUN.member)
    assert access.holds(RUN, ACCESS, f"{SECRET}/versions/latest")
    assert not access.holds(RUN, ACCESS, "projects/another-project/secrets/s")


def test_a_project_may_be_named_by_its_number(access: Policies) -> None:
    number = project_number("my-project")
    bind(access, f"projects/{number}/secrets/s", ACCESSOR, RUN.member)
    assert access.holds(RUN, ACCESS, SECRET)
    assert access.policy(SECRET) == access.policy(f"projects/{number}/secrets/s")


def test_everybody(access: Policies) -> None:
    service = "projects/my-project/locations/l/services/s"
    bind(access, service, "roles/run.invoker", "allUsers")
    assert access.holds(OTHER, "run.routes.invoke", service)


def test_conditions_name_the_project_by_number(access: Policies) -> None:
    prefix = f"projects/{project_number('my-project')}/secrets/titanic-"
    condition = f'resource.name.startsWith("{prefix}")'
    bind(access, "projects/my-project", ACCESSOR, RUN.member, condition=condition)
    assert access.holds(RUN, ACCESS, "projects/my-project/secrets/titanic-db/versions/1")
    assert not access.holds(RUN, ACCESS, SECRET)


def test_a_condition_that_cannot_be_told_grants_nothing(access: Policies) -> None:
    bind(access, SECRET, ACCESSOR, RUN.member, condition="resource.moon == 1")
    assert not access.holds(RUN, ACCESS, SECRET)


def test_buckets_inherit_from_the_project_that_made_them(access: Policies) -> None:
    bind(access, "projects/my-project", "roles/storage.objectViewer", RUN.member)
    name = "projects/_/buckets/b/objects/o"
    assert not access.holds(RUN, "storage.objects.get", name)
    access.adopt("projects/_/buckets/b", "projects/my-project")
    assert access.holds(RUN, "storage.objects.get", name)
    access.forget("projects/_/buckets/b")
    assert not access.holds(RUN, "storage.objects.get", name)


def test_the_refusal_names_permission_and_resource(access: Policies) -> None:
    with pytest.raises(ApiError) as refused:
        access.require(RUN, ACCESS, SECRET)
    assert refused.value.code == 403
    assert refused.value.message.startswith(f"Permission '{ACCESS}' denied on resource '{SECRET}'")
    assert refused.value.details[0]["metadata"]["permission"] == ACCESS


def test_stale_etags_are_refused(access: Policies) -> None:
    read = access.policy(SECRET)
    bind(access, SECRET, ACCESSOR, RUN.member)
    with pytest.raises(ApiError, match="concurrent policy changes"):
        access.set_policy(SECRET, read)
    access.set_policy(SECRET, {**access.policy(SECRET), "bindings": []})
    assert not access.holds(RUN, ACCESS, SECRET)


@pytest.mark.parametrize(
    ("binding", "told"),
    [
        ({"role": "roles/no.such", "members": []}, "Role roles/no.such"),
        ({"role": ACCESSOR, "members": ["somebody"]}, "unknown type"),
        ({"role": ACCESSOR, "members": [RUN.member], "condition": {"expression": "true"}}, "3"),
    ],
)
def test_policies_that_google_does_not_take(access: Policies, binding, told: str) -> None:
    with pytest.raises(ApiError, match=told):
        access.set_policy(SECRET, {"version": 1, "bindings": [binding]})


def test_policies_survive_a_restart(store: Store, access: Policies) -> None:
    bind(access, SECRET, ACCESSOR, RUN.member)
    again = Policies(store, RealClock(), KnownProjects(store, "my-project"))
    assert again.holds(RUN, ACCESS, SECRET)
    again.forget(SECRET)
    assert not Policies(store, RealClock(), KnownProjects(store, "my-project")).holds(
        RUN, ACCESS, SECRET
    )


def test_the_default_account_is_an_editor(access: Policies) -> None:
    number = project_number("my-project")
    default = Principal(f"{number}-compute@developer.gserviceaccount.com")
    access.adopt("projects/_/buckets/b", "projects/my-project")
    assert access.holds(default, "storage.objects.create", "projects/_/buckets/b/objects/o")
    assert not access.holds(default, ACCESS, SECRET)
    assert not access.holds(default, "resourcemanager.projects.setIamPolicy", "projects/my-project")


def test_a_policy_names_only_accounts_that_exist(store: Store, access: Policies) -> None:
    with pytest.raises(ApiError, match="nobody@my-project"):
        bind(access, SECRET, ACCESSOR, "serviceAccount:nobody@my-project.iam.gserviceaccount.com")
    agent = "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com"
    bind(access, SECRET, ACCESSOR, agent)
    assert access.policy(SECRET)["bindings"][0]["members"] == [agent]


def test_a_deleted_account_leaves_a_binding_that_no_new_one_gets(access: Policies) -> None:
    bind(access, SECRET, ACCESSOR, RUN.member)
    access.bury(RUN.email, "17")
    assert not access.holds(RUN, ACCESS, SECRET)
    policy = access.policy(SECRET)
    assert policy["bindings"][0]["members"] == [f"deleted:{RUN.member}?uid=17"]
    assert access.set_policy(SECRET, policy)["bindings"] == policy["bindings"]


def test_conditions_name_bigquerys_project_by_id(access: Policies) -> None:
    mine = "projects/my-project/datasets/shop"
    condition = f'resource.name == "{mine}" || resource.name.startsWith("{mine}/")'
    bind(
        access, "projects/my-project", "roles/bigquery.dataEditor", RUN.member, condition=condition
    )
    permission = "bigquery.tables.getData"
    assert access.holds(RUN, permission, f"{mine}/tables/orders")
    assert not access.holds(RUN, permission, f"{mine}_2/tables/orders")
