# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validates recorded traffic against OpenAPI documents: ``python -m simulator.validate RECORD DIR``.

``DIR`` holds ``<provider>.yaml``. Every request and every answer of the record is checked, apart from answers that a
fault has made. What counts as a problem:

* a request that the document does not allow and that was not refused, or with ``--strict`` any such request;
* an answer whose body or headers do not fit, or with a status that the document does not have for the operation.
  The exceptions are ``EXPECTED`` below and the ``document_gaps`` of the providers, each with its reason, and a 400,
  404 or 422 to a request that itself breaks the document;
* a 2xx for a path that the document does not have, and with ``--strict`` a 3xx: a client has to know the right path.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.templating.datatypes import TemplateResult
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.exceptions import PathNotFound
from werkzeug.datastructures import Headers, ImmutableMultiDict

from .provider import Operation, Provider
from .providers import provider_classes
from .router import Router

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
# Faults whose answer is still the provider's own, whole.
HARMLESS_FAULTS = (None, "advance", "delay", "delay_after", "trickle", "repeat_page")
# Statuses that any operation may answer, documented or not.
EXPECTED = {
    401: "every call needs credentials, though not every operation documents the refusal",
    429: "rate limits are described in prose only",
}


@dataclass
class Report:
    """``validated`` counts exchanges with a checked request and a checked answer; ``skipped`` says why others were not.
    """

    exchanges: int = 0
    validated: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    tolerated: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@dataclass
class _Request:
    """The request in the form that openapi-core reads."""

    path: str
    method: str
    parameters: RequestParameters
    body: bytes | None
    content_type: str
    host_url: str = "http://simulator"


@dataclass
class _Response:
    status_code: int
    headers: Headers
    content_type: str
    data: bytes | None


class Document:
    """One provider's document, with paths found on the encoded path as the simulator does it."""

    def __init__(self, provider: type[Provider], file: Path) -> None:
        with open(file, encoding="utf-8") as stream:
            content = yaml.safe_load(stream)
        provider.amend_document(content)
        self._gaps = provider.document_gaps
        self._lax_query = provider.ignores_unknown_query
        self.content = content
        router = Router(
            Operation(method.upper(), path, _no_handler)
            for path, item in content["paths"].items()
            for method in item
            if method in METHODS
        )
        self._router = router
        self._operations: dict[tuple[str, str], dict[str, Any]] = {}

        class Finder:
            """Finds by our router: openapi-core's own would match a decoded or a longer path too."""

            def __init__(self, spec: Any, base_url: str | None = None) -> None:
                self._spec = spec

            def find(self, method: str, name: str) -> PathOperationServer:
                raw_path = name[len("http://simulator"):]
                matches, params, _allowed = router.match(method.upper(), raw_path)
                if matches is None:
                    raise PathNotFound(name)
                path = self._spec / "paths" / matches.path
                return PathOperationServer(path, path / method, None, TemplateResult(matches.path, params), {})

        self._config = Config(spec_validator_cls=None, path_finder_cls=Finder)  # type: ignore[arg-type]
        self._narrow: dict[Any, OpenAPI] = {}

    def _openapi(self, operation: dict[str, Any], request: _Request) -> OpenAPI:
        """The document cut down to one operation and, of its optional query parameters, those that were sent.

        The result is the same, for nothing can be wrong with a parameter that is not there; but openapi-core takes
        half a millisecond for each, and the list of users has 27.
        """
        key = (id(operation), tuple(sorted(set(request.parameters.query))))
        if key not in self._narrow:
            kept = [
                item
                for item in map(self._resolve, operation["parameters"])
                if item["in"] != "query" or item.get("required") or item["name"] in request.parameters.query
            ]
            paths = {operation["x-path"]: {request.method: {**operation, "parameters": kept}}}
            self._narrow[key] = OpenAPI.from_dict({**self.content, "paths": paths}, config=self._config)
        return self._narrow[key]

    def operation(self, method: str, raw_path: str) -> dict[str, Any] | None:
        """The operation's own entry with the parameters of its path added, or None."""
        matches, _params, _allowed = self._router.match(method, raw_path)
        if matches is None:
            return None
        key = (method, matches.path)
        if key not in self._operations:
            item = self.content["paths"][matches.path]
            own = item[method.lower()]
            parameters = [*item.get("parameters", ()), *own.get("parameters", ())]
            self._operations[key] = {**own, "parameters": parameters, "x-path": matches.path}
        return self._operations[key]

    def gap(self, operation: str, status: int) -> str | None:
        """Why an undocumented status is right nevertheless, or None."""
        return self._gaps.get((operation, status)) or self._gaps.get(("*", status))

    def request_problems(self, operation: dict[str, Any], request: _Request, strict: bool = True) -> Iterator[str]:
        # openapi-core accepts undocumented query parameters, but a client that sends one has a defect. A provider may
        # ignore them: then its answer is correct, although the client should not send them.
        names = [
            self._resolve(item)["name"] for item in operation["parameters"] if self._resolve(item)["in"] == "query"
        ]
        prefixes = tuple(name.split("{")[0] for name in names if "{" in name) + tuple(
            name.split("[")[0] + "[" for name in names if "[" in name
        )
        for name in request.parameters.query:
            if name not in names and not name.startswith(prefixes or ("\0",)) and (strict or not self._lax_query):
                yield f"undocumented query parameter {name}"
        for error in self._openapi(operation, request).iter_request_errors(request):
            yield _text(error)

    def response_problems(self, line: dict[str, Any], operation: dict[str, Any], request: _Request) -> Iterator[str]:
        headers = Headers(list(line["response_headers"].items()))
        body = line["response_body"].encode("utf-8") or None
        if body is None and operation["responses"].get(str(line["status"]), {}).get("x-may-be-empty"):
            return
        response = _Response(line["status"], headers, headers.get("content-type", ""), body)
        for error in self._openapi(operation, request).iter_response_errors(request, response):
            yield _text(error)

    def _resolve(self, item: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in item:
            node: Any = self.content
            for part in item["$ref"].split("/")[1:]:
                node = node[part]
            item = node
        return item


def _no_handler(_provider: Any, _call: Any) -> Any:
    raise AssertionError("the document's operations are only looked up")


def _text(error: BaseException) -> str:
    """An error with its causes and, for schemas, where it sits."""
    parts = []
    cause: BaseException | None = error
    while cause is not None:
        parts.append(str(cause).strip().partition("\n")[0])
        for item in getattr(cause, "schema_errors", ()):
            parts.append(f"at {'/'.join(map(str, item.absolute_path)) or 'the top'}: {item.message[:300]}")
            parts += [f"  {deeper.json_path}: {deeper.message[:200]}" for deeper in (item.context or ())[:6]]
        cause = cause.__cause__
    return "; ".join(dict.fromkeys(part for part in parts if part))


def _request_of(line: dict[str, Any]) -> _Request:
    headers = Headers(list(line["request_headers"].items()))
    query = ImmutableMultiDict(parse_qsl(line["query"], keep_blank_values=True))
    body = line["request_body"].encode("utf-8") or None
    parameters = RequestParameters(query=query, header=headers)
    return _Request(line["path"], line["method"].lower(), parameters, body, headers.get("content-type", ""))


def _shape(text: str) -> Any:
    """The structure of a body without its values: hashable, the same for bodies that differ in values only."""

    def of(value: Any) -> Any:
        if isinstance(value, dict):
            return tuple((name, of(item)) for name, item in sorted(value.items()))
        if isinstance(value, list):
            return frozenset(of(item) for item in value)
        return type(value).__name__

    try:
        return of(json.loads(text)) if text else None
    except ValueError:
        return text


def _likeness(line: dict[str, Any]) -> Any:
    """Equal for exchanges of one kind: operation, query names, headers and structures are the same,
    the values are not."""
    names = tuple(sorted(name for name, _value in parse_qsl(line["query"], keep_blank_values=True)))
    return (
        line["provider"],
        line["operation"],
        line["method"],
        names,
        tuple(line["request_headers"]),
        _shape(line["request_body"]),
        line["status"],
        line["fault"],
        tuple(line.get("response_headers", ())),
        _shape(line.get("response_body", "")),
    )


def _check(document: Document, line: dict[str, Any], report: Report, strict: bool) -> None:
    where = f"#{line['n']} {line['provider']} {line['method']} {line['path']}" + (
        f"?{line['query']}" if line["query"] else ""
    )
    status, fault = line["status"], line["fault"]
    if line["method"] == "HEAD":
        report.skipped["HEAD, which documents leave out"] += 1
        return
    operation = document.operation(line["method"], line["path"])
    if operation is None:
        if status is not None and status < (400 if strict else 300) and fault in HARMLESS_FAULTS:
            report.problems.append(f"{where}: {status} for a path or method that the document does not have")
        report.skipped["unknown path or method"] += 1
        return
    request = _request_of(line)
    wrong = list(document.request_problems(operation, request, strict))
    answered = status is not None and fault in HARMLESS_FAULTS
    if wrong and (strict or not answered or status < 400):
        report.problems += [f"{where}: request (answered {status}): {text}" for text in wrong]
    if not answered:
        report.skipped[f"answer made by the fault {fault}"] += 1
        return
    if str(status) not in operation["responses"] and "default" not in operation["responses"]:
        name = operation.get("operationId", "")
        if wrong and status in (400, 404, 422):
            report.tolerated[f"{status} to a request that breaks the document"] += 1
        elif status in EXPECTED:
            report.tolerated[f"{status}: {EXPECTED[status]}"] += 1
        elif (reason := document.gap(name, status)) is not None:
            report.tolerated[f"{name} {status}: {reason}"] += 1
        else:
            report.problems.append(f"{where}: status {status} is not documented for {name}")
        return
    report.problems += [
        f"{where}: answer {status}: {text}" for text in document.response_problems(line, operation, request)
    ]
    report.validated += 1
    report.operations[operation.get("operationId", "")] += 1


def validate_record(
    record: str | os.PathLike[str], facts: str | os.PathLike[str], strict: bool = False, thin: bool = False
) -> Report:
    """Check a record file against the documents in ``facts``. Raises OSError, and ValueError for a broken record line.

    ``strict``: a request that breaks its document is a problem even where it was refused: right for the traffic of a
    client, wrong for tests that send nonsense on purpose. ``thin``: of exchanges that differ in values only, the first
    is checked; each check takes about 10 ms. Providers without a document are skipped and counted.
    """
    report = Report()
    seen: Counter[Any] = Counter()
    classes = {cls.name: cls for cls in provider_classes()}
    documents: dict[str, Document | None] = {}
    with open(record, encoding="utf-8") as stream, warnings.catch_warnings():
        # openapi-core warns of security schemes that it does not check.
        warnings.simplefilter("ignore")
        for text in stream:
            line = json.loads(text)
            report.exchanges += 1
            if thin:
                kind = _likeness(line)
                seen[kind] += 1
                if seen[kind] > 1:
                    report.skipped["like another one before"] += 1
                    continue
            provider = line["provider"]
            if provider not in documents:
                file = Path(facts) / f"{provider}.yaml"
                documents[provider] = Document(classes[provider], file) if file.is_file() else None
            document = documents[provider]
            if document is None:
                report.skipped[f"no document for {provider}"] += 1
            else:
                _check(document, line, report, strict)
    return report


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m simulator.validate", description="Validate recorded traffic against OpenAPI documents."
    )
    parser.add_argument("record", help="file that the simulator wrote with --record")
    parser.add_argument("facts", help="folder with <provider>.yaml")
    parser.add_argument(
        "--strict", action="store_true", help="wrong requests are problems even where they were refused"
    )
    parser.add_argument("--thin", action="store_true", help="of exchanges that differ in values only, check one")
    args = parser.parse_args(argv)
    try:
        report = validate_record(args.record, args.facts, args.strict, args.thin)
    except (OSError, ValueError) as problem:
        print(f"validate: {problem}", file=sys.stderr)
        return 2
    print(
        f"{report.validated} of {report.exchanges} exchanges validated, {len(report.operations)} operations, "
        f"{len(report.problems)} problems"
    )
    for title, counts in (("skipped", report.skipped), ("tolerated", report.tolerated)):
        for reason, count in counts.items():
            print(f"  {title} {count}: {reason}")
    for text in report.problems:
        print(text)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
