# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task files of extensions/deliver, each against a stand-in: what arrives, what a failure says, and
that no secret shows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import pathlib
import shutil
import subprocess
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from playbooks import ROOT, Playbooks, Run
from scenarios import assert_silent
from standins import Sent, mail, web

from simulator.harness import Simulator

SECRET = "canary-of-the-delivery"
HOSTILE = "{{ lookup('ansible.builtin.pipe', 'touch pwned') }}"
FROM_ENV = "{{ lookup('ansible.builtin.env', 'DELIVER_SECRET') }}"
PEOPLE = {
    "identity_connections": {"ol": {"provider": "onelogin"}},
    "identity_as_of": "2026-06-15",
    "identity_links": "../links.yml",
    "identity_people": [{"id": "E1", "name": "Ada Bee", "email": "ada@acme.com", "entitlements": ["staff"]}],
    "identity_entitlements": {"staff": {"grants": {"ol": {}}}},
}
REPORT = {
    "kind": "access",
    "name": "access-2026-06-15",
    "content": {"outcome": "planned"},
    "text": "Plan <!channel>\nAda & Bee\nthird\n",
    "html": "<p>Plan</p>\n",
    "links": "links: []\n",
}
FILES = {
    "kind": "access_review_open",
    "name": "access-review-q2",
    "content": {"manifest.json": '{"a": 1}\n', "review.csv": "id;né\n"},
}


def deliver(
    playbooks: Playbooks, name: str, delivery: dict[str, Any], *, may_fail: bool = False, **variables: Any
) -> Run:
    """Run a task file with a delivery. Values of FROM_ENV are the secret."""
    path = str(ROOT / "extensions" / "deliver" / f"{name}.yml")
    task = {"name": "deliver", "ansible.builtin.include_tasks": {"file": path}, "vars": {"identity_delivery": delivery}}
    run = playbooks.run([task], variables=variables, env={"DELIVER_SECRET": SECRET}, may_fail=may_fail)
    assert_silent(run, (SECRET, base64.b64encode(f"git:{SECRET}".encode()).decode()))
    assert bool(run.code) == may_fail
    return run


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def repository(tmp_path: pathlib.Path) -> pathlib.Path:
    """A bare repository with a branch main."""
    bare, first = tmp_path / "bare.git", tmp_path / "first"
    author = ["-c", "user.name=t", "-c", "user.email=t@t"]
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", bare], check=True)
    subprocess.run(["git", "clone", "--quiet", bare, first], check=True, capture_output=True)
    subprocess.run(["git", *author, "-C", first, "commit", "--quiet", "--allow-empty", "-m", "first"], check=True)
    subprocess.run(["git", "-C", first, "push", "--quiet", "origin", "HEAD:main"], check=True, capture_output=True)
    return bare


def git(repository: pathlib.Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", repository, *arguments], check=True, capture_output=True, encoding="utf-8"
    ).stdout


@needs_git
def test_roles_commit_what_differs_to_git(simulator: Simulator, playbooks: Playbooks, repository: pathlib.Path) -> None:
    simulator.reset(seed_users=0)
    simulator.put_users(
        [{"username": "ada", "email": "ada@acme.com", "firstname": HOSTILE, "lastname": "Bee"}], "onelogin"
    )
    variables = {
        **PEOPLE, "deliver_git_repository": f"file://{repository}", "deliver_git_folder": "",
        "export_deliver": "rollcall.identity.git", "access_deliver": "rollcall.identity.git",
    }  # fmt: skip
    roles = [
        {"name": name, "ansible.builtin.include_role": {"name": f"rollcall.identity.{name}"}}
        for name in ("export", "access")
    ]
    run = playbooks.run(
        [roles[0], roles[0], roles[1]], variables={**variables, "access_adopt_limit": 9, "access_mode": "apply"}
    )
    assert run.code == 0
    subjects = git(repository, "log", "--format=%s", "main").splitlines()
    assert subjects == ["access: access-2026-06-15", "export: export-2026-06-15", "first"], (
        "the second export commits nothing"
    )
    names = git(repository, "ls-tree", "-r", "--name-only", "main").split()
    assert {
        "links.yml", "export/people.yml", "export/people.csv", "access/access-2026-06-15.json",
        "access/access-2026-06-15.html",
    } <= set(names)
    assert HOSTILE in git(repository, "show", "main:export/people.csv")
    assert json.loads(git(repository, "show", "main:access/access-2026-06-15.json"))["outcome"] == "applied"
    assert "E1" in git(repository, "show", "main:links.yml")
    assert not list(run.folder.rglob("pwned"))


@needs_git
def test_git_sends_the_token_to_the_server_alone(playbooks: Playbooks) -> None:
    with web() as server:
        server.answer = lambda _request: (403, {})
        run = deliver(
            playbooks, "git", REPORT, deliver_git_repository=f"{server.url}/acme.git", deliver_git_token=FROM_ENV,
            may_fail=True,
        )
    assert server.sent[0].headers["authorization"] == "Basic " + base64.b64encode(f"git:{SECRET}".encode()).decode()
    assert "403" in run.output
    run = deliver(
        playbooks, "git", REPORT, deliver_git_repository="https://ada:" + FROM_ENV + "@acme.com/x.git", may_fail=True
    )
    assert "Refuse tokens, and invalid settings" in run.output


def signed_by(request: Sent, netloc: str, region: str) -> bool:
    """Return whether a presigned PUT has the signature of the secret, worked out as a server does."""
    path, _, query = request.path.partition("?")
    values = {name: items[0] for name, items in parse_qs(query).items()}
    signature = values.pop("X-Amz-Signature")
    line = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(values.items()))
    canonical = "\n".join(["PUT", path, line, f"host:{netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    day = values["X-Amz-Date"][:8]
    scope = f"{day}/{region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", values["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{SECRET}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return (
        values["X-Amz-Credential"] == f"AKIA1/{scope}"
        and hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == signature
    )


def test_s3_takes_every_file_with_a_signature(playbooks: Playbooks) -> None:
    keys = {"deliver_s3_region": "eu-central-1", "deliver_s3_access_key": "AKIA1", "deliver_s3_secret_key": FROM_ENV}
    with web() as server:
        netloc = urlsplit(server.url).netloc
        for delivery in (REPORT, FILES):
            deliver(playbooks, "s3", delivery, deliver_s3_url=f"{server.url}/acme/access", **keys)
        assert all(request.method == "PUT" and signed_by(request, netloc, "eu-central-1") for request in server.sent)
        bodies = {unquote(request.path.partition("?")[0]): request.body.decode() for request in server.sent}
        base = "/acme/access/access-2026-06-15"
        assert json.loads(bodies.pop(f"{base}.json")) == REPORT["content"]
        assert bodies == {
            f"{base}.txt": REPORT["text"], f"{base}.html": REPORT["html"], f"{base}.links.yml": REPORT["links"],
            **{f"/acme/access/access-review-q2/{name}": text for name, text in FILES["content"].items()},
        }  # fmt: skip
        deliver(playbooks, "s3", FILES, deliver_s3_urls={"review.csv": f"{server.url}/x?X-Amz-Signature={FROM_ENV}"})
        assert server.sent[-1].path == f"/x?X-Amz-Signature={SECRET}"
        server.answer = lambda _request: (403, {"secret": SECRET})
        run = deliver(playbooks, "s3", REPORT, deliver_s3_url=server.url, may_fail=True, **keys)
        assert "Its answers were 403" in run.output
        count = len(server.sent)
        run = deliver(playbooks, "s3", REPORT, deliver_s3_url=server.url, deliver_s3_secret_key=FROM_ENV, may_fail=True)
        assert "The key is missing." in run.output
        assert len(server.sent) == count


def test_mail_arrives_over_tls_with_the_files(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    variables = {
        "deliver_mail_to": "iam@acme.com, boss@acme.com", "deliver_mail_from": "awx@acme.com",
        "deliver_mail_host": "127.0.0.1", "deliver_mail_user": "awx", "deliver_mail_password": FROM_ENV,
    }
    with mail(tmp_path) as server:
        variables.update(deliver_mail_port=server.port, deliver_mail_ca=server.certificate)
        for delivery in (REPORT, FILES):
            deliver(playbooks, "mail", delivery, **variables)
        report, files = server.messages
        assert (report["To"], report["Subject"]) == (
            "iam@acme.com, boss@acme.com",
            "rollcall.identity: access access-2026-06-15",
        )
        attached = {
            part.get_filename(): part.get_content()
            for message in (report, files)
            for part in message.iter_attachments()
        }
        assert sorted(attached) == ["access-2026-06-15.html", "access-2026-06-15.json", "manifest.json", "review.csv"]
        assert attached["review.csv"] == FILES["content"]["review.csv"]
        assert "Ada & Bee" in report.get_body().get_content()
        assert base64.b64decode(server.logins[0].split()[-1]).decode() == f"\0awx\0{SECRET}"
        server.accepts = False
        run = deliver(playbooks, "mail", REPORT, may_fail=True, **variables)
        assert "127.0.0.1 did not accept the e-mail: SMTPAuthenticationError 535" in run.output
        deliver(playbooks, "mail", REPORT, may_fail=True, **{**variables, "deliver_mail_security": "none"})
        assert len(server.messages) == 2


def test_servicenow_has_one_record_for_each_result(playbooks: Playbooks) -> None:
    records: list[dict[str, Any]] = []

    def answer(request: Sent) -> tuple[int, Any]:
        if request.method == "GET":
            return 200, {
                "result": [{"sys_id": "r1"} for record in records if quote(record["correlation_id"]) in request.path]
            }
        if request.path == "/api/now/table/incident":
            records.append(request.json)
        return (200 if request.method == "PATCH" else 201), {"result": {"sys_id": "r1"}}

    with web() as server:
        server.answer = answer
        variables = {
            "deliver_servicenow_url": f"{server.url}/", "deliver_servicenow_user": "awx",
            "deliver_servicenow_password": FROM_ENV,
        }
        for _run in range(2):
            deliver(playbooks, "servicenow", REPORT, deliver_servicenow_fields={"category": "access"}, **variables)
        assert [(request.method, urlsplit(request.path).path) for request in server.sent] == [
            ("GET", "/api/now/table/incident"),
            ("POST", "/api/now/table/incident"),
            *[("POST", "/api/now/attachment/file")] * 2,
            ("GET", "/api/now/table/incident"),
            ("PATCH", "/api/now/table/incident/r1"),
            *[("POST", "/api/now/attachment/file")] * 2,
        ]
        assert len(records) == 1
        assert records[0]["category"] == "access"
        assert "Ada & Bee" in records[0]["description"]
        assert json.loads(server.sent[2].body) == REPORT["content"]
        assert all(
            base64.b64decode(request.headers["authorization"].split()[1]).decode() == f"awx:{SECRET}"
            for request in server.sent
        )
        server.answer = lambda _request: (401, {"error": SECRET})
        run = deliver(playbooks, "servicenow", REPORT, may_fail=True, **variables)
        assert "ServiceNow answered the search for the record with 401" in run.output
        server.answer = lambda _request: (200, "a page to log in")
        run = deliver(playbooks, "servicenow", REPORT, may_fail=True, **variables)
        assert "with 200 and no JSON: is deliver_servicenow_url correct?" in run.output


def test_slack_gets_the_first_lines_and_nobody_is_called(playbooks: Playbooks) -> None:
    with web() as server:
        variables = {"deliver_slack_url": f"{server.url}/services/{FROM_ENV}", "deliver_slack_lines": 2}
        deliver(playbooks, "slack", REPORT, deliver_slack_link="https://awx.acme.com/#/jobs/1", **variables)
        text = (
            "*rollcall.identity: access access-2026-06-15*\nPlan &lt;!channel&gt;\nAda &amp; "
            "Bee\nhttps://awx.acme.com/#/jobs/1"
        )
        assert (server.sent[0].path, server.sent[0].json) == (f"/services/{SECRET}", {"text": text})
        server.answer = lambda _request: (404, SECRET)
        run = deliver(playbooks, "slack", FILES, may_fail=True, **variables)
        assert "Slack answered with 404" in run.output
        assert len(server.sent) == 2, "what is refused for good is not repeated"


@needs_git
def test_git_pushes_until_nobody_is_faster(
    playbooks: Playbooks, repository: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """Jobs of slices push at the same time: three times, somebody else's push arrives first."""
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    other, author = tmp_path / "first", "-c user.name=t -c user.email=t@t"
    (hooks / "pre-push").write_text(
        f"#!/bin/sh\nunset GIT_DIR GIT_WORK_TREE GIT_PREFIX GIT_CONFIG_PARAMETERS\ncd {tmp_path}\necho x >> pushes\n[ "
        f"$(wc -l < pushes) -gt 3 ] && exit 0\ngit {author} -C {other} commit -q --allow-empty -m other && git -C "
        f"{other} push -q origin HEAD:main\n",
        encoding="utf-8",
    )
    (hooks / "pre-push").chmod(0o755)
    path = str(ROOT / "extensions" / "deliver" / "git.yml")
    task = {"name": "deliver", "ansible.builtin.include_tasks": {"file": path}, "vars": {"identity_delivery": REPORT}}
    variables = {"deliver_git_repository": f"file://{repository}"}
    playbooks.run([task], variables=variables, env={"GIT_TEMPLATE_DIR": str(tmp_path / "template")})
    assert git(repository, "log", "--format=%s", "main").splitlines() == [
        "access: access-2026-06-15", "other", "other", "other", "first",
    ]
    (repository / "hooks" / "pre-receive").write_text(
        f"#!/bin/sh\necho x >> {tmp_path}/refused\nexit 1\n", encoding="utf-8"
    )
    (repository / "hooks" / "pre-receive").chmod(0o755)
    task["vars"] = {"identity_delivery": {**REPORT, "name": "another"}}
    run = playbooks.run([task], variables=variables, may_fail=True)
    assert "pre-receive hook declined" in run.output
    assert len((tmp_path / "refused").read_text(encoding="utf-8").split()) == 1, (
        "what is refused for good is not repeated"
    )


@pytest.mark.parametrize(
    "name",
    [
        "deliver/git", "deliver/s3", "deliver/mail", "deliver/servicenow", "deliver/slack",
        "awx/project/deliver/job_output",
    ],
)
def test_tokens_go_nowhere_without_a_vault(playbooks: Playbooks, name: str) -> None:
    token = {"kind": "token", "connection": "kes", "owner": "ada", "name": "ci", "token": FROM_ENV, "token_id": "1"}
    task = {
        "ansible.builtin.include_tasks": {"file": str(ROOT / "extensions" / f"{name}.yml"), "apply": {"no_log": True}}
    }
    run = playbooks.run([{**task, "vars": {"identity_delivery": token}}], env={"DELIVER_SECRET": SECRET}, may_fail=True)
    assert run.code
    assert "TASK [Refuse " in run.output
    assert_silent(run, (SECRET,))


@pytest.mark.parametrize(
    ("name", "variables", "texts"),
    [
        ("git", {}, ["Set deliver_git_repository to the address of the repository."]),
        (
            "git",
            {"deliver_git_repository": f"https://ada:{SECRET}@git.acme.com/a.git"},
            [
                "Remove the user and the password from deliver_git_repository.",
                "Put them into deliver_git_user and deliver_git_token.",
            ],
        ),
        (
            "mail",
            {"deliver_mail_security": "ssl"},
            [
                "Set deliver_mail_to to the addresses of the recipients.",
                "Set deliver_mail_from to the address of the sender.",
                "Set deliver_mail_security to starttls, tls or none.",
            ],
        ),
        (
            "mail",
            {
                "deliver_mail_to": "a@b.c", "deliver_mail_from": "a@b.c", "deliver_mail_security": "none",
                "deliver_mail_password": FROM_ENV,
            },
            [
                "Remove deliver_mail_password, or set deliver_mail_security to starttls or tls:",
                "with none, the password would be sent unencrypted.",
            ],
        ),
        ("s3", {}, ["Set deliver_s3_url to the address of the bucket, or deliver_s3_urls."]),
        ("servicenow", {}, ["Set deliver_servicenow_url to the address of the instance."]),
        ("slack", {}, ["Set deliver_slack_url to the address of the webhook."]),
    ],
)
def test_each_setting_that_is_wrong_has_its_own_text(
    playbooks: Playbooks, name: str, variables: dict[str, Any], texts: list[str]
) -> None:
    run = deliver(playbooks, name, REPORT, may_fail=True, **variables)
    assert f'"msg": "{" ".join(texts)}"' in run.output


def test_a_delivery_that_does_not_exist_is_reported_before_any_call(playbooks: Playbooks, simulator: Simulator) -> None:
    task = {"name": "access", "ansible.builtin.include_role": {"name": "rollcall.identity.access"}}
    run = playbooks.run([task], variables={**PEOPLE, "access_deliver": "rollcall.identity.fax"}, may_fail=True)
    assert run.code
    assert "access_deliver: there is no file" in run.output
    assert not simulator.requests()
