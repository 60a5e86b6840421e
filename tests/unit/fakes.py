# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the unit tests share: a clock that nobody waits for, and a provider in memory with every kind of field
and facet."""

from __future__ import annotations

import copy
import dataclasses
import threading
import types
from collections import Counter

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import ApiError
from ansible_collections.rollcall.identity.plugins.module_utils._core.http import paging
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import AnswerReader, Operation
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.exchange import Settings
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.limiter import Limiter
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.paging import Listing
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.transport import Transport
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import (
    PASSWORD,
    Account,
    Desired,
    DesiredFacet,
    Facet,
    Field,
    Schema,
    Snapshot,
    fold,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.connection import Connection
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.directory import Directory
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.recipes import Binding, info_task
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.writing import Writing

RESERVED = {"failed", "results", "skipped", "items", "keys", "rc", "exception", "msg", "invocation"}
"""What Ansible itself uses in results."""


class FakeClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self):
        self.time = 1000.0
        self.slept = []
        self._lock = threading.Lock()

    def now(self):
        return self.time

    def sleep(self, seconds):
        with self._lock:
            self.slept.append(seconds)
            self.time += seconds


class HastyClock(FakeClock):
    """Time that passes whenever somebody looks at it: ``step`` seconds."""

    def __init__(self, step=1.0):
        super().__init__()
        self.step = step

    def now(self):
        self.time += self.step
        return self.time


def sparing(reserve="20%", max_wait=100):
    """Return the limiter of a task on many users."""
    limiter = Limiter(max_wait, FakeClock(), reserve)
    limiter.keeps_reserve = True
    return limiter


def turns(word, before_is=True):
    """Return a ``loses`` function for a yes-or-no field that is lost when it turns to no."""
    return lambda before, after: word if before is before_is and after is False else None


SCHEMA = Schema(
    provider="memory",
    noun="user",
    key="name",
    fields=(
        Field("name", fold=True, required=True),
        Field("email", fold=True),
        Field("title"),
        Field("badge", loose=True),
        Field("enabled", type="bool", via="access", loses=turns("disabled")),
        Field("admin", type="bool", via="power", loses=turns("demoted")),
        Field(PASSWORD, via=PASSWORD, readable=False, secret=True),
        Field("created_at", writable=False),
    ),
    facets=(
        Facet("groups", "group"),
        Facet("tags", "tag", in_create=True),
        Facet("attributes", "attribute", "map", loss=False),
        Facet("labels", "label", "map"),
    ),
    states=("present", "absent", "destroyed"),
    knows_privileged=True,
    knows_caller=True,
    normalise=lambda values: {"enabled": values.get("enabled"), "privileged": values.get("admin") is True},
)


def entries(*items):
    """Return the entries of a set as a provider without ids has them."""
    return {fold(str(item)): item for item in items}


def target(mode, items, managed=None):
    """Return a facet wish whose names are not resolved yet."""
    return DesiredFacet(mode, items, managed)


def want(key, state="present", schema=SCHEMA, facets=None, **more):
    """Return a desired user; what is no part of Desired is a field. The facets are resolved."""
    parts = {name: more.pop(name) for name in ("id", "previous", "index", "always", "may_create") if name in more}
    fields = {"name": key, **more} if key and state == "present" else more
    desired = Desired(key, state=state, fields=fields, facets=dict(facets or {}), **parts)
    Directory(None, schema).resolve([desired])
    return desired


def person(identity, name, facets=None, **values):
    """Return an account of SCHEMA with all facets read; sets are given as lists."""
    held = {facet.name: {} for facet in SCHEMA.facets}
    for facet, value in (facets or {}).items():
        held[facet] = dict(value) if SCHEMA.facet(facet).is_map else entries(*value)
    marks = {mark: values.pop(mark) for mark in ("owner", "deleted") if mark in values}
    return Account(str(identity), name, {"name": name, "enabled": True, **values}, held, **marks)


def refusal(status=400, answer="no"):
    """Return a server's refusal."""
    return ApiError("some_call", "do that", status, answer)


class MemoryConnection(Connection):
    """A connection that nothing is sent over; it counts what its directory does."""

    provider = "memory"
    default_url = "http://127.0.0.1:9"
    organisation = "acme"
    whoami = "robot"

    def account(self):
        return self.organisation

    def caller(self):
        return self.whoami


class Memory(Directory):
    """A directory in memory, strict as OneLogin is: a delta that is already so is refused.

    ``fail(call, error, after=True)`` lets calls fail after or before their effect. ``sticky`` entries stay when they
    are removed. With ``lean`` the list leaves title and groups out. ``truncated`` makes listings incomplete.
    """

    def __init__(self, people=(), page_size=3, lookups_up_to=20, schema=SCHEMA, **params):
        self.clock = FakeClock()
        super().__init__(MemoryConnection({"max_concurrency": 1, **params}, Masker(), self.clock), schema)
        self.page_size = page_size
        self.lookups_up_to = lookups_up_to
        self.people = {account.id: copy.deepcopy(account) for account in people}
        self.log = []
        self.faults = []
        self.sticky = set()
        self.lean = self.truncated = False
        self.tells_total = True
        self.meet = None
        self._lock = threading.RLock()

    # -- the server ----------------------------------------------------------------------------------------------

    def fail(self, call, error, after=False, skip=0):
        """Let one call fail: the next of that name, or a later one."""
        self.faults.append({"call": call, "error": error, "after": after, "skip": skip})

    @property
    def calls(self):
        return Counter(call for call, _who in self.log)

    @property
    def writes(self):
        return [entry for entry in self.log if entry[0] not in ("lookup", "get", "list", "load")]

    def serve(self, call, who, effect):
        if self.meet is not None and call not in ("lookup", "get", "list", "load"):
            self.meet(who)
        with self._lock:
            self.log.append((call, who))
            self.connection.transport.calls[call] += 1
            self.connection.counter.calls += 1
            fault = next((fault for fault in self.faults if fault["call"] == call), None)
            if fault is not None and fault["skip"]:
                fault["skip"] -= 1
                fault = None
            if fault is not None:
                self.faults.remove(fault)
                if not fault["after"]:
                    raise fault["error"]
            result = effect()
            if fault is not None:
                raise fault["error"]
            return result

    def there(self, test):
        return [copy.deepcopy(account) for account in self.people.values() if not account.deleted and test(account)]

    # -- reading -------------------------------------------------------------------------------------------------

    def lookup(self, key):
        return self.serve("lookup", key, lambda: self.there(lambda account: fold(account.key) == fold(key)))

    def get(self, identity):
        return next(iter(self.serve("get", identity, lambda: self.there(lambda account: account.id == identity))), None)

    def listing(self, stop=None):
        everyone = self.there(lambda account: True)
        if self.lean:
            for account in everyone:
                account.values.pop("title", None)
                del account.facets["groups"]
        total = len(everyone) if self.tells_total else None
        page = 0
        for page, end in enumerate(range(self.page_size, len(everyone) + self.page_size, self.page_size), 1):
            self.serve("list", page, lambda: None)
            found = everyone[:end]
            if end < len(everyone) and stop is not None and stop(Listing(found, pages=page), total):
                return Snapshot(found, pages=page)
        return Snapshot(everyone, not self.truncated, page)

    def deleted(self, keys, ids):
        found = (
            account
            for account in self.people.values()
            if account.deleted and (fold(account.key) in keys or account.id in ids)
        )
        return [copy.deepcopy(account) for account in found]

    def load(self, account, facets, fields):
        whole = self.serve("load", account.key, lambda: copy.deepcopy(self.people[account.id]))
        account.facets.update({name: whole.facets[name] for name in facets})
        account.values.update({name: whole.values.get(name) for name in fields})

    def writing(self, desired, account=None):
        return MemoryWriting(self, desired, account)


class MemoryWriting(Writing):
    """One user's difference, written to the memory."""

    def create(self, step):
        directory, desired = self.directory, self.desired

        def effect():
            if directory.there(lambda account: fold(account.key) == fold(desired.key)):
                raise refusal(409, "this name is taken")
            account = person(100 + len(directory.people), desired.key)
            account.values.update(
                {name: value for name, value in step.values.items() if self.schema.field(name).readable}
            )
            account.values["created_at"] = "today"
            account.facets.update(copy.deepcopy(step.facets))
            directory.people[account.id] = account
            return copy.deepcopy(account)

        return directory.serve("create", desired.key, effect)

    def update(self, via, values):
        account = self.account

        def effect():
            held = self.directory.people[account.id]
            held.values.update({name: value for name, value in values.items() if self.schema.field(name).readable})
            held.key = held.values["name"]

        self.directory.serve(f"update {via}", account.key, effect)

    def facet(self, step):
        directory, account = self.directory, self.account
        declared = self.schema.facet(step.via)

        def effect():
            held = directory.people[account.id].facets[step.via]
            if step.via in directory.replaces:  # what is sent is all that is left, whoever has added what meanwhile
                directory.people[account.id].facets[step.via] = dict(step.final)
                return {}
            if not declared.is_map and (set(step.add) & set(held) or set(step.remove) - set(held)):
                raise refusal(400, "already so")
            held.update(step.add)
            for name in set(step.remove) - directory.sticky:
                held.pop(name)
            return {name: item for name, item in step.remove.items() if name in directory.sticky}

        return directory.serve(f"facet {step.via}", account.key, effect)

    def delete(self):
        self.directory.serve("delete", self.account.key, lambda: self.directory.people.pop(self.account.id, None))

    def destroy(self):
        self.directory.serve("destroy", self.account.key, lambda: self.directory.people.pop(self.account.id))

    def restore(self):
        def effect():
            self.directory.people[self.account.id].deleted = False

        self.directory.serve("restore", self.account.key, effect)


class _Later:
    """A page that is fetched when it is asked for; ``cancel`` takes it back."""

    def __init__(self, fetch, position):
        self.fetch, self.position, self.open = fetch, position, True

    def result(self):
        self.open = False
        return self.fetch(self.position)

    def cancel(self):
        self.open = False


class _Pool:
    """An executor that works as late as it may: like the real one it waits in the end for what was not cancelled."""

    def __init__(self, max_workers):
        self.jobs = []

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        for job in self.jobs:
            if job.open:
                job.result()

    def submit(self, fetch, position):
        self.jobs.append(_Later(fetch, position))
        return self.jobs[-1]


def lazily(monkeypatch):
    """Let pages that are read concurrently be read one after the other, each when it is asked for."""
    monkeypatch.setattr(
        paging, "concurrent", types.SimpleNamespace(futures=types.SimpleNamespace(ThreadPoolExecutor=_Pool))
    )


def context(check=False, diff=True, **params):
    """Return what a task is run with."""
    return Context(params, check, diff, Masker())


def groups_info(directory):
    """Return the task of an info module that reads the users of a directory and their groups."""
    return info_task(
        Binding(None, {}, SCHEMA, lambda connection, params: directory),
        ["groups"],
        [],
        {},
        lambda memory, filters: memory.listing().accounts,
    )


READ = Operation("read_thing", "GET", "/things/{id}", "read")
LIST = Operation("list_things", "GET", "/things", "list things")
CREATE = Operation("create_thing", "POST", "/things", "create")
REPLACE = Operation("replace_thing", "PUT", "/things/{id}", "replace")
DELETE = Operation("delete_thing", "DELETE", "/things/{id}", "delete", reads="none")
DELTA = Operation("add_parts", "PUT", "/things/{id}/parts", "add parts to", repeatable=False)


def transport(url, reader=None, secrets=(), max_wait=300.0, **settings):
    """Return a transport whose clock stands still; no server of a test is too slow for it."""
    made = Settings(api_url=url, **{"timeout": 300.0, **settings})
    return Transport(made, reader or AnswerReader(), Masker(secrets), Limiter(max_wait, FakeClock()))


def slept(sender):
    """Return the seconds that a transport has waited, one number for each time."""
    return sender.limiter.clock.slept


BULK = Policy(bulk=True, loss_limit="100%", delete_limit=99, min_admins=0, bootstrap=True)
"""Limits that let everything pass."""
CROWD = [person(number, f"user{number:02}", facets={"groups": ["ops"]}) for number in range(30)]


def bulk(directory, *desired, check=False, **policy):
    """Converge many users; ``policy`` changes the limits."""
    for index, user in enumerate(desired):
        user.index = index
    return converge(context(check), directory, list(desired), dataclasses.replace(BULK, **policy))


def single(directory, desired, check=False, **policy):
    """Converge one user; ``policy`` changes the limits."""
    return converge(context(check), directory, [desired], dataclasses.replace(Policy(min_admins=0), **policy))
