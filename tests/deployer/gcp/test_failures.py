"""Google's errors in our words."""

from __future__ import annotations

import pytest
from google.api_core import exceptions as api
from google.auth import exceptions as auth
from requests import exceptions as http

from deployer.errors import Busy, CloudError, Conflict, NotAllowed, Unreachable
from deployer.gcp.failures import Missing, refusal, told

DENIED = (
    "Permission 'cloudfunctions.functions.create' denied on "
    "resource '//cloudfunctions.googleapis.com/projects/p/locations/l' (or it may not exist)."
)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (api.Forbidden(DENIED), NotAllowed),
        (api.PermissionDenied(DENIED), NotAllowed),
        (api.Unauthorized("no"), NotAllowed),
        (api.NotFound("gone"), Missing),
        (api.Conflict("busy"), Conflict),
        (api.AlreadyExists("there"), Conflict),
        (api.PreconditionFailed("etag"), Conflict),
        (api.TooManyRequests("quota"), Busy),
        (api.InternalServerError("oops"), Busy),
        (api.ServiceUnavailable("later"), Busy),
        (api.GatewayTimeout("slow"), Busy),
        (api.BadRequest("wrong field"), CloudError),
        (auth.RefreshError("expired"), NotAllowed),
        (auth.TransportError("no route"), Unreachable),
        (http.ConnectionError("refused"), Unreachable),
        (http.ReadTimeout("slow"), Unreachable),
        (ConnectionResetError("reset"), Unreachable),
    ],
)
def test_each_error_becomes_the_one_of_who_must_act(
    raised: Exception, expected: type[CloudError]
) -> None:
    with pytest.raises(expected, match="making a thing") as caught, told("making a thing"):
        raise raised
    assert type(caught.value) is expected


def test_a_missing_permission_is_named_with_what_to_do() -> None:
    error = refusal(403, DENIED, "making function load")
    assert "cloudfunctions.functions.create" in error.hint


def test_a_disabled_api_and_a_policy_are_told_apart() -> None:
    off = "Cloud Functions API has not been used in project 42 before or it is disabled."
    assert "enable that API" in refusal(403, off, "x").hint
    policy = "Constraint constraints/run.allowedIngress violated"
    assert "run.allowedIngress" in refusal(400, policy, "x").hint


def test_our_own_mistakes_stay_what_they_are() -> None:
    with pytest.raises(ZeroDivisionError), told("x"):
        1 / 0  # noqa: B018
