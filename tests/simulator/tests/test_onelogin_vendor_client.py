# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's own hand-written client, version 1.9.1, against the simulated OneLogin: it judges both."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from simulator.harness import Simulator

sdk = pytest.importorskip("onelogin.api.client", reason="the vendor's client (onelogin 1.9.1) is not installed")

PERSON = {
    "firstname": "Ada", "lastname": "Lovelace", "email": "ada@example.com", "username": "ada", "title": "Countess",
    "company": "Example",
}


class _Addresses:
    """Sends the client to the simulator instead of ``https://api.<region>.onelogin.com``."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get_url(self, base: str, *ids: Any) -> str:
        path = base.removeprefix("https://api.%s.onelogin.com")
        return self.url + (path % tuple(item for item in ids if item is not None))


@pytest.fixture
def client(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    result = sdk.OneLoginClient("sim-manage-all-id", "sim-manage-all-secret")
    result.url_builder = _Addresses(f"{sim.url}/onelogin")
    return result


@pytest.fixture
def ada(client: Any) -> Any:
    return done(client, client.create_user(dict(PERSON)))


def done(client: Any, result: Any) -> Any:
    """A result of the client, which keeps errors to itself."""
    assert (client.error, client.error_description) == (None, None)
    assert result is not None
    assert result is not False
    return result


def state(sim: Simulator, user: Any) -> Any:
    return next(item for item in sim.state("onelogin")["users"] if item["id"] == user.id)


def test_tokens(sim: Simulator, client: Any) -> None:
    token = done(client, client.get_access_token())
    assert (token.account_id, token.expires_in, token.token_type) == (88123, 36000, "bearer")
    new = done(client, client.regenerate_token())
    assert new.access_token != token.access_token
    assert done(client, client.get_rate_limits()).limit == 5000
    assert done(client, client.revoke_token()) is True
    assert [item["valid"] for item in sim.state("onelogin")["tokens"]] == []


def test_wrong_credentials(client: Any) -> None:
    client.client_secret = "wrong"
    assert client.get_access_token() is None
    assert (client.error, client.error_description) == ("401", "Authentication Failure")


def test_life_of_a_user(sim: Simulator, client: Any, ada: Any) -> None:
    assert (ada.username, ada.title, ada.status, ada.state, ada.group_id) == ("ada", "Countess", 0, 1, None)
    assert ada.created_at.tzinfo is not None
    changed = done(client, client.update_user(ada.id, {"title": None, "department": "Engines", "group_id": 310001}))
    assert (changed.title, changed.department, changed.group_id) == (None, "Engines", 310001)
    assert done(client, client.get_user(ada.id)).department == "Engines"
    assert done(client, client.delete_user(ada.id)) is True
    assert client.get_user(ada.id) is None
    assert client.error == "404"
    assert sim.state("onelogin")["users"] == []


def test_refusals_name_the_attribute(client: Any, ada: Any) -> None:
    assert client.create_user({**PERSON, "username": "other"}) is None
    assert (client.error, client.error_attribute) == ("400", "email")
    assert client.update_user("abc", {"title": "x"}) is None
    assert (client.error, client.error_attribute, client.error_description) == ("400", "id", "ID is incorrect")


def test_lists(sim: Simulator, client: Any) -> None:
    sim.reset(seed_users=120)
    users = done(client, client.get_users())
    assert len({user.id for user in users}) == 120
    assert len(done(client, client.get_users(max_results=70))) == 70
    assert [user.email for user in done(client, client.get_users({"email": "user0007@example.com"}))] == [
        "user0007@example.com"
    ]
    assert len(done(client, client.get_users({"fields": "id, email", "limit": 50}, max_results=60))) == 60
    assert client.get_users({"nonsense": "1"}) == []
    assert client.error == "400"


def test_roles(sim: Simulator, client: Any, ada: Any) -> None:
    roles = {role.name: role.id for role in done(client, client.get_roles())}
    assert len(sim.state("onelogin")["roles"]) == len(done(client, client.get_roles({"limit": 10}))) == 61
    assert done(client, client.get_role(roles["Snowflake"])).name == "Snowflake"
    assert done(client, client.get_user_roles(ada.id)) == []
    assert done(client, client.assign_role_to_user(ada.id, [roles["Snowflake"], roles["VPN"]])) is True
    assert done(client, client.get_user_roles(ada.id)) == sorted([roles["Snowflake"], roles["VPN"]])
    assert client.assign_role_to_user(ada.id, [roles["VPN"]]) is False
    assert "already included" in client.error_description
    assert done(client, client.remove_role_from_user(ada.id, [roles["VPN"]])) is True
    assert done(client, client.get_user(ada.id)).get_role_ids() == [roles["Snowflake"]]
    assert [app.name for app in done(client, client.get_user_apps(ada.id))] != []


def test_groups(client: Any) -> None:
    groups = {group.name: group.id for group in done(client, client.get_groups())}
    assert done(client, client.get_group(groups["Engineering"])).name == "Engineering"


def test_custom_attributes(client: Any, ada: Any) -> None:
    assert done(client, client.get_custom_attributes()) == ["employee_id", "cost_center", "badge"]
    assert done(client, client.set_custom_attribute_to_user(ada.id, {"badge": "7"})) is True
    assert done(client, client.get_user(ada.id)).get_custom_attributes()["badge"] == "7"
    assert client.set_custom_attribute_to_user(ada.id, {"nonsense": "1"}) is False
    assert (client.error, client.error_attribute) == ("400", "custom_attributes")


def test_state_lock_and_logout(sim: Simulator, client: Any, ada: Any) -> None:
    assert done(client, client.set_state_to_user(ada.id, 3)) is True
    assert done(client, client.get_user(ada.id)).state == 3
    assert client.set_state_to_user(ada.id, 3) is False
    assert client.error_description == "user is already in this state"
    assert done(client, client.lock_user(ada.id, 60)) is True
    locked = done(client, client.get_user(ada.id))
    assert locked.status == 3
    assert locked.locked_until > locked.updated_at
    assert done(client, client.log_user_out(ada.id)) is True
    assert state(sim, ada)["logouts"] == 1


def test_passwords(sim: Simulator, client: Any, ada: Any) -> None:
    assert done(client, client.set_password_using_clear_text(ada.id, "S3cret-words", "S3cret-words", True)) is True
    assert state(sim, ada)["password"]["method"] == "clear_text"
    assert client.set_password_using_clear_text(ada.id, "short", "short", True) is False
    assert (client.error, client.error_attribute) == ("400", "password")
    value = hashlib.sha256(b"saltS3cret-words").hexdigest()
    assert done(client, client.set_password_using_hash_salt(ada.id, value, value, "salt+sha256", "salt")) is True
    assert state(sim, ada)["password"] == {"method": "salt+sha256", "salt": "salt", "hash": value}
