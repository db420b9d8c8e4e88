"""The methods of Eventarc v1, for either wire."""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import Any

import orjson

from emulator.clock import rfc3339
from emulator.cloud import Cloud, Principal
from emulator.drive.names import known
from emulator.errors import ApiError, invalid, not_found
from emulator.rpc.listing import page
from emulator.rpc.method import Request
from emulator.services.eventarc import rules
from emulator.services.eventarc.delivery import KIND, Delivery, agent, may_publish
from emulator.services.pubsub.broker import TOPIC
from emulator.wire import apply_mask, camel

Json = Any
TYPES = "type.googleapis.com/google.cloud.eventarc.v1"
_NAME = re.compile(r"projects/([^/]+)/locations/([^/]+)/triggers/([^/:]+)")
NO_PUBLISHER = (
    "The Cloud Storage service account for your bucket is unable to publish to Cloud Pub/Sub "
    "topics in the specified project. To use GCS CloudEvent triggers, the GCS service account "
    "requires the Pub/Sub Publisher (roles/pubsub.publisher) IAM role in the specified project. "
    "({})"
)


class EventarcApi:
    """Keeps triggers; what happens to them is the delivery's."""

    def __init__(self, cloud: Cloud, delivery: Delivery) -> None:
        self._cloud = cloud
        self._store = cloud.store
        self._delivery = delivery
        self._operations = cloud.operations("eventarc")

    # -- reading ------------------------------------------------------------------------------

    async def get(self, caller: Principal, request: Request) -> Json:
        return self._trigger(self._named(caller, "get", request["name"]))

    async def list_triggers(self, caller: Principal, request: Request) -> Json:
        parent = self._parent(request["parent"])
        self._cloud.access.require(caller, "eventarc.triggers.list", parent)
        anywhere = parent.endswith("/locations/-")
        prefix = parent.removesuffix("-") if anywhere else f"{parent}/triggers/"
        found = [trigger for _, trigger in self._store.list(KIND, prefix)]
        return page(request, found, "triggers", default=100, most=1000)

    async def list_providers(self, caller: Principal, request: Request) -> Json:
        parent = self._parent(request["parent"])
        self._cloud.access.require(caller, "eventarc.providers.list", parent)
        return page(request, providers(parent), "providers", default=100, most=1000)

    # -- changing -----------------------------------------------------------------------------

    async def create(self, caller: Principal, request: Request) -> Json:
        parent, given = self._parent(request["parent"]), request.get("trigger") or {}
        self._cloud.access.require(caller, "eventarc.triggers.create", parent)
        name = f"{parent}/triggers/{rules.trigger_id(request.get('triggerId') or '')}"
        if self._store.get(KIND, name):
            raise ApiError("ALREADY_EXISTS", f"Resource '{name}' already exists")
        now = rfc3339(self._cloud.clock.now())
        trigger = {field: given[field] for field in rules.SETTABLE if given.get(field)}
        trigger |= {"name": name, "uid": str(uuid.uuid4()), "createTime": now}
        self._complete(caller, trigger, now)
        if not _is_only_checked(request):
            trigger["transport"] = self._delivery.transport(trigger)
            self._keep(trigger)
        return self._done(trigger, "create")

    async def update(self, caller: Principal, request: Request) -> Json:
        given = request.get("trigger") or {}
        name = self._named(caller, "update", given.get("name", ""))
        trigger = dict(self._trigger(name))
        apply_mask(trigger, given, _mask(request.get("updateMask") or "", given))
        self._complete(caller, trigger, rfc3339(self._cloud.clock.now()))
        if not _is_only_checked(request):
            self._keep(trigger)
        return self._done(trigger, "update")

    async def delete(self, caller: Principal, request: Request) -> Json:
        name = self._named(caller, "delete", request["name"])
        trigger = self._store.get(KIND, name)
        if trigger is None and request.get("allowMissing") in (True, "true"):
            return self._done({"name": name}, "delete")
        trigger = self._trigger(name)
        if request.get("etag") and request["etag"] != trigger["etag"]:
            raise ApiError("ABORTED", f"The etag of '{name}' is another one.")
        if not _is_only_checked(request):
            self._store.delete(KIND, name)
            own = rules.type_of(trigger) != rules.PUBSUB or "eventarc-" in _topic(trigger)
            self._delivery.disconnect(trigger, own)
            self._cloud.access.forget(name)
        return self._done(trigger, "delete")

    def _complete(self, caller: Principal, trigger: dict[str, Json], now: str) -> None:
        """Check what was given, and add what Google adds."""
        rules.check(trigger)
        project = trigger["name"].split("/")[1]
        if account := rules.account_of(trigger):
            resource = f"projects/{project}/serviceAccounts/{account}"
            self._cloud.access.require(caller, "iam.serviceAccounts.actAs", resource)
            trigger["serviceAccount"] = resource
        if rules.type_of(trigger) in rules.STORAGE:
            self._check_bucket(trigger, project)
        if (topic := _topic(trigger)) and self._store.get(TOPIC, topic) is None:
            raise not_found(topic)
        trigger["updateTime"] = now
        trigger.pop("etag", None)
        digest = hashlib.sha256(orjson.dumps(trigger, option=orjson.OPT_SORT_KEYS))
        trigger["etag"] = digest.hexdigest()[:32]

    def _check_bucket(self, trigger: dict[str, Json], project: str) -> None:
        if not may_publish(self._cloud, f"projects/{project}/topics/any"):
            raise ApiError("FAILED_PRECONDITION", NO_PUBLISHER.format(agent(project)))

    def _keep(self, trigger: dict[str, Json]) -> None:
        self._store.put(KIND, trigger["name"], trigger)
        self._delivery.connect(trigger)

    def _done(self, trigger: dict[str, Json], verb: str) -> Json:
        now = rfc3339(self._cloud.clock.now())
        metadata = {
            "@type": f"{TYPES}.OperationMetadata",
            "createTime": now,
            "endTime": now,
            "target": trigger["name"],
            "verb": verb,
            "requestedCancellation": False,
            "apiVersion": "v1",
        }
        parent = trigger["name"].partition("/triggers/")[0]
        return self._operations.done(parent, metadata, {"@type": f"{TYPES}.Trigger", **trigger})

    # -- names --------------------------------------------------------------------------------

    def _trigger(self, name: str) -> dict[str, Json]:
        trigger: dict[str, Json] | None = self._store.get(KIND, name)
        if trigger is None:
            raise not_found(name)
        return trigger

    def _named(self, caller: Principal, verb: str, text: str) -> str:
        name = self._name(text)
        self._cloud.access.require(caller, f"eventarc.triggers.{verb}", name)
        return name

    def _name(self, text: str) -> str:
        found = _NAME.fullmatch(text)
        if not found:
            raise invalid(f"'{text}' is not the name of a trigger.")
        project, location, trigger = found.groups()
        place = f"projects/{known(project, self._cloud.projects)}/locations/{location}"
        return f"{place}/triggers/{trigger}"

    def _parent(self, text: str) -> str:
        return self._name(f"{text}/triggers/any").removesuffix("/triggers/any")


def _topic(trigger: dict[str, Json]) -> str:
    return str(((trigger.get("transport") or {}).get("pubsub") or {}).get("topic") or "")


def _is_only_checked(request: Request) -> bool:
    return request.get("validateOnly") in (True, "true")


def _mask(text: str, given: Request) -> list[str]:
    paths = [camel(path.strip()) for path in text.split(",") if path.strip()]
    if not paths or paths == ["*"]:
        return [field for field in rules.CHANGEABLE if field in given]
    if wrong := [p for p in paths if p.partition(".")[0] not in (*rules.CHANGEABLE, "name")]:
        raise invalid(f"Invalid field mask: '{', '.join(wrong)}' cannot be updated.")
    return [path for path in paths if path != "name"]


def providers(parent: str) -> list[dict[str, Json]]:
    """Whose events happen here."""
    bucket = {"attribute": "bucket", "required": True}
    kind = {"attribute": "type", "required": True}
    return [
        {
            "name": f"{parent}/providers/pubsub.googleapis.com",
            "displayName": "Cloud Pub/Sub",
            "eventTypes": [{"type": rules.PUBSUB, "filteringAttributes": [kind]}],
        },
        {
            "name": f"{parent}/providers/storage.googleapis.com",
            "displayName": "Cloud Storage",
            "eventTypes": [
                {"type": name, "filteringAttributes": [kind, bucket]} for name in rules.STORAGE
            ],
        },
    ]
