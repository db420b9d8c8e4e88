"""Names of what we make in the cloud, from the names that authors chose."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from deployer.model import Block, Pipeline

FUNCTION_LIMIT = 49
"""Cloud Run: a service's name has less than 50 characters."""
FUNCTION_LEAST = 4
WORKFLOW_LIMIT = 64
SCHEDULE_LIMIT = 500
"""Cloud Scheduler: Job.name."""
LABEL_LIMIT = 63
EVENT_LIMIT = 63
"""Eventarc: a trigger's id."""
ACCOUNT_LIMITS = (6, 30)


@lru_cache(maxsize=8192)
def slug(text: str) -> str:
    """Lower-case letters, digits and single hyphens, a letter first.

    What is lost of names in other scripts is made up for by a digest.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    plain = plain if plain[:1].isalpha() else f"b-{plain}".rstrip("-")
    lost = any(sign.isalnum() and not sign.isascii() for sign in text)
    return f"{plain}-{_digest(text)}" if lost else plain


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]


def shortened(text: str, limit: int) -> str:
    """The text itself, or its beginning with a digest of the whole."""
    if len(text) <= limit:
        return text
    return f"{text[: limit - 9].rstrip('-_')}-{_digest(text)}"


def function_id(pipeline: Pipeline, block: Block) -> str:
    """Also the id of the Cloud Run service below it, or of a long block's job."""
    name = slug(suffixed(f"{pipeline.id}-{block.id}", pipeline))
    if len(name) < FUNCTION_LEAST:
        name = f"{name}-{_digest(f'{pipeline.id}-{block.id}')}"
    return shortened(name, FUNCTION_LIMIT)


def workflow_id(pipeline: Pipeline) -> str:
    return shortened(slug(suffixed(pipeline.id, pipeline)), WORKFLOW_LIMIT)


def suffixed(text: str, pipeline: Pipeline) -> str:
    return f"{text}-{pipeline.suffix}" if pipeline.suffix else text


def schedule_id(pipeline: Pipeline, trigger: str) -> str:
    """The Cloud Scheduler job of a time trigger."""
    return shortened(slug(suffixed(f"{pipeline.id}-{trigger}", pipeline)), SCHEDULE_LIMIT)


def event_id(pipeline: Pipeline, trigger: str) -> str:
    """The Eventarc trigger of an event trigger, and the relay workflow before it."""
    return shortened(slug(suffixed(f"on-{pipeline.id}-{trigger}", pipeline)), EVENT_LIMIT)


def trigger_function_id(project: str) -> str:
    """The one function that answers a project's API triggers."""
    return shortened(f"{slug(project)}-api-triggers", FUNCTION_LIMIT)


def notifier_id(project: str) -> str:
    """The one function that tells people how a project's runs ended."""
    return shortened(f"{slug(project)}-notifications", FUNCTION_LIMIT)


def trigger_id(pipeline: str, trigger: str) -> int:
    """Six digits: stable wherever the trigger stands in its file."""
    digest = hashlib.sha256(f"{pipeline}/{trigger}".encode()).digest()
    return 100_000 + int.from_bytes(digest[:8]) % 900_000


def token_env(pipeline: str, trigger: str) -> str:
    """Environment variable that holds an API trigger's token."""
    return re.sub(r"[^A-Za-z0-9]+", "_", f"TRIGGER_TOKEN_{pipeline}_{trigger}").upper()


def account_id(*parts: str) -> str:
    """Service account id: 6 to 30 characters (IAM: Create service accounts)."""
    least, most = ACCOUNT_LIMITS
    return shortened(slug("-".join(parts)), most).ljust(least, "0")


def secret_id(project: str, name: str) -> str:
    """Secret Manager: letters, digits, - and _, at most 255."""
    return shortened(re.sub(r"[^A-Za-z0-9_-]+", "-", f"{slug(project)}-{name}"), 255)


def label(text: str) -> str:
    """A label's value: lower case, at most 63 characters."""
    return shortened(re.sub(r"[^a-z0-9_-]+", "-", text.lower()), LABEL_LIMIT).strip("-")


def step_name(block: str) -> str:
    """Step of a definition: letters, digits, underscores."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", block)
    return plain if not plain[:1].isdigit() else f"letter_{plain}"


def service_url(service: str, project_number: str, region: str) -> str:
    """Known before the service exists (Cloud Run: Deterministic URL)."""
    return f"https://{service}-{project_number}.{region}.run.app"
