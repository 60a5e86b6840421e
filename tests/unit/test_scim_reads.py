# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM: what the server says about itself, logins, lists and look-ups."""

from __future__ import annotations

import base64

import pytest

from ansible_collections.rollcall.identity.tests.unit.scim import NOBODY, Service, config, error, listed, query_of, user
from ansible_collections.rollcall.identity.tests.unit.web import Reply

ADA, BOB = user("ada", title="Dr"), user("bob")
PAGE = Reply(404, "<html>Not found</html>", {"Content-Type": "text/html"})
MISSING = [error(403), error(404), error(405), error(501), PAGE]


def everybody(*rows):
    """Return a list of users that knows no filter: each page has the rows that are asked for."""

    def page(request):
        query = query_of(request)
        start, count = int(query["startIndex"]), int(query["count"])
        return listed(*rows[start - 1 : start - 1 + count], totalResults=len(rows))

    return page


# -- what the server says about itself -------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", MISSING)
def test_without_a_configuration_the_least_is_used(serve, reply):
    service = Service(
        serve,
        {
            "GET /ServiceProviderConfig": reply,
            "GET /Users": everybody(ADA, BOB),
            "GET /Users/id-ada": ADA,
            "PUT /Users/id-ada": {**ADA, "title": "Prof"},
        },
    )
    assert service.run("USER", user="ada", title="Prof")["changed"]
    assert service.calls() == ["GET /Users?startIndex=1&count=200", "GET /Users/id-ada", "PUT /Users/id-ada"]


@pytest.mark.parametrize("reply", MISSING)
@pytest.mark.parametrize("endpoint", ["/Schemas", "/ResourceTypes"])
def test_without_schemas_or_types_attributes_are_written_as_they_are(serve, endpoint, reply):
    service = Service(
        serve, {f"GET {endpoint}": reply, "GET /Users": listed(ADA), "PATCH /Users/id-ada": Reply(204, "")}
    )
    badge = "urn:example:2.0:User:badge"
    assert service.run("USER_ATTRIBUTES", user="ada", attributes={badge: "7"})["changed"]
    assert service.sent("PATCH")[0]["Operations"] == [{"op": "add", "path": badge, "value": "7"}]


def test_refused_credentials_are_no_missing_endpoint(serve):
    service = Service(serve, {"GET /ServiceProviderConfig": error(401, "who are you?")})
    result = service.run("USER", user="ada")
    assert (result["failed"], result["code"]) == (True, "not_authenticated")
    assert len(service.server.requests) == 1


def test_a_no_op_needs_no_schemas_and_the_configuration_is_read_once(serve):
    service = Service(serve, {"GET /Users": listed(ADA)})
    for _item in range(3):
        assert not service.run("USER", user="ada", title="Dr")["changed"]
    seen = [request.target for request in service.server.requests]
    assert (
        seen.count("/ServiceProviderConfig") == 1
        and seen.count("/ResourceTypes") == 1
        and "/Schemas" not in seen
        and len(seen) == 5
    )


def test_a_patch_that_is_refused_although_announced_becomes_a_put(serve):
    service = Service(
        serve,
        {
            "GET /Users": listed(ADA),
            "PATCH /Users/id-ada": error(501),
            "GET /Users/id-ada": ADA,
            "PUT /Users/id-ada": {**ADA, "title": "Prof"},
        },
    )
    assert service.run("USER", user="ada", title="Prof")["changed"]
    assert service.run("USER", user="ada", title="Prof")["changed"], "the list says so still"
    assert service.calls("PATCH", "PUT") == ["PATCH /Users/id-ada", "PUT /Users/id-ada", "PUT /Users/id-ada"]


@pytest.mark.parametrize(
    "wanted", [{"nick_name": "A", "user_type": "x"}, {"attributes": {"urn:example:2.0:User:nope": "x"}}]
)
def test_what_the_schemas_lack_is_refused_before_anything_is_written(serve, wanted):
    service = Service(serve, {"GET /Users": listed(ADA)})
    result = service.run("USER", user="ada", **wanted)
    assert result["code"] == "unknown_attribute" and ("userType" in result["msg"] or "nope" in result["msg"])
    assert service.calls("PATCH", "PUT", "POST") == []


@pytest.mark.parametrize("attributes", [
    [{"type": "string"}], ["userName"], {"name": "userName"}, [{"name": "x", "subAttributes": [7]}],
])  # fmt: skip
def test_a_schema_that_is_none_is_an_unreadable_answer(serve, attributes):
    schema = {"id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": attributes}
    service = Service(serve, {"GET /Users": listed(ADA), "GET /Schemas": listed(schema)})
    assert service.run("USER", user="ada", title="Prof")["code"] == "unreadable_answer"
    assert service.calls("PATCH", "PUT", "POST") == []


# -- logins ----------------------------------------------------------------------------------------------------------

BASIC = "Basic " + base64.b64encode(b"svc:pass-word").decode()


@pytest.mark.parametrize(("credentials", "header", "value"), [
    ({"api_token": "t-o-k"}, "authorization", "Bearer t-o-k"),
    ({"api_token": None, "api_user": "svc", "api_password": "pass-word"}, "authorization", BASIC),
    ({"api_token": None, "header_name": "X-API-Key", "header_value": "k-e-y"}, "x-api-key", "k-e-y"),
])  # fmt: skip
def test_each_way_to_log_in(serve, credentials, header, value):
    service = Service(serve, {"GET /Users": listed(ADA)}, **credentials)
    assert not service.run("USER", user="ada").get("failed")
    assert {request.headers[header] for request in service.server.requests} == {value}
    assert {request.headers["accept"] for request in service.server.requests} == {
        "application/scim+json, application/json;q=0.9"
    }


def test_client_credentials_get_a_token_once(serve):
    login = serve(Reply(body={"access_token": "fresh-token", "expires_in": 3600}))
    service = Service(
        serve,
        {"GET /Users": listed(ADA)},
        api_token=None,
        client_id="svc",
        client_secret="pass-word",
        token_url=f"{login.url}/oauth/token",
        scope="scim",
    )
    for _item in range(2):
        assert not service.run("USER", user="ada").get("failed")
    (request,) = login.requests
    assert (request.method, request.target, request.headers["authorization"]) == ("POST", "/oauth/token", BASIC)
    assert request.body == b"grant_type=client_credentials&scope=scim"
    assert {request.headers["authorization"] for request in service.server.requests} == {"Bearer fresh-token"}


@pytest.mark.parametrize(("credentials", "code"), [
    ({"api_token": "a", "api_user": "b", "api_password": "c"}, "contradiction"),
    ({"api_token": None}, "missing_credentials"),
    ({"api_token": None, "api_user": "b"}, "missing_credentials"),
    ({"api_token": None, "client_id": "b", "client_secret": "c"}, "missing_credentials"),
    ({"api_token": None, "header_name": "X Y", "header_value": "c"}, "invalid_value"),
    ({"api_token": None, "client_id": "b", "client_secret": "c", "token_url": "nowhere"}, "invalid_url"),
])  # fmt: skip
def test_credentials_that_are_missing_or_contradict_are_refused_before_any_call(serve, credentials, code):
    service = Service(serve, {}, **credentials)
    result = service.run("USER", user="ada")
    assert result["failed"] and result["errors"][0]["code"] == code
    assert service.server.requests == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "Check api_url: it is the base address of the SCIM service, such as https://id.example.com/scim/v2."),
        ("/Users", "Use api_url without /Users."),
    ],
)
def test_a_version_in_the_address_is_not_surplus(serve, path, said):
    service = Service(serve, {})
    service.params["api_url"] = f"{service.server.url}/scim/v2{path}"
    result = service.run("USER_INFO")
    assert result["msg"].endswith(f" Nothing was found at {service.server.url}/scim/v2{path}/Users. {said}")


@pytest.mark.parametrize("status", [404, 405])
def test_a_wrong_address_of_tokens_names_its_option(serve, status):
    login = serve(Reply(status, ""))
    credentials = {"api_token": None, "client_id": "svc", "client_secret": "pass-word"}
    service = Service(serve, {}, **credentials, token_url=f"{login.url}/oauth/token")
    result = service.run("USER_INFO")
    assert result["msg"].endswith("Check token_url: it is the address that issues tokens.")
    assert "api_url" not in result["msg"]


def test_a_refused_filter_of_the_task_names_the_option(serve):
    service = Service(serve, {"GET /Users": error(400, "no such attribute", "invalidFilter")})
    result = service.run("USER_INFO", filters={"expression": "nonsense eq 1"})
    assert result["msg"].endswith("Check the options of the task, such as filters.expression.")


def test_a_name_that_another_user_has_is_refused_on_an_update(serve):
    service = Service(
        serve, {"GET /Users": listed(ADA), "PATCH /Users/id-ada": error(409, "taken", "uniqueness")}
    )
    result = service.run("USER", user="ada", external_id="7")
    assert result["msg"].endswith("Another user or group has this value already. Specify another one.")


def test_secrets_are_masked_even_where_the_server_repeats_them(serve):
    secrets = {"api_token": "token-of-mine-1", "password": "new-password-1"}
    reply = error(400, f"bad header Bearer {secrets['api_token']} and {secrets['password']}", "invalidValue")
    service = Service(serve, {"GET /Users": NOBODY, "POST /Users": reply}, api_token=secrets["api_token"])
    result = service.run("USER", user="ada", password=secrets["password"])
    assert result["failed"] and not any(secret in str(result) for secret in secrets.values())
    assert service.sent("POST")[0]["password"] == secrets["password"]


def test_expected_account_cannot_be_verified(serve):
    service = Service(serve, {"GET /Users": listed(ADA)}, expected_account="acme")
    assert service.run("USER", user="ada")["code"] == "wrong_account"


# -- lists -----------------------------------------------------------------------------------------------------------

MANY = [user(f"u{number:03}") for number in range(450)]


def names(result):
    return [entry["user"] for entry in result["users"]]


def test_index_pages_are_read_to_the_end(serve):
    service = Service(serve, {"GET /Users": everybody(*MANY)})
    assert names(service.run("USER_INFO")) == [row["userName"] for row in MANY]
    assert sorted(service.calls()) == [f"GET /Users?startIndex={start}&count=200" for start in (1, 201, 401)]


@pytest.mark.parametrize(("about", "size"), [
    ({"filter": {"supported": True, "maxResults": 150}}, 150), ({"filter": {"supported": False, "maxResults": 0}}, 200),
    ({"pagination": {"index": True, "maxPageSize": 50}}, 50),
])  # fmt: skip
def test_a_page_is_no_larger_than_the_server_says(serve, about, size):
    service = Service(serve, {"GET /ServiceProviderConfig": config(**about), "GET /Users": everybody(*MANY)})
    assert len(names(service.run("USER_INFO"))) == 450
    assert {query_of(request)["count"] for request in service.server.requests if "count" in request.target} == {
        str(size)
    }


def test_a_profile_names_the_largest_page(serve):
    service = Service(serve, {"GET /Users": everybody(*MANY)}, server_profile="github")
    assert len(names(service.run("USER_INFO"))) == 450 and len(service.calls()) == 5


@pytest.mark.parametrize("workers", [1, 4])
def test_pages_shorter_than_asked_for_are_continued_by_what_came(serve, workers):
    def short(request):  # 100 rows of 200, then 70, 100, 70 ...
        start = int(query_of(request)["startIndex"])
        return listed(*MANY[start - 1 : start - 1 + (70 if start % 3 == 2 else 100)], totalResults=450)

    service = Service(serve, {"GET /Users": short}, max_concurrency=workers)
    assert names(service.run("USER_INFO")) == [row["userName"] for row in MANY]


def test_cursor_pages(serve):
    def page(request):
        query = query_of(request)
        start = int(query["cursor"] or 0)
        assert "startIndex" not in query
        return listed(
            *MANY[start : start + 200],
            totalResults=450,
            **({"nextCursor": str(start + 200)} if start + 200 < 450 else {}),
        )

    described = config("filter", pagination={"cursor": True, "index": False})
    service = Service(serve, {"GET /ServiceProviderConfig": described, "GET /Users": page})
    assert names(service.run("USER_INFO")) == [row["userName"] for row in MANY]
    assert service.calls()[0] == "GET /Users?cursor=&count=200"


def test_a_server_that_fails_at_a_page_size_is_asked_without(serve):
    service = Service(
        serve, {"GET /Users": lambda request: Reply(500, "<html>") if "count" in request.target else listed(*MANY)}
    )
    assert len(names(service.run("USER_INFO"))) == 450
    service.run("USER_INFO")
    assert service.calls() == [
        "GET /Users?startIndex=1&count=200",
        "GET /Users?startIndex=1",
        "GET /Users?startIndex=1",
    ]


def test_pages_are_sorted_by_id_where_the_server_sorts(serve):
    """It returns rows in another order each time, unless it is to sort them."""
    orders = [MANY[:], MANY[::-1], MANY[100:] + MANY[:100]]

    def page(request):
        query = query_of(request)
        rows = MANY if query.get("sortBy") == "id" else orders[int(query["startIndex"]) % 3]
        start = int(query["startIndex"]) - 1
        return listed(*rows[start : start + int(query["count"])], totalResults=len(rows))

    service = Service(serve, {"GET /Users": page}, ("sort", "filter"))
    assert names(service.run("USER_INFO")) == [row["userName"] for row in MANY]
    service.run("USER", user="u001", title="x")
    lookups = [call for call in service.calls() if "filter=" in call]
    assert lookups and "sortBy" not in str(lookups), "there is one row, and nothing to sort"


@pytest.mark.parametrize("status", [400, 500, 501])
def test_a_server_that_fails_at_sorting_is_asked_without(serve, status):
    def page(request):
        return error(status) if "sortBy" in request.target else everybody(*MANY)(request)

    service = Service(serve, {"GET /Users": page}, ("sort",), max_concurrency=1)
    assert names(service.run("USER_INFO")) == [row["userName"] for row in MANY]
    service.run("USER_INFO")
    assert ["sortBy" in call for call in service.calls()] == [True, *[False] * 6]


def test_a_list_that_is_refused_with_and_without_sorting_is_an_error(serve):
    service = Service(serve, {"GET /Users": error(400, "no lists")}, ("sort",))
    for _run in range(2):
        result = service.run("USER_INFO")
        assert result["failed"] and "no lists" in result["msg"]
    assert ["sortBy" in call for call in service.calls()] == [True, False] * 2


def test_pages_that_repeat_are_an_error(serve):
    service = Service(serve, {"GET /Users": lambda request: listed(*MANY[:20], totalResults=450)})
    result = service.run("USER_INFO")
    assert result["failed"] and "repeats" in result["msg"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"message": "Please log in"},
        {"Resources": None, "totalResults": "many"},
        {"Resources": "x"},
        {"Resources": [{"userName": "x"}], "totalResults": 1},
        {"Resources": [7], "totalResults": 1},
    ],
)
def test_a_list_that_is_none_is_an_unreadable_answer(serve, body):
    service = Service(serve, {"GET /Users": Reply(body=body)})
    assert service.run("USER_INFO")["code"] == "unreadable_answer"
    assert service.run("USER", user="ada")["code"] == "unreadable_answer"
    assert service.run("USERS", users=[{"user": "ada"}])["code"] == "unreadable_answer"
    assert all(request.method == "GET" for request in service.server.requests)


@pytest.mark.parametrize("body", [{"totalResults": 0}, {"Resources": None, "totalResults": 0}, {"Resources": []}])
def test_an_empty_list_needs_no_rows(serve, body):
    service = Service(serve, {"GET /Users": Reply(body=body)})
    assert service.run("USER_INFO")["users"] == []


def test_nobody_is_deleted_while_someone_has_no_key(serve):
    service = Service(serve, {"GET /Users": listed(user("ada", externalId="1"), user("bob"))})
    limits = {"unlisted": "delete", "delete_limit": 5, "loss_limit": "5", "protect": ["x*"]}
    result = service.run("USERS", users=[{"user": "1"}], user_key="externalId", **limits)
    assert result["failed"] and "id-bob has no external_id" in result["msg"]


# -- look-ups --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "expression"),
    [
        ('a"b\\c', 'userName eq "a\\"b\\\\c"'),
        ("zoë", 'userName eq "zoë"'),
        ('x" or userName pr or "', 'userName eq "x\\" or userName pr or \\""'),
    ],
)
def test_filters_are_escaped(serve, key, expression):
    service = Service(serve, {"GET /Users": listed(user(key))})
    assert not service.run("USER", user=key)["changed"]
    assert query_of(service.server.requests[-1])["filter"] == expression


@pytest.mark.parametrize(
    ("user_key", "key", "expression"),
    [
        ("userName", "ada", 'userName eq "ada"'),
        ("externalId", "4711", 'externalId eq "4711"'),
        ("emails", "a@x.org", 'emails.value eq "a@x.org"'),
    ],
)
def test_the_key_decides_what_is_searched_for(serve, user_key, key, expression):
    row = user("ada", externalId="4711", emails=[{"value": "b@x.org"}, {"value": "a@x.org", "primary": True}])
    service = Service(serve, {"GET /Users": listed(row)})
    result = service.run("USER", user=key, user_key=user_key)
    assert not result["changed"] and result["user"]["id"] == "id-ada"
    assert query_of(service.server.requests[-1])["filter"] == expression


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
def test_a_rejected_filter_falls_back_to_the_list_for_good(serve, status):
    def users(request):
        return error(status, "no", "invalidFilter") if "filter" in request.target else listed(ADA, BOB)

    service = Service(serve, {"GET /Users": users})
    assert not service.run("USER", user="bob")["changed"]
    assert not service.run("USER", user="ada")["changed"]
    assert ["filter" in call for call in service.calls()] == [True, False, False]


def test_a_server_that_ignores_filters_gives_nobody_away(serve):
    service = Service(serve, {"GET /Users": listed(ADA, BOB), "POST /Users": Reply(201, user("eve"))})
    result = service.run("USER", user="eve")
    assert result["changed"] and result["user"]["id"] == "id-eve"


def test_without_filters_many_look_ups_read_the_list_once(serve):
    service = Service(serve, {"GET /Users": everybody(*MANY)}, features=("patch",))
    assert not service.run("USERS", users=[{"user": f"u{number:03}"} for number in (1, 300, 449)])["changed"]
    assert len(service.calls()) == 3


@pytest.mark.parametrize("name", ["ADA@x.org", "Ada@X.org", "aDA@x.ORG"])
def test_a_name_in_another_case_is_found_where_filters_know_case(serve, name):
    """Whether they do is asked once, with a user of the first page."""
    found = user("Ada@x.org")
    service = Service(
        serve,
        {
            "GET /Users": lambda request: (
                listed(found) if query_of(request).get("filter") in (None, 'userName eq "Ada@x.org"') else NOBODY
            )
        },
    )
    for _turn in range(2):
        result = service.run("USER", user=name)
        assert not result["changed"] and result["user"]["id"] == found["id"]
    assert len([call for call in service.calls() if "eq%20%22aDA%40X.ORG" in call]) == 1
    assert service.run("USER", user=name, state="absent", check=True)["changed"]


def test_a_name_is_not_searched_for_in_the_list_where_filters_do_not_know_case(serve):
    there = user("Bob@x.org")
    service = Service(
        serve,
        {
            "GET /Users": lambda request: (
                listed(there) if "bob" in query_of(request).get("filter", "bob").lower() else NOBODY
            ),
        },
    )
    for _turn in range(2):
        assert not service.run("USER", user="ada@x.org", state="absent")["changed"]
    assert len([call for call in service.calls() if "filter" not in call]) == 1


def test_a_name_with_escapes_that_no_filter_finds_is_looked_for_in_the_list(serve):
    found = user("a\\b@x.org")
    service = Service(serve, {"GET /Users": lambda request: NOBODY if "filter" in request.target else listed(found)})
    assert service.run("USER", user=found["userName"], state="absent", check=True)["changed"]


def test_external_ids_in_another_case_are_two_people(serve):
    service = Service(
        serve,
        {"GET /Users": listed(user("ada", externalId="aB3")), "POST /Users": Reply(201, user("eve", externalId="AB3"))},
    )
    result = service.run("USER", user="AB3", user_key="externalId", user_name="eve")
    assert result["changed"] and result["user"]["id"] == "id-eve"


def test_a_filter_of_the_task_goes_as_it_is_and_is_an_error_where_it_cannot(serve):
    service = Service(serve, {"GET /Users": listed(ADA)})
    assert names(service.run("USER_INFO", filters={"expression": 'title sw "D"'})) == ["ada"]
    assert query_of(service.server.requests[-1])["filter"] == 'title sw "D"'
    service = Service(serve, {"GET /Users": listed(ADA)}, features=())
    assert service.run("USER_INFO", filters={"expression": 'title sw "D"'})["code"] == "no_effect"
