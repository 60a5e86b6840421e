# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m simulator``: see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from typing import Any

from .providers import NAMES
from .server import serve
from .world import World


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m simulator", description="One server that behaves as five identity providers do."
    )
    result.add_argument("--port", type=int, default=8900, help="port on 127.0.0.1; 0 takes a free one (default 8900)")
    result.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="delay of each provider answer")
    result.add_argument(
        "--normalise-paths", action="store_true", help="resolve dot segments of paths, %%2E%%2E too, as some proxies do"
    )
    result.add_argument("--seed-users", type=int, default=0, metavar="N", help="N made-up users in each provider")
    result.add_argument(
        "--preset", choices=("none", "company"), default="none", help="company: about a dozen named people"
    )
    result.add_argument("--faults", metavar="FILE", help="JSON list of faults to start with")
    result.add_argument("--onelogin-wire", choices=("v1", "bare"), default="v1", help="shape of the answers on /api/1")
    result.add_argument("--kestra", choices=("1.0", "1.3", "2.0"), help="version that the Kestra part behaves as")
    result.add_argument("--record", metavar="FILE", help="write each exchange as a JSON line")
    result.add_argument("--watch-stdin", action="store_true", help="end when standard input ends")
    return result


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    options: dict[str, Any] = {
        "latency": args.latency,
        "normalise_paths": args.normalise_paths,
        "seed_users": args.seed_users,
        "preset": args.preset,
        "onelogin": {"wire": args.onelogin_wire},
    }
    if args.kestra and "kestra" in NAMES:
        options["kestra"] = {"version": args.kestra}
    try:
        faults = None
        if args.faults:
            with open(args.faults, encoding="utf-8") as stream:
                faults = json.load(stream)
        with ExitStack() as stack:
            record = stack.enter_context(open(args.record, "ab")) if args.record else None
            serve(World(options, record, faults), args.port, args.watch_stdin)
    except KeyboardInterrupt:
        pass  # the usual way to end it
    except (OSError, TypeError, ValueError) as problem:
        print(f"simulator: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
