"""The peers' side of the benches' protocol: one JSON request a line in, one JSON answer a line out.

    {"id": 1, "method": "hello", "params": {}}          -> name, version, threads
    {"id": 2, "method": "setup", "params": {task, mode, blocks, width, batch, size}} -> parameters
    {"id": 3, "method": "run", "params": {"steps": 3}}  -> ms (one number a step), loss (the last)
    {"id": 4, "method": "memory", "params": {}}         -> peakBytes, residentBytes

Each answer is {"id", "result"} or {"id", "error"}. A peer times its own steps and waits for each
one's loss, so that neither pipes nor JSON are in the figures; between requests it sleeps in a read.
"""

import json
import math
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

Handler = Callable[..., dict[str, Any]]


def serve(handlers: dict[str, Handler]) -> None:
    """Answers requests until standard input ends. `memory` is answered for every peer."""
    # Libraries may print; whatever they print goes to standard error, answers to the real output.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    handlers = {"memory": memory, **handlers}
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, Any] = {"id": request["id"]}
        try:
            handler = handlers.get(request["method"])
            if handler is None:
                raise ValueError(f"Cannot answer {request['method']!r}: knows {sorted(handlers)}")
            answer["result"] = handler(**request.get("params", {}))
        except Exception as error:  # the harness shows it; the peer lives on
            traceback.print_exc()
            answer["error"] = f"{type(error).__name__}: {error}"
        answers.write(json.dumps(answer) + "\n")


def timed(step: Callable[[], float], steps: int) -> dict[str, Any]:
    """Runs `step` that many times. It must return its loss as a float, hence be finished."""
    ms, loss = [], float("nan")
    for _ in range(steps):
        start = time.perf_counter()
        loss = step()
        ms.append((time.perf_counter() - start) * 1e3)
    return {"ms": ms, "loss": loss if math.isfinite(loss) else None}  # JSON has no NaN


def memory() -> dict[str, Any]:
    """Peak and current resident memory of this process, as Linux counts them."""
    with open("/proc/self/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    kib = {name: int(fields[name].split()[0]) for name in ("VmHWM", "VmRSS")}
    return {"peakBytes": kib["VmHWM"] * 1024, "residentBytes": kib["VmRSS"] * 1024}
