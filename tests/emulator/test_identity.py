"""Tokens: whose they are, how long they hold, and what is not taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import jwt
from emulator.cloud import OWNER, Principal
from emulator.errors import ApiError
from emulator.identity import LIFETIME, Tokens
from emulator.keys import Keys, key_id, new_rsa_key, public_pem
from emulator.store import Store

ACCOUNT = "flow-run@p.iam.gserviceaccount.com"
AUDIENCE = "https://load-1.europe-west1.run.app"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def now(self) -> float:
        return self.time

    async def sleep_until(self, deadline: float) -> None:
        self.time = max(self.time, deadline)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def store() -> Store:
    return Store(None)


@pytest.fixture
def tokens(keys: Keys, clock: Clock, store: Store) -> Tokens:
    return Tokens(keys, clock, store)


def bearer(token: str) -> str:
    return f"Bearer {token}"


def test_without_a_token_the_owner_calls(tokens: Tokens) -> None:
    assert tokens.caller(None) == OWNER


def test_an_access_token_stands_for_its_account(tokens: Tokens, clock: Clock) -> None:
    token = bearer(tokens.access_token(ACCOUNT))
    assert tokens.caller(token) == Principal(ACCOUNT)
    clock.time += LIFETIME
    with pytest.raises(ApiError, match="invalid authentication credentials"):
        tokens.caller(token)


@pytest.mark.parametrize("token", ["", "Basic abc", "Bearer x", "Bearer ya29.abc.def", "ya29"])
def test_other_tokens_are_refused(tokens: Tokens, token: str) -> None:
    if token:
        with pytest.raises(ApiError) as refused:
            tokens.caller(token)
        assert refused.value.code == 401


def test_a_changed_access_token_is_refused(tokens: Tokens) -> None:
    prefix, text, mac = tokens.access_token(ACCOUNT).split(".")
    claims = jwt.decode(text).replace(b"flow-run", b"flow-adm")
    with pytest.raises(ApiError):
        tokens.caller(bearer(f"{prefix}.{jwt.encode(claims)}.{mac}"))


def test_an_identity_token_is_for_one_audience(tokens: Tokens) -> None:
    token = bearer(tokens.id_token(ACCOUNT, AUDIENCE))
    assert tokens.bearer_of_id_token(token, AUDIENCE) == Principal(ACCOUNT)
    assert tokens.bearer_of_id_token(token, f"{AUDIENCE}/other") is None
    assert tokens.bearer_of_id_token(None, AUDIENCE) is None


def test_identity_tokens_are_cached_and_renewed(tokens: Tokens, clock: Clock) -> None:
    first = tokens.id_token(ACCOUNT, AUDIENCE)
    assert tokens.id_token(ACCOUNT, AUDIENCE) == first
    clock.time += LIFETIME * 0.6
    assert tokens.id_token(ACCOUNT, AUDIENCE) != first
    clock.time += LIFETIME * 0.5
    assert tokens.bearer_of_id_token(bearer(first), AUDIENCE) is None


def test_google_auth_verifies_our_identity_tokens(tokens: Tokens, keys: Keys) -> None:
    from google.auth import jwt as google_jwt

    token = tokens.id_token(ACCOUNT, AUDIENCE)
    public = public_pem(keys.rsa.public_key()).decode()
    claims = google_jwt.decode(token, verify=False)
    assert claims["email"] == ACCOUNT
    assert jwt.verify(token, keys.rsa.public_key())["aud"] == AUDIENCE
    assert public.startswith("-----BEGIN PUBLIC KEY")


def test_another_emulator_signs_with_another_key(tokens, clock, store, tmp_path) -> None:
    stranger = Tokens(Keys(tmp_path), clock, store)
    token = bearer(stranger.id_token(ACCOUNT, AUDIENCE))
    assert tokens.bearer_of_id_token(token, AUDIENCE) is None
    with pytest.raises(ApiError):
        tokens.caller(bearer(stranger.access_token(ACCOUNT)))


def test_a_token_without_a_signature_is_refused(tokens: Tokens) -> None:
    header = jwt.encode(b'{"alg":"none"}')
    claims = tokens.id_token(ACCOUNT, AUDIENCE).split(".")[1]
    assert tokens.bearer_of_id_token(bearer(f"{header}.{claims}."), AUDIENCE) is None


def self_signed(store: Store, clock: Clock, account: str, claimed: str) -> str:
    """A JWT that a key file's owner signs himself."""
    private = new_rsa_key()
    number = key_id(private.public_key())
    pem = public_pem(private.public_key()).decode()
    store.put("service-account-key", number, {"account": account, "publicKey": pem, "key": {}})
    claims = {"iss": claimed, "sub": claimed, "email": claimed, "aud": AUDIENCE}
    claims |= {"exp": int(clock.now()) + 600}
    return jwt.sign(claims, private, number)


def test_a_key_files_own_jwt_is_an_access_token(tokens, store, clock) -> None:
    token = bearer(self_signed(store, clock, ACCOUNT, ACCOUNT))
    assert tokens.caller(token) == Principal(ACCOUNT)
    clock.time += 601
    with pytest.raises(ApiError):
        tokens.caller(token)


def test_a_key_speaks_for_its_own_account_only(tokens, store, clock) -> None:
    with pytest.raises(ApiError):
        tokens.caller(bearer(self_signed(store, clock, ACCOUNT, "admin@p.iam.gserviceaccount.com")))


def test_one_kind_of_token_is_never_taken_for_another(tokens, store, clock) -> None:
    identity = bearer(tokens.id_token(ACCOUNT, AUDIENCE))
    with pytest.raises(ApiError):
        tokens.caller(identity)
    own = bearer(self_signed(store, clock, ACCOUNT, ACCOUNT))
    tokens.caller(own)
    assert tokens.bearer_of_id_token(own, AUDIENCE) is None
    assert tokens.bearer_of_id_token(bearer(tokens.access_token(ACCOUNT)), AUDIENCE) is None


def test_keys_are_kept_where_only_the_owner_reads(tmp_path: Path) -> None:
    first = Keys(tmp_path / "keys")
    assert Keys(tmp_path / "keys").rsa_id == first.rsa_id
    assert Keys(tmp_path / "keys").secret == first.secret
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    assert modes == {"identity.pem": 0o600, "token.key": 0o600}


def test_who_signed(tokens: Tokens, keys: Keys, store: Store) -> None:
    """Google's key signs in the name of every account that exists; a key file for its own."""
    own = new_rsa_key()
    kept = {"account": ACCOUNT, "publicKey": public_pem(own.public_key()).decode()}
    store.put("service-account-key", key_id(own.public_key()), kept)
    by_own, by_google = jwt.signature(b"x", own), jwt.signature(b"x", keys.rsa)
    assert tokens.signed_by(ACCOUNT, b"x", by_own)
    assert not tokens.signed_by(ACCOUNT, b"y", by_own)
    assert not tokens.signed_by("other@p.iam.gserviceaccount.com", b"x", by_own)
    assert not tokens.signed_by(ACCOUNT, b"x", by_google)
    store.put("service-account", f"projects/p/serviceAccounts/{ACCOUNT}", {})
    assert tokens.signed_by(ACCOUNT, b"x", by_google)
