"""Lines are whole, whoever else writes to the same output."""

import json
import subprocess
import sys

import pytest

WRITER = """
import sys
from app.logs import write
for number in range(300):
    write([f'{{"writer":{sys.argv[1]},"number":{number},"more":"{"x" * (number % 400)}"}}' for _ in range(20)])
"""

TELLER = """
import logging, threading, warnings
from app.logs import configure, set_up
set_up(configure("json", "info"))
log = logging.getLogger("scorecast.test")
log.info("told %s", "so")
log.debug("not told")
logging.getLogger("another").info("not told")
logging.getLogger("another").warning("told")
log.info("too few: %s %s", "4711")
warnings.warn("about 4711\\n4711", RuntimeWarning)
def end(): raise ValueError("4711")
thread = threading.Thread(target=end, name="t"); thread.start(); thread.join()
"""


@pytest.mark.slow
def test_lines_of_several_processes_are_whole_in_a_pipe() -> None:
    reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(each)], stdout=reader.stdin) for each in range(4)]
    assert reader.stdin is not None
    reader.stdin.close()
    assert reader.stdout is not None
    lines = [json.loads(line) for line in reader.stdout]
    reader.stdout.close()

    assert reader.wait() == 0
    assert [writer.wait() for writer in writers] == [0] * 4
    assert len(lines) == 4 * 300 * 20


def test_all_that_a_process_tells_is_lines() -> None:
    done = subprocess.run([sys.executable, "-c", TELLER], capture_output=True, text=True, check=True)

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["event"] for line in lines] == [
        "told so",
        "told",
        "a line of the log could not be made",
        "<string>:11: RuntimeWarning",
        "the thread t has ended with an error",
    ]
    assert lines[-1]["exception"][0]["type"] == "ValueError"
    assert "4711" not in done.stdout
    assert done.stderr == ""
