"""The suite of jupyter_kernel_test; the kernel's name is in KERNEL_NAME (default deno-sam)."""
import os
import unittest

import jupyter_kernel_test


class DenoKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = os.environ.get("KERNEL_NAME", "deno-sam")
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("test")'
    complete_code_samples = ["1", "let a = 1", "function f() {\n  return 1;\n}"]
    incomplete_code_samples = ["function f() {", "`abc", "[1, 2,"]
    invalid_code_samples = [")", "let = = 1"]
    completion_samples = [
        {"text": "Deno.jupy", "matches": {"jupyter"}},
        {"text": "structuredC", "matches": {"structuredClone"}},
    ]
    code_generate_error = 'throw new Error("x")'
    code_execute_result = [{"code": "1+2+3", "result": "6"}, {"code": "NaN", "result": "NaN"}]
    code_display_data = [
        {
            "code": 'await Deno.jupyter.display({ "text/html": "<b>x</b>" }, { raw: true })',
            "mime": "text/html",
        }
    ]
    code_clear_output = 'await Deno.jupyter.broadcast("clear_output", { wait: false })'
    code_inspect_sample = "Deno.cwd"
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_page_something = "Deno.cwd?"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The suite waits 15 s for an answer, in which a loaded machine's language server has not started.
        for _ in range(20):
            cls.kc.inspect(cls.code_inspect_sample)
            if cls.kc.get_shell_msg(timeout=60)["content"].get("found"):
                break


if __name__ == "__main__":
    unittest.main(verbosity=2)
