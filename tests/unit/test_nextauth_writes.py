# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: what is written of users, their attributes and their roles. Over real sockets."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    RollcallError,
    UnclearAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Desired
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import plan_user
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.execute import execute
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.connection import OPERATIONS
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.users import SCHEMA, Users
from ansible_collections.rollcall.identity.tests.unit.nextauth import ADA, BASE, NOBODY, asked, target, users
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- writing -------------------------------------------------------------------------------------------------------


def test_nobody_is_created_without_a_404(nextauth):
    login = nextauth({f"GET {ADA}/attributes/": {"kept": "x"}})
    with pytest.raises(UnclearAnswer, match="did not exist when the plan was made, and exists now"):
        Users(login).writing(Desired("ada")).create(Step("create", facets={"attributes": {"site": "y"}}))
    assert [line for line in asked(login) if not line.startswith("GET")] == []


def test_created_after_a_404(nextauth):
    login = nextauth({f"GET {BASE}/users/": users(), f"POST {ADA}/attributes/": Reply(200, b"")})
    directory = Users(login)
    assert directory.lookup("ada") == []
    directory.writing(Desired("ada")).create(Step("create", facets={"attributes": {"site": "y"}}))
    assert asked(login, 2) == [f'POST {ADA}/attributes/ {{"site": "y"}}']


def test_somebody_who_was_created_meanwhile_keeps_the_attributes(nextauth):
    """The call that creates replaces: who has come since the look-up is read, and gets what is missing."""
    login = nextauth({
        f"GET {ADA}/attributes/": [NOBODY, {"theirs": "x"}], f"GET {BASE}/users/": users(),
        f"PUT {ADA}/attributes/": Reply(200, b""),
    })  # fmt: skip
    directory, desired = Users(login), target(items={"site": "y"})
    assert directory.lookup("ada") == []
    directory.resolve([desired])
    for _number in range(4):
        login.call("get_users")
    (outcome,) = execute(directory, [plan_user(SCHEMA, desired, None)], True)
    assert outcome.error is None
    assert [line for line in asked(login) if not line.startswith("GET")] == [f'PUT {ADA}/attributes/ {{"site": "y"}}']


def test_a_user_without_attributes_must_be_there_afterwards(nextauth):
    login = nextauth({f"GET {BASE}/users/": users(), f"POST {ADA}/attributes/": Reply(200, b"")})
    with pytest.raises(RollcallError, match="created no user"):
        Users(login).writing(Desired("ada")).create(Step("create"))
    assert f"POST {ADA}/attributes/ {{}}" in asked(login)


@pytest.mark.parametrize(
    ("mode", "items", "sent"),
    [
        ("present", {"a": "2", "c": "3"}, [f'PUT {ADA}/attributes/ {{"a": "2", "c": "3"}}']),
        ("present", {"a": ""}, [f"DELETE {ADA}/attributes/a"]),
        ("absent", {"a": None, "b/1": None}, [f"DELETE {ADA}/attributes/a", f"DELETE {ADA}/attributes/b%2F1"]),
        ("managed", {"c": "3"}, [f'PUT {ADA}/attributes/ {{"c": "3"}}', f"DELETE {ADA}/attributes/a"]),
        ("exact", {"a": "1", "b/1": "x", "c": "3"}, [f'PUT {ADA}/attributes/ {{"c": "3"}}']),
        ("exact", {"a": "1", "c": "3"}, [f'POST {ADA}/attributes/ {{"a": "1", "c": "3"}}']),
        ("exact", {}, [f"DELETE {ADA}/attributes/"]),
    ],
)
def test_only_exact_replaces(nextauth, mode, items, sent):
    done = Reply(200, b"")
    login = nextauth({line.split(" {")[0]: done for line in sent})
    directory = Users(login)
    account = Account("ada", "ada", {"userid": "ada"}, {"attributes": {"a": "1", "b/1": "x"}})
    desired = target(mode, items, ["a", "c"] if mode == "managed" else None)
    directory.resolve([desired])
    (step,) = plan_user(SCHEMA, desired, account).steps
    writing = directory.writing(desired, account)
    writing.write(step)
    after = writing.account
    assert asked(login) == sent
    assert after.facets["attributes"] == step.final


def test_an_attribute_whose_deletion_had_no_answer(nextauth):
    """Sent again, it is answered with 404 by a server that knows the attribute no more: the user is read,
    and the rest is done."""
    done, left = Reply(200, b""), {"b": "2"}
    login = nextauth({
        f"DELETE {ADA}/attributes/a": [Reply(drop=True), NOBODY], f"DELETE {ADA}/attributes/b": done,
        f"GET {ADA}/attributes/": left,
    })  # fmt: skip
    directory, account = Users(login), Account("ada", "ada", {"userid": "ada"}, {"attributes": {"a": "1", "b": "2"}})
    desired = target("absent", {"a": None, "b": None})
    directory.resolve([desired])
    (outcome,) = execute(directory, [plan_user(SCHEMA, desired, account)], True)
    assert outcome.error is None
    assert asked(login) == [f"DELETE {ADA}/attributes/a"] * 2 + [f"GET {ADA}/attributes/", f"DELETE {ADA}/attributes/b"]


def test_an_attribute_that_a_server_does_not_delete(nextauth):
    login = nextauth({f"GET {ADA}/attributes/": {"a": "1"}})
    directory, account = Users(login), Account("ada", "ada", {"userid": "ada"}, {"attributes": {"a": "1"}})
    desired = target("absent", {"a": None})
    directory.resolve([desired])
    (outcome,) = execute(directory, [plan_user(SCHEMA, desired, account)], True)
    assert "ada or the attribute a does not exist" in outcome.error.message


def permissions(login, mode="present", items=(), actual=None, role="r/1", managed=None):
    """Write permissions of Ada, who had ``actual`` when the plan was made. Return the requests and the outcome."""
    directory = Users(login)
    account = Account(
        "ada", "ada", {"userid": "ada", "role": role}, {"permissions": {name: name for name in actual or ()}}
    )
    desired = target(mode, list(items), managed, name="permissions")
    directory.resolve([desired])
    start = len(login.server.requests)
    (outcome,) = execute(directory, [plan_user(SCHEMA, desired, account)], True)
    return asked(login, start), outcome


ACL = f"{BASE}/permissions/r%2F1"


def granted(*names):
    """Return the answer with the permissions of a role."""
    return {"permissions": [{"server": "s+1/=", "role": "r/1", "acl": ",".join(names)}]}


@pytest.mark.parametrize(
    ("mode", "items", "planned", "current", "sent", "kept"),
    [
        (
            "present",
            ["users"],
            ["sessions"],
            ["accounts", "sessions"],
            '["accounts", "sessions", "users"]',
            ["accounts"],
        ),
        ("absent", ["sessions"], ["sessions"], ["accounts", "sessions"], '["accounts"]', ["accounts"]),
        ("exact", ["users"], ["sessions"], ["accounts", "sessions"], '["accounts", "users"]', ["accounts"]),
        ("present", ["users", "sessions"], ["sessions"], [], '["sessions", "users"]', []),
        ("present", ["users"], [], ["users"], None, []),
        ("exact", [], ["sessions"], ["sessions"], "", []),
        ("exact", [], ["sessions"], [], None, []),
    ],
)
def test_what_others_grant_meanwhile_stays(nextauth, mode, items, planned, current, sent, kept):
    """A grant overwrites: the permissions are read right before it, and what the plan did not show is kept
    and reported."""
    done = Reply(200, b"")
    login = nextauth({f"GET {ACL}": granted(*current), f"POST {ACL}": done, f"DELETE {ACL}": done})
    requests, outcome = permissions(login, mode, items, planned)
    written = [] if sent is None else [f"POST {ACL} {sent}"] if sent else [f"DELETE {ACL}"]
    assert requests == [f"GET {ACL}", *written]
    assert outcome.error is None and sorted(outcome.kept.get("permissions", ())) == kept


def test_a_role_that_no_read_showed_keeps_its_permissions(nextauth):
    login = nextauth(
        {f"POST {ADA}/role/": {"role": "r/1"}, f"GET {ACL}": granted("root"), f"POST {ACL}": Reply(200, b"")}
    )
    requests, outcome = permissions(login, "exact", ["users"], role=None)
    assert requests == [f"POST {ADA}/role/", f"GET {ACL}", f'POST {ACL} ["root", "users"]']
    assert outcome.kept == {"permissions": {"root": "root"}}
    assert "permissions that the plan did not show: root" in Users(login).kept_warning("ada", "permissions", ["root"])


@pytest.mark.parametrize(
    "answer", [Reply(403, b""), {"permissions": None}, {"permissions": [{"role": "r/1"}]}, Reply(200, b"<html>")]
)
def test_permissions_that_cannot_be_read_are_not_overwritten(nextauth, answer):
    login = nextauth({f"POST {ADA}/role/": {"role": "r/1"}, f"GET {ACL}": answer})
    requests, outcome = permissions(login, "present", ["users"], role=None)
    assert outcome.error is not None
    assert not any(line.startswith(f"POST {ACL}") for line in requests)


# -- what can be granted -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(name for name, operation in OPERATIONS.items() if not operation.is_read))
def test_a_page_of_a_proxy_is_no_success_of_a_write(nextauth, name):
    operation = OPERATIONS[name]
    parameters = {"userid": "ada", "attributekey": "site", "accountid": "1", "roleid": "r", "serverid": "s+1/="}
    target = operation.target(parameters, None)
    page = Reply(200, b"<!DOCTYPE html><html>Sign in</html>", {"Content-Type": "text/html"})
    with pytest.raises(UnclearAnswer):
        nextauth({f"{operation.method} {target}": page}).call(name, parameters, subject="ada")


# -- permissions that may not exist ----------------------------------------------------------------------------------

ROLE, ALL = f"GET {ADA}/role/", f"GET {BASE}/permissions/"
EVERY_ROLE = {"permissions": [{"server": "s+1/=", "role": "r9", "acl": "reports,users"}]}


def granting(nextauth, every_role=EVERY_ROLE, role=None):
    """Connect to a server with a user whose role has the permission "billing".

    ``role`` is another answer about its role.
    """
    acl = {"permissions": [{"server": "s+1/=", "role": "r1", "acl": "billing"}]}
    return nextauth({
        f"GET {ADA}/attributes/": {"site": "x"}, ROLE: role or {"role": "r1"}, f"GET {BASE}/permissions/r1": acl,
        ALL: every_role, f"POST {BASE}/permissions/r1": Reply(200, b""),
    })  # fmt: skip


def grant(login, *names, mode="present"):
    policy = Policy(min_admins=0)
    desired = target(mode, list(names), name="permissions", may_create=False)
    return converge(Context({}, False, True, Masker()), Users(login), [desired], policy)


def test_an_unknown_permission_is_refused_with_similar_names(nextauth):
    login = granting(nextauth)
    with pytest.raises(InputError) as caught:
        grant(login, "users", "report", "nothing")
    similar, known = caught.value.problems
    assert (similar.code, similar.option) == ("unknown_permission", "permissions[1]")
    assert "similar names: 'reports'" in similar and "grant it to a role in nextAuth" in similar
    assert known.option == "permissions[2]" and "setrid, root, reports." in known
    assert [line for line in asked(login) if not line.startswith("GET")] == []
    assert asked(login).count(ALL) == 1


@pytest.mark.parametrize(
    ("names", "mode"),
    [
        (("users", "createserver"), "present"), (("billing", "root"), "exact"), (("reprots",), "absent"),
    ],
)
def test_documented_current_and_revoked_permissions_need_no_call(nextauth, names, mode):
    login = granting(nextauth)
    grant(login, *names, mode=mode)
    assert ALL not in asked(login)


def test_a_permission_of_any_role_can_be_granted(nextauth):
    login = granting(nextauth)
    assert grant(login, "reports")["changed"]
    assert asked(login)[-1] == f'POST {BASE}/permissions/r1 ["billing", "reports"]'


def test_without_access_to_the_permissions_of_all_roles_every_name_counts(nextauth):
    assert grant(granting(nextauth, Reply(403, b"")), "anything")["changed"]
    login = granting(nextauth, Reply(403, b""), Reply(404, b""))
    with pytest.raises(InputError, match="Give it the permission servers") as caught:
        grant(login, "anything")
    assert caught.value.code == "not_permitted", "without a role, nothing shows that the key may read permissions"
    assert [line for line in asked(login) if not line.startswith("GET")] == []
    with pytest.raises(ApiError, match="list the permissions of all roles"):
        grant(granting(nextauth, Reply(400, b"")), "anything")
