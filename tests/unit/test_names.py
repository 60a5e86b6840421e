# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A name of an option or a result means one thing in all modules: one type, and descriptions that are about the same.

Two descriptions are about the same if their first sentences share a word that is not a common one. What is different
or says it in other words is listed with the reason.
"""

from __future__ import annotations

import functools
import importlib
import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = "ansible_collections.rollcall.identity.plugins.modules."
FRAGMENTS = "ansible_collections.rollcall.identity.plugins.doc_fragments."
NAMES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__")
GIVEN_BACK = "Returned by info modules. Accepted and ignored"
"""How the description of an option begins that has no effect."""
COMMON = frozenset(
    re.findall(
        r"\w+",
        """
        about above after again also always another anything apart because been before beside both cannot does each else
        every false from given have here into itself know made makes mean means more most much must name named names
        none nobody null only otherwise over own same says some somebody such take takes than that their them then there
        these they this those true under used users user value well what when where whether which whom whose will with
        without would contabo kestra nextauth onelogin sendauth environment required needs returned read
    """,
    )
)
"""Words from which nothing follows about what a description is about."""

TYPES = {
    "option company": "a text at OneLogin; at SendAuth a company that exists, by name or as {id}",
    "option dest": "token_rotation takes an empty text for none, which a path would make a folder",
    "option role": "at SendAuth the one role of a user, a word; at OneLogin a filter, by name or as {id}",
    "option wait": (
        "identity_token_rotation is for the role alone, and has seconds; "
        "sendauth_user_transaction asks whether to wait"
    ),
    "result accounts": "in a summary their number, elsewhere the accounts",
    "result company": "as the options",
    "result created": "in a summary the number of users, in an account of nextAuth its date",
    "result failed": "in a summary the number of users; in a report the sentences, in a review the rows",
    "result files": "by form (JSON, text, HTML) where a job writes one report; names where it writes a folder",
    "result groups": "with their tenants at Kestra; by name at SendAuth, and as {name, id} where two share a name",
    "result manual": "sentences in the evidence of one person, rows in a review",
    "result outcome": "a word in a report, and for the role token_rotation one entry of such a report",
    "result owner": "Contabo's field of a user; in a plan of tokens the owner of the token",
    "result permissions": "of a user by name; in the lists of roles with what they allow",
    "result roles": "as groups",
    "result status": "of an answer its HTTP status; OneLogin's field of a user",
    "result tenants": "of a user by ID; in the list of tenants with their names",
    "result text": "lines for a log; for one person a page of text",
    "result unmanaged": "one mapping for one user, a list of them for many",
    "result user": "the user of a task with all fields; in that, and in lists, its name",
}
"""What has several types -> the reason."""
MEANINGS = {
    "option all": "all of what the module removes: login methods, accounts",
    "option enabled": "whether a user may log in, which each API has in its own way",
    "option expected_account": "SendAuth reports no account, so that the option is an error",
    "option id": "the ID of what the module is about: a user, a service account, a review",
    "option limit": "the largest number of entries to read: users, audits",
    "option locale": "the language of a user; SCIM has the language beside it, and this one for dates and numbers",
    "option max_age": "how old something may become: a token, a review",
    "option min_admins": "administrators in a directory; privileged users are the same",
    "option on_error": "what an error does to the rest: of the users, of the connections",
    "option scope": "where service accounts are looked up; the OAuth2 scope of a login",
    "option state": "what the module is about, present or absent; the choices say more",
    "option type": "which of several: mails, transactions",
    "option user": "the natural key of a user, which differs between APIs",
    "option user_key": "the field, at SCIM the attribute, that user holds",
    "result display_name": "the name that is shown",
    "result enabled": "as the option",
    "result errors": "one entry for each error, with its code: of users, of the input",
    "result last_login": "null where an API does not report it",
    "result locale": "as the option",
    "result made": "whether a new secret, key or token was made",
    "result mfa": "whether there is a second factor, which each API has in its own way",
    "result privileged": "whether a user has rights over others, which each API has in its own way",
    "result revoked": "IDs of what was revoked",
    "result user": "as the option",
    "result users": "the users after a task, or those that were read",
    "result username": "the user name; SendAuth makes one for display only",
    "result why": "why a secret, key or token is made",
}
"""What has descriptions without a common word -> what it means in all of them."""


@functools.cache
def fragment(name):
    """Return a documentation fragment by the name that modules give it."""
    file, _dot, part = name.removeprefix("rollcall.identity.").partition(".")
    found = importlib.import_module(FRAGMENTS + file).ModuleDocFragment
    return yaml.safe_load(getattr(found, part.upper() if part else "DOCUMENTATION"))


@functools.cache
def described(kind):
    """Return (name, place, type, description) of every option or result of every module, those inside others included.
    """
    entries = []

    def collect(values, place, inner):
        for name, value in (values or {}).items():
            text = value.get("description", "")
            text = text if isinstance(text, str) else " ".join(text)
            form = f"list of {value.get('elements')}" if value.get("type") == "list" else value.get("type", "str")
            if not text.startswith(GIVEN_BACK):
                entries.append((name, f"{place}{name}", form, text))
            collect(value.get(inner), f"{place}{name}.", inner)

    for module in NAMES:
        loaded = importlib.import_module(MODULES + module)
        if kind == "result":
            collect(yaml.safe_load(loaded.RETURN), f"{module}: ", "contains")
            continue
        own = yaml.safe_load(loaded.DOCUMENTATION)
        for source in (own, *map(fragment, own.get("extends_documentation_fragment", ()))):
            collect(source.get("options"), f"{module}: ", "suboptions")
    return entries


def words(text):
    """Return the words of the first two sentences of a description that say what it is about, each as its beginning."""
    start = " ".join(re.split(r"(?<=[.!?])\s+", text)[:2])
    found = re.findall(r"[a-z]{4,}", re.sub(r"users\[\]\.", "", start).lower())
    return frozenset(word[:5] for word in found if word not in COMMON)


def groups(texts):
    """Return the descriptions in groups: those of a group have words in common, directly or through others of it."""
    found = []
    for text in texts:
        mine = words(text)
        near = [group for group in found if not mine or not group[0] or mine & group[0]]
        found = [group for group in found if group not in near]
        found.append(
            (mine.union(*(group[0] for group in near)), [text, *(other for group in near for other in group[1])])
        )
    return [group[1] for group in found]


@pytest.mark.parametrize("kind", ["option", "result"])
def test_a_name_has_one_type(kind):
    types = {}
    for name, place, form, _text in described(kind):
        types.setdefault(name, {}).setdefault(form, place)
    several = {f"{kind} {name}": forms for name, forms in types.items() if len(forms) > 1}
    assert {name: forms for name, forms in several.items() if name not in TYPES} == {}
    assert [name for name in TYPES if name.startswith(kind) and name not in several] == []


@pytest.mark.parametrize("kind", ["option", "result"])
def test_a_name_has_one_meaning(kind):
    """Of results, those at the top and the fields of users count: others are about what they stand in."""
    texts = {}
    for name, place, _form, text in described(kind):
        if kind == "option" or re.search(r": (users?\.)?\w+$", place):
            texts.setdefault(name, {}).setdefault(text, place)
    several = {f"{kind} {name}": found for name, some in texts.items() if len(found := groups(some)) > 1}
    unexpected = {
        name: [f"{texts[name.split()[1]][group[0]]}: {group[0]}" for group in found]
        for name, found in several.items()
        if name not in MEANINGS
    }
    assert unexpected == {}
    assert [name for name in MEANINGS if name.startswith(kind) and name.split()[1] not in texts] == []


def test_descriptions_about_different_things_are_told_apart():
    first, second, third = "Seconds to wait for the answer.", "The answer of the phone.", "A file for the report."
    assert [len(group) for group in groups([first, second, third])] == [2, 1]
    assert words("Whether the users[].roles of Kestra are given.") == {"roles"}
