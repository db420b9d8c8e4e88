"""What a target should hold for a project: one frozen record per thing, nothing but data.

Each record says what we would send as flat `fields`: they are digested into the label
`blocklift-hash`, and compared field by field when a plan is printed. What is known only after
something else was made stands in them as a placeholder (`VersionOf`) and is resolved just
before the call. `needs` are the keys of what must be there first.

names     what all have in common
records   one class per sort of thing
digests   what a label says of one, and what a workflow's seal says of all below it
"""

from deployer.resources.digests import (
    TOOL,
    Digests,
    digest,
    foundations,
    placeholders,
    resolved,
    seal,
    shared,
    short_digest,
)
from deployer.resources.names import (
    BUNDLE_LABEL,
    HASH_LABEL,
    PIPELINE_LABEL,
    PROJECT_LABEL,
    SEAL_LABEL,
    Kind,
    Known,
    Resource,
    VersionOf,
    key,
)
from deployer.resources.records import (
    Access,
    Account,
    Bucket,
    Event,
    Function,
    Grant,
    Job,
    Schedule,
    Secret,
    Workflow,
    grant_fields,
)

__all__ = [
    "BUNDLE_LABEL",
    "HASH_LABEL",
    "PIPELINE_LABEL",
    "PROJECT_LABEL",
    "SEAL_LABEL",
    "TOOL",
    "Access",
    "Account",
    "Bucket",
    "Digests",
    "Event",
    "Function",
    "Grant",
    "Job",
    "Kind",
    "Known",
    "Resource",
    "Schedule",
    "Secret",
    "VersionOf",
    "Workflow",
    "digest",
    "foundations",
    "grant_fields",
    "key",
    "placeholders",
    "resolved",
    "seal",
    "shared",
    "short_digest",
]
