"""`jupyter console` in a terminal: results, an error, an interrupt, help on a name, the end."""
import os
import sys
from pathlib import Path

import pexpect

program = Path(sys.executable).parent / "jupyter-console"
kernel = os.environ.get("KERNEL_NAME", "deno-sam")
console = pexpect.spawn(
    str(program),
    ["--simple-prompt", "--kernel", kernel, "--no-confirm-exit", "--ZMQTerminalInteractiveShell.kernel_timeout=60"],
    timeout=60,
    encoding="utf-8",
    env={**os.environ, "TERM": "dumb", "DENO_KERNEL_TYPE_ERRORS": "silent"},
)
console.expect(r"In \[1\]:")
console.sendline("const half = 21; half * 2")
console.expect(r"Out\[1\]: 42")
console.expect(r"In \[2\]:")
console.sendline("console.log('printed'); null.missing")
console.expect("printed")
console.expect("TypeError: Cannot read properties of null")
console.expect(r"Cell \[2\], line 1")
console.expect(r"In \[3\]:")
console.sendline("console.log('it' + ' waits'); await new Promise(() => {})")
console.expect_exact("it waits")
console.sendintr()
console.expect("KeyboardInterrupt")
console.expect(r"In \[4\]:")
console.sendline("half")
console.expect(r"Out\[4\]: 21")
console.expect(r"In \[5\]:")
console.sendline("half?")
console.expect("const half: 21", timeout=120)  # the language server starts
console.expect(r"In \[6\]:")
console.sendeof()
console.expect(pexpect.EOF)
console.close()
print(f"jupyter console: 5 cells, an error, an interrupt, help, the end (exit {console.exitstatus})")
sys.exit(console.exitstatus or 0)
