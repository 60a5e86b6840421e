# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rotation of tokens: what is wrong with a list of them, what becomes of each, and what came of it.

The providers keep no note of whether a token has reached those who need it. So the role uses each new token once, after its delivery:
a newest token that was never used is one whose delivery was never shown, and another one takes its place.
"""

from __future__ import annotations

import datetime
import os
import re
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.durations import seconds
from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError

from .life import TokenLife, life_of
from .validate import violations

Document = t.Mapping[str, t.Any]
Entry = dict[str, t.Any]
Step = dict[str, t.Any]
Row = t.Mapping[str, t.Any]

_TEXT = {"type": "string", "minLength": 1}
_DURATION = {"type": ["string", "integer"]}
_DURATIONS = ("max_age", "min_remaining", "rotate_after", "overlap")
SCHEMA: dict[str, t.Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            **dict.fromkeys(("connection", "user", "service_account", "service_account_id", "name", "deliver", "dest"), _TEXT),
            **dict.fromkeys(_DURATIONS, _DURATION),
            "scope": {"enum": ["instance", "tenant"]},
            "description": {"type": "string"},
            "extended": {"type": "boolean"},
        },
        "required": ["connection", "name"],
        "additionalProperties": False,
    },
}

MAKE, REVOKE, KEEP, FAIL, LOOK = "make", "revoke", "keep", "fail", "look"
REFUSED, UNCLEAR = "refused", "unclear"


# -- the list ------------------------------------------------------------------------------------------------------


class Reader:
    """Reads the list of tokens: what is wrong with it, and what is to be called for each.

    ``settings`` has ``deliver``, ``dest`` and ``overlap``, which hold for entries without their own, ``awx``, whether files are gone
    after the run, and ``playbook_dir``, the folder of the playbook.
    """

    def __init__(
        self,
        tokens: t.Any,
        connections: Document,
        settings: Document,
        is_file: t.Callable[[str], bool] = os.path.isfile,
        is_folder: t.Callable[[str], bool] = os.path.isdir,
    ) -> None:
        self._connections, self._settings = connections, settings
        self._is_file, self._is_folder = is_file, is_folder
        self.entries: list[Entry] = []
        self.problems = [] if connections else ["There are no connections. Set identity_connections."]
        wrong = violations(SCHEMA, tokens, "token_rotation_tokens")
        if not wrong and not tokens:
            wrong = ["There are no tokens. Set token_rotation_tokens, a list with connection, name, whose it is, when it is replaced and where it goes."]
        self.problems += wrong
        if self.problems:  # what follows relies on the form
            return
        for number, given in enumerate(tokens):
            place = f"token_rotation_tokens[{number}] ({given['connection']}: {given['name']})"
            self.problems += [f"{place}: {text}" for text in self._problems_of(number, given)]
        self._twice("key", "is the same token as")
        self._twice("dest", "is written to the same file as")

    def _problems_of(self, number: int, given: Row) -> list[str]:
        connection = self._connections.get(given["connection"])
        if not isinstance(connection, dict) or not connection.get("provider"):
            return ["there is no such connection in identity_connections."]
        provider = connection["provider"]
        life = life_of(provider).token
        if life.module is None:
            return [f"{provider}: tokens are not rotated here. {life.text}"]
        found = []
        owners = [name for name in life.owners if given.get(name)]
        if len(owners) != 1:
            found.append(f"give whose it is, one of {', '.join(life.owners)}.")
        if "scope" in given and "user" in given:
            found.append("scope is for service accounts; take it out.")
        found += life.check(given["name"])
        times, wrong = self._times(given)
        found += wrong or _untimely(times)
        entry: Entry = {"number": number, "connection": given["connection"], "owner": given[owners[0]] if owners else "", "name": given["name"]}
        places, wrong = self._places(entry, given)
        found += wrong
        if not found:
            self.entries.append({**entry, **places, **_calls(life, owners[0], given, times, places)})
        return found

    def _times(self, given: Row) -> tuple[dict[str, str], list[str]]:
        times = {name: str(given[name]) for name in _DURATIONS if name in given}
        times.setdefault("overlap", str(self._settings["overlap"]))
        wrong = []
        for name, text in times.items():
            try:
                seconds(text, name)
            except InputError as error:
                wrong.append(error.sentence())
        return times, wrong

    def _places(self, entry: Entry, given: Row) -> tuple[dict[str, str], list[str]]:
        """Return where the token goes, and what is wrong with that."""
        found: list[str] = []
        deliver, dest, folder = (os.path.expanduser(str(text or "")) for text in (given.get("deliver"), given.get("dest"), self._settings["dest"]))
        if not deliver and not dest:
            deliver = os.path.expanduser(str(self._settings["deliver"] or ""))
        if not deliver and not dest and folder:
            dest = re.sub(r"[^\w.@+-]", "_", f"{entry['connection']}-{entry['owner']}-{entry['name']}.token")
        if dest:
            dest = os.path.join(folder, dest)
        if not deliver and not dest:
            found.append("a new token would go nowhere; give deliver, a task file of yours that takes it, or dest, a file.")
        elif not deliver and self._settings["awx"]:
            found.append("dest is gone with the container on AWX; give deliver, a task file of yours that takes the token somewhere.")
        if deliver:
            # The playbook of the role is in the collection: so first where it is started.
            tried = [os.path.abspath(deliver), os.path.join(self._settings["playbook_dir"], deliver)]
            there = [path for path in tried if self._is_file(path)]
            if not there:
                found.append(f"deliver {deliver} is not there, neither where it is started nor in the playbook's folder. Give the path of a task file.")
            deliver = there[0] if there else deliver
        dest = os.path.abspath(dest) if dest else ""
        if dest and (self._is_folder(dest) or not self._is_folder(os.path.dirname(dest))):
            found.append(f"dest {dest} must be a file in a folder that is there.")
        return {"deliver": deliver, "dest": dest}, found

    def _twice(self, field: str, text: str) -> None:
        seen: dict[str, int] = {}
        for entry in self.entries:
            value = entry[field].casefold() if field == "key" else entry[field]
            if value and seen.setdefault(value, entry["number"]) != entry["number"]:
                self.problems.append(f"token_rotation_tokens[{entry['number']}] {text} token_rotation_tokens[{seen[value]}]; take one out or change it.")


def _untimely(times: t.Mapping[str, str]) -> list[str]:
    """Return what is wrong with the times of a token taken together, each of which is a duration."""
    length = {name: seconds(text, name) for name, text in times.items()}
    after, age, left, overlap = length.get("rotate_after"), length.get("max_age"), length.get("min_remaining", 0.0), length["overlap"]
    found = []
    if after is None and not (left and age is not None):
        found.append("it would never be rotated; give rotate_after, or max_age and min_remaining.")
    if after is not None and not after:
        found.append("rotate_after is nothing: every run would make a token.")
    if age is not None and not age:
        found.append("max_age is nothing; leave it out for a token that never expires.")
    elif age is not None:
        if left >= age:
            found.append("min_remaining is not less than max_age: every run would make a token.")
        # Whichever rule comes first, the old token must live until the overlap has passed.
        begins = min(age - left if left else age, after if after is not None else age)
        if begins + overlap > age and not found:
            found.append("the old token would expire before the overlap has passed; make overlap or rotate_after shorter, or max_age or min_remaining longer.")
    return found


def _calls(life: TokenLife, owner: str, given: Row, times: t.Mapping[str, str], places: t.Mapping[str, str]) -> Entry:
    """Return what is called for a token: modules and their options.

    ``present`` shows what is due; a file that only the module writes is looked at, too. ``make`` makes a token, and revokes none.
    """
    scope = {"scope": given["scope"]} if "scope" in given else {}
    who = {owner: given[owner], **scope}
    more = {name: given[name] for name in life.options if name in given}
    same = {**who, **more, "name": given["name"], "state": "present"}
    file = {"dest": places["dest"]} if places["dest"] and not places["deliver"] else {}
    age = {"max_age": times["max_age"]} if "max_age" in times else {}
    present = {**same, "rotate": "expired", **times, **file}
    make = {**same, "rotate": "always", **age}
    return {
        "module": life.module, "info": life.info, "credential": life.credential, "who": who, "present": present, "make": make,
        "key": f"{given['connection']}: {' '.join(f'{option} {value}' for option, value in who.items())}: {given['name']}",
    }


# -- what becomes of each ------------------------------------------------------------------------------------------


def steps(entries: t.Sequence[Entry], told: t.Sequence[Row], held: t.Mapping[int, Row]) -> list[Step]:
    """Return what becomes of each token.

    ``told`` are the results of the module in check mode, in the order of the entries. ``held`` are results of the info module by number of
    the entry: where one is needed and missing, the step is ``look``. Each step has ``number``, ``action``, ``detail``, ``token_id`` (the
    current one) and ``revoke`` (ids).
    """
    found = []
    for entry, result in zip(entries, told, strict=True):
        number = entry["number"]
        found.append({"number": number, "token_id": None, "revoke": [], **_step(result, held.get(number))})
    return found


def _step(told: Row, held: Row | None) -> Step:
    failure = told.get("error") or (held or {}).get("error")
    if failure:
        return {"action": FAIL, "detail": f"{failure} Nothing was changed."}
    if told.get("made"):
        return {"action": MAKE, "detail": told.get("why") or ""}
    current = told["token"]
    # One that was used within the overlap is kept by the module; here its last use is compared with that of the current one.
    in_use = [token["id"] for token in told.get("kept") or () if token["code"] == "token_in_use"]
    unused, older = not current.get("last_used_at"), [*(told.get("revoked") or ()), *in_use]
    if not unused and not older:
        return {"action": KEEP, "token_id": current["id"], "detail": " ".join(told.get("warnings") or ()) or "it is valid, and not due"}
    if held is None:
        return {"action": LOOK, "token_id": current["id"], "detail": ""}
    return _replaced(current, held["tokens"]) if unused else _relieved(current, older, held["tokens"])


def _replaced(current: Row, held: t.Sequence[Row]) -> Step:
    """Return what becomes of a family whose newest token was never used: its delivery may have been interrupted."""
    others = [token for token in held if token["id"] != current["id"] and not token.get("expired")]
    before = max(others, key=lambda token: _moment(token.get("issued_at")), default=None)
    if before is not None and not before.get("last_used_at"):
        # Where uses are not told, or the run is cut off each time, there must be an end to new tokens.
        return {
            "action": FAIL,
            "token_id": current["id"],
            "detail": f"the two newest tokens, {current['id']} and {before['id']}, were never used, so neither is known to have arrived. "
            "Revoke those that nobody has (state absent with token_id), then run it again.",
        }
    return {"action": MAKE, "token_id": current["id"], "detail": f"the newest one, {current['id']}, was never used: it may never have arrived"}


def _relieved(current: Row, older: t.Sequence[str], held: t.Sequence[Row]) -> Step:
    """Return what becomes of older tokens whose overlap has passed: one that is still worked with stays."""
    used = _moment(current.get("last_used_at"))
    busy = [token["id"] for token in held if token["id"] in older and not token.get("expired") and _moment(token.get("last_used_at")) > used]
    idle = [identity for identity in older if identity not in busy]
    notes = [f"{', '.join(busy)} was used after the current one: whoever works with it has not taken the new one, and it was not revoked"] if busy else []
    if idle:
        return {"action": REVOKE, "token_id": current["id"], "revoke": idle, "detail": "; ".join([f"revoked {', '.join(idle)}", *notes])}
    return {"action": KEEP, "token_id": current["id"], "detail": notes[0]}


def _moment(text: t.Any) -> float:
    """Return an ISO 8601 time as seconds since 1970; 0 where there is none."""
    if not isinstance(text, str) or not text:
        return 0.0
    # Python 3.10 reads neither a Z nor other than 3 or 6 digits of a second.
    plain = re.sub(r"\.(\d+)", lambda match: "." + (match[1] + "000000")[:6], text.replace("Z", "+00:00"))
    try:
        when = datetime.datetime.fromisoformat(plain)
    except ValueError:
        return 0.0
    return (when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)).timestamp()


# -- what came of it -----------------------------------------------------------------------------------------------


def proof(tried: t.Sequence[Row]) -> dict[str, str]:
    """Return what trying a token has shown: ``proof`` is empty where it works, refused, or unclear, with ``why``. The last trial counts."""
    made = [one for one in tried if one and not one.get("skipped")]
    if not made or not made[-1].get("error") or made[-1].get("status") == 403:  # it is known, though it may not read this
        return {"proof": "", "why": ""}
    return {"proof": REFUSED if made[-1].get("status") == 401 else UNCLEAR, "why": made[-1]["error"]}


def outcome(step: Step, entry: Entry, did: Row) -> dict[str, t.Any]:
    """Return what came of one new token.

    ``did`` has ``token_id``, or ``error`` where none could be made; ``broken`` (the task of the delivery that failed), ``proof`` with ``why``,
    ``taken_back`` (why the new token could not be revoked, where that failed), and ``restored`` (whether a file is as it was before).
    """
    if did.get("error"):
        return {"outcome": "failed", "token_id": step["token_id"], "detail": f"no token was made: {did['error']}"}
    new, again = did["token_id"], "Fix that and run it again."
    if did.get("broken"):
        why = f"the delivery failed in the task '{did['broken']}', whose output is hidden because it may hold the token."
    elif did["proof"] == REFUSED:
        why = "the new token was delivered, and is refused."
        if entry["deliver"]:
            again = "Put the old token back where deliver has put the new one, then run it again."
    elif did["proof"] == UNCLEAR:
        why = f"the new token was delivered, and could not be tried: {did['why']}"
        return {"outcome": "failed", "token_id": new, "detail": f"{why} It stays, and older ones do. Run it again: another one is made if this was not used."}
    else:
        return {"outcome": "made", "token_id": new, "detail": f"{step['detail']}; older ones are revoked by a later run"}
    if entry["dest"]:
        why += " The file is as it was before." if did.get("restored") else f" {entry['dest']} could not be put back: it holds the new token."
    if did.get("taken_back"):
        return {"outcome": "failed", "token_id": new, "detail": f"{why} The new token {new} could not be revoked: {did['taken_back']} Revoke it. {again}"}
    return {"outcome": "failed", "token_id": step["token_id"], "detail": f"{why} The new token {new} was revoked, older ones work as before. {again}"}


def report(entries: t.Sequence[Entry], planned: t.Sequence[Step], made: t.Mapping[int, Row], revoked: t.Sequence[Row], check: bool) -> list[dict[str, t.Any]]:
    """Return what came of each token, without the tokens.

    ``made`` are outcomes by number of the entry. ``revoked`` are results of revocations with ``number`` and ``token_id``.
    """
    found = []
    for entry, step in zip(entries, planned, strict=True):
        line: dict[str, t.Any] = {name: entry[name] for name in ("connection", "owner", "name")}
        number, action = entry["number"], step["action"]
        if action == MAKE and not check:
            line.update(made.get(number) or {"outcome": "failed", "token_id": step["token_id"], "detail": "it was not reached. Run it again."})
        else:
            line.update(outcome={MAKE: "made", REVOKE: "revoked", KEEP: "kept"}.get(action, "failed"), token_id=step["token_id"], detail=step["detail"])
            wrong = [f"{one['token_id']} could not be revoked: {one['error']}" for one in revoked if one["number"] == number and one.get("error")]
            if wrong:
                line.update(outcome="failed", detail=" ".join(wrong) + " Run it again.")
        found.append(line)
    return found
