# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the integration run has sent: every operation at least once, nothing unknown, all of it as the APIs' documents
say.

Runs after tests/integration, on the records that its simulators left in tests/output/traffic.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

HERE = pathlib.Path(__file__).resolve().parent
RECORDS = sorted((HERE.parent / "output" / "traffic").glob("*.jsonl"))
FACTS = pathlib.Path(os.environ.get("ROLLCALL_API_FACTS") or HERE.parents[1].parent / "shared" / "apis")
OPERATIONS: dict[str, list[str]] = yaml.safe_load((HERE / "operations.yml").read_text(encoding="utf-8"))
PROVIDERS = sorted(OPERATIONS)


def exchanges() -> Iterator[dict[str, Any]]:
    """Yield every recorded exchange."""
    for record in RECORDS:
        with record.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def pattern(operation: str) -> re.Pattern[str]:
    """Return what matches ``METHOD path`` of a request to an operation."""
    return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(operation)))


def test_there_is_a_record() -> None:
    assert RECORDS, "run tests/integration first: it leaves its records in tests/output/traffic"
    assert sum(1 for _exchange in exchanges()) > 1000


def test_every_operation_was_sent(capsys: pytest.CaptureFixture[str]) -> None:
    seen = Counter((exchange["provider"], f"{exchange['method']} {exchange['path']}") for exchange in exchanges())
    wanted = [(provider, operation) for provider in PROVIDERS for operation in OPERATIONS[provider]]
    # A path without parameters is itself, never the value of another one's parameter.
    fixed = {(provider, operation) for provider, operation in wanted if "{" not in operation}
    sent = []
    for provider, operation in wanted:
        shape = pattern(operation)
        if any(
            name == provider and shape.fullmatch(request) and ("{" not in operation or (name, request) not in fixed)
            for name, request in seen
        ):
            sent.append((provider, operation))
    with capsys.disabled():
        print(f"{len(sent)}/{len(wanted)} operations", end=" ")
    assert [operation for operation in wanted if operation not in sent] == []


def test_no_request_is_unknown_to_the_simulator() -> None:
    assert (
        sorted({f"{exchange['method']} {exchange['path']}" for exchange in exchanges() if not exchange["operation"]})
        == []
    )


@pytest.mark.parametrize("provider", PROVIDERS)
def test_traffic_fits_the_document(provider: str, tmp_path: pathlib.Path) -> None:
    if not (FACTS / f"{provider}.yaml").exists():
        pytest.skip(
            f"no {provider}.yaml in {FACTS.name}: the API's document is not part of this repository "
            "(ROLLCALL_API_FACTS names its folder)"
        )
    from simulator.validate import validate_record  # needs openapi-core, which takes its time to load

    record = tmp_path / "record.jsonl"
    with record.open("w", encoding="utf-8") as file:
        for exchange in exchanges():
            # An example shows a session's cookie to the API by itself: that is no request of a module.
            if exchange["provider"] == provider and exchange["request_headers"].get("user-agent", "").startswith(
                "rollcall.identity"
            ):
                file.write(json.dumps(exchange) + "\n")
    report = validate_record(record, FACTS, strict=True, thin=True)
    assert report.validated >= len(OPERATIONS[provider])
    assert report.problems == []
