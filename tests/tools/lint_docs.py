# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run `antsibull-docs` with the arguments of this script, with the same results in less time.

docutils creates fifteen states for each nested text and uses one or two of them. Here, a state is created when it is
used.
"""

from __future__ import annotations

import gc
import importlib
import sys
from typing import Any

from antsibull_docs.cli import antsibull_docs


class States(dict[str, Any]):
    """The states of a state machine by name, each created at its first use."""

    def __init__(self, machine: Any) -> None:
        """Store the machine; create no state."""
        super().__init__()
        self.machine = machine
        self.classes: dict[str, Any] = {}
        self.runs = False

    def __missing__(self, name: str) -> Any:
        """Create a state as the machine does. If the machine is running, initialize the state like the others."""
        state = self[name] = self.classes[name](self.machine, self.machine.debug)
        if self.runs:
            state.runtime_init()
        return state


def add_states(machine: Any, classes: Any) -> None:
    """Store the classes of a new machine's states."""
    machine.states = States(machine)
    machine.states.classes = {known.__name__: known for known in classes}


def runtime_init(machine: Any) -> None:
    """Prepare the existing states for a run."""
    for state in list(machine.states.values()):
        state.runtime_init()
    machine.states.runs = True


if __name__ == "__main__":
    machine_class: Any = importlib.import_module("docutils.statemachine").StateMachine
    machine_class.add_states, machine_class.runtime_init = add_states, runtime_init
    gc.set_threshold(200_000, 20, 50)
    sys.exit(antsibull_docs.main())
