"""Notebooks of many cells run by stock clients: are all outputs there, in their cell, in order?

    python cells.py --client nbclient|nbconvert|papermill --cells 1000 [--kernel deno-sam]

Prints a line of JSON with the counts; exits with 1 if an output is lost or misplaced.
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbclient
import nbformat
from nbformat.v4 import new_code_cell, new_notebook

TOKEN = re.compile(r"c\d+\.o\d+")


def lines(i, n):
    code = f"for (let k = 0; k < {n}; k++) console.log(`c{i}.o${{k}}`)"
    return code, [f"c{i}.o{k}" for k in range(n)]


def both_streams(i):
    code = "\n".join(
        f'console.{"error" if k % 2 else "log"}("c{i}.o{k}");' for k in range(8)
    )
    return code, [f"c{i}.o{k}" for k in range(8)]


def displays(i):
    code = f"""for (let k = 0; k < 8; k += 2) {{
  console.log(`c{i}.o${{k}}`);
  await Deno.jupyter.display({{ "text/plain": `c{i}.o${{k + 1}}` }}, {{ raw: true }});
}}"""
    return code, [f"c{i}.o{k}" for k in range(8)]


def updates(i):
    code = f"""for (let k = 0; k < 5; k++) {{
  await Deno.jupyter.display({{ "text/plain": `c{i}.o${{k}}` }}, {{ raw: true, display_id: "d{i}", update: k > 0 }});
}}
console.log("c{i}.o9")"""
    return code, [f"c{i}.o4", f"c{i}.o9"]


def failing(i):
    return f'console.log("c{i}.o0"); throw new Error("c{i}.o1")', [f"c{i}.o0", f"c{i}.o1"]


def last_value(i):
    return f'console.log("c{i}.o0"); "c{i}.o1"', [f"c{i}.o0", f"c{i}.o1"]


def awaiting(i):
    code = f"""for (let k = 0; k < 5; k++) {{
  await new Promise((resolve) => setTimeout(resolve, 1));
  console.log(`c{i}.o${{k}}`);
}}
[1, "c{i}.o5"]"""
    return code, [f"c{i}.o{k}" for k in range(6)]


def big(i):
    code = f"""await Deno.jupyter.display({{ "text/plain": "c{i}.o0 " + "x".repeat(300_000) }}, {{ raw: true }});
console.log("c{i}.o1")"""
    return code, [f"c{i}.o0", f"c{i}.o1"]


def syntax_error(i):
    return f'let "c{i}.o0" = ;', [f"c{i}.o0"]


def burst(i):
    return lines(i, 200 if i % 100 else 2000)


KINDS = [lambda i: lines(i, 20), both_streams, displays, updates, last_value, awaiting, big, burst]
ERRORS = [failing, syntax_error]


def notebook(count, errors):
    kinds = KINDS + (ERRORS if errors else [])
    parts = [kinds[i % len(kinds)](i) for i in range(count)]
    cells = [new_code_cell(code) for code, _ in parts]
    return new_notebook(cells=cells), [tokens for _, tokens in parts]


def text_of(output):
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        # The name and the message of an error are in its traceback a second time.
        return output.traceback[2] if output.ename == "SyntaxError" else output.evalue
    return output.data.get("text/plain", "")


def execute(nb, client, kernel):
    if client == "nbclient":
        nbclient.NotebookClient(nb, kernel_name=kernel, timeout=120, allow_errors=True).execute()
        return nb
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.ipynb"), Path(folder, "out.ipynb")
        nb.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "typescript"}
        nbformat.write(nb, source)
        commands = {
            "nbconvert": ["jupyter", "nbconvert", "--to=notebook", "--execute", "--allow-errors",
                          f"--ExecutePreprocessor.kernel_name={kernel}", f"--output={target}", source],
            "papermill": ["papermill", "--kernel", kernel, "--no-progress-bar", source, target],
        }
        program, *rest = commands[client]
        subprocess.run([Path(sys.executable).parent / program, *rest], check=True, capture_output=True)
        return nbformat.read(target, as_version=4)


parser = argparse.ArgumentParser()
parser.add_argument("--client", choices=["nbclient", "nbconvert", "papermill"], default="nbclient")
parser.add_argument("--cells", type=int, default=1000)
parser.add_argument("--kernel", default="deno-sam")
options = parser.parse_args()

start = time.time()
nb, expected = notebook(options.cells, options.client != "papermill")  # papermill stops at errors
nb = execute(nb, options.client, options.kernel)
found = [TOKEN.findall("\n".join(text_of(o) for o in cell.outputs)) for cell in nb.cells]
everywhere = {token for tokens in found for token in tokens}
counts = {
    "client": options.client,
    "cells": len(expected),
    "outputs": sum(map(len, expected)),
    "lost": sum(token not in everywhere for tokens in expected for token in tokens),
    "misplaced": sum(token not in expected[i] for i, tokens in enumerate(found) for token in tokens),
    "disordered": sum(sorted(a) == sorted(b) and a != b for a, b in zip(expected, found)),
    "repeated": sum(len(tokens) - len(set(tokens)) for tokens in found),
    "seconds": round(time.time() - start, 1),
}
print(json.dumps(counts))
if any(counts[name] for name in ("lost", "misplaced", "disordered", "repeated")):
    for i, (a, b) in enumerate(zip(expected, found)):
        if a != b:
            print(i, "expected", a[:9], "found", b[:9], file=sys.stderr)
            break
    sys.exit(1)
