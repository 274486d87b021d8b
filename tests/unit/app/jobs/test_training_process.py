"""Where trainings run: beside a real server, at lower priority, on one thread, and no longer than the server lives."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.jobs.training_process import RUNNERS, TRAINING_NICENESS, kill_training_processes
from tests.conftest import StartServer
from tests.support.logs import events
from tests.support.problems import problem
from tests.support.server import Server
from tests.support.tables import TABLE
from tests.support.waiting import until

ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}
SHORT = {"name": "gradient_descent", "max_epochs": 1}
A_WHILE = {"name": "gradient_descent", "max_epochs": 30_000}


def threads(pid: int) -> int:
    """Return how many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def epoch(server: Server, job_id: str) -> int:
    found: int = server.client.get(f"/jobs/{job_id}").json()["epoch"]
    return found


def test_where_memory_runs_out_the_kernel_ends_the_training_and_not_the_server(server: Server) -> None:
    theirs, ours = (
        int(Path(f"/proc/{pid}/oom_score_adj").read_text()) for pid in (server.training_process(), server.process.pid)
    )

    assert theirs == 1000 > ours


def test_a_training_has_a_lower_priority_than_the_server(server: Server) -> None:
    theirs, ours = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (server.training_process(), server.process.pid))

    assert theirs == ours + TRAINING_NICENESS


def test_a_training_computes_on_one_thread(server: Server) -> None:
    """A second thread watches the server; BLAS, which would take one a processor, has none of its own."""
    job_id = server.begin_training(TABLE, trainer=ENDLESS, network={"hidden_layers": [300, 300]})

    assert threads(server.training_process()) == 2
    server.client.post(f"/jobs/{job_id}/cancel")
    server.wait_for(job_id, "cancelled")


def deaf_to(pid: int) -> set[signal.Signals]:
    """Return the signals that do not reach a process: those that it blocks or ignores."""
    status = Path(f"/proc/{pid}/status").read_text()
    masks = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("SigBlk:", "SigIgn:"))]
    return {number for number in signal.Signals if any(mask >> number - 1 & 1 for mask in masks)}


def test_all_that_a_server_has_started_is_deaf_to_signals_to_the_whole_group(server: Server) -> None:
    server.training_process()
    started = [pid for pid in server.processes() if pid != server.process.pid]

    assert len(started) >= 3  # the training process, what it is forked from, and what tidies up
    for pid in started:
        assert {signal.SIGINT, signal.SIGTERM} <= deaf_to(pid), Path(f"/proc/{pid}/cmdline").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_stop_is_for_the_server_to_answer(server: Server, number: int) -> None:
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    os.kill(server.training_process(), number)

    reached = epoch(server, job_id)
    until(lambda: epoch(server, job_id) > reached, "the training goes on")
    server.client.post(f"/jobs/{job_id}/cancel")
    server.wait_for(job_id, "cancelled")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_of_them_lets_those_who_wait_have_their_answer(start_server: StartServer, number: int) -> None:
    server = start_server()
    with ThreadPoolExecutor(1) as waiting:
        answer = waiting.submit(server.train, TABLE, trainer=A_WHILE)
        until(lambda: server.client.get("/jobs").json()["jobs"], "the training is there")
        server.signal_group(number)

        assert answer.result(60).json()["status"] == "succeeded", answer.result().text + server.log
    server.process.wait(30)
    until(lambda: not server.processes(), "no process is left")
    quiet(server)


def quiet(server: Server) -> None:
    """Check that a server had nothing to complain of."""
    for word in ("Traceback", "Error", "Warning", "warning", "leaked", "Exception"):
        assert word not in server.log, server.log


@pytest.mark.slow
def test_a_server_that_stops_takes_its_training_process_with_it_and_leaves_the_training_to_the_next(
    start_server: StartServer,
) -> None:
    """What has waited behind it is trained after the next start, too."""
    server = start_server()
    job_id = server.begin_training(TABLE, trainer=ENDLESS)
    waiting = server.train(TABLE, "respond-async").json()["job_id"]

    assert server.stop() in {0, -signal.SIGTERM}

    until(lambda: not server.processes(), "no process is left")
    quiet(server)
    server.start()
    server.wait_for(job_id, "running")
    server.client.post(f"/jobs/{job_id}/cancel")
    server.wait_for(waiting, "succeeded")


@pytest.mark.slow
def test_after_a_training_process_was_killed_a_server_stops_without_complaints(start_server: StartServer) -> None:
    server = start_server()
    with ThreadPoolExecutor(1) as waiting:
        answer = waiting.submit(server.train, TABLE, trainer=ENDLESS)
        jobs = until(lambda: server.client.get("/jobs").json()["jobs"], "the training is there")
        server.wait_for(jobs[0]["job_id"], "running")
        os.kill(server.training_process(), signal.SIGKILL)
        problem(answer.result(60), 503)

    assert server.stop() in {0, -signal.SIGTERM}
    for word in ("leaked", "never retrieved", "Event loop is closed"):
        assert word not in server.log, server.log


@pytest.mark.slow
def test_a_server_that_is_killed_leaves_no_process_behind(start_server: StartServer) -> None:
    server = start_server()
    server.begin_training(TABLE, trainer=ENDLESS)
    assert len(server.processes()) > 1

    server.kill()

    until(lambda: not server.processes(), "no process is left")


@pytest.mark.slow
def test_a_server_that_is_killed_while_it_starts_leaves_no_process_behind(start_server: StartServer) -> None:
    """Its training process may not yet have learned whose it is."""
    server = start_server()
    for _ in range(2):
        server.kill()
        until(lambda: not server.processes(), "no process is left")
        server.start()


@pytest.mark.slow
def test_a_server_that_is_started_again_takes_its_place_at_once(start_server: StartServer) -> None:
    """Nothing that was left of the first one holds the port."""
    server = start_server()
    port = server.client.base_url.port
    server.begin_training(TABLE, trainer=ENDLESS)
    server.kill()

    again = start_server(port=port, store=server.store)

    assert again.client.base_url.port == port
    assert problem(again.client.get("/jobs/absent"), 404)


def fork_server(server: Server) -> int:
    """Return the id of the process that the training process was forked from."""
    status = Path(f"/proc/{server.training_process()}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:")))


@pytest.mark.slow
@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_job_whose_fork_server_is_killed_ends_with_it_and_other_trainings_go_on(
    start_server: StartServer, is_stopped: bool
) -> None:
    server = start_server()
    job_id = server.begin_training(TABLE, trainer=A_WHILE)
    worker = server.training_process()
    if is_stopped:
        os.kill(worker, signal.SIGSTOP)

    os.kill(fork_server(server), signal.SIGKILL)

    began = time.monotonic()
    assert server.train(TABLE, trainer=SHORT).json()["model_version"] == 1
    assert time.monotonic() - began < 3
    job = server.wait_for(job_id, "failed")
    assert job["error"]["detail"] == "the training process died"
    until(lambda: worker not in server.processes(), "the orphan has ended")
    versions = server.client.get("/models/exam-score/versions").json()["versions"]
    assert job_id not in {version["job_id"] for version in versions}
    assert server.stop() in {0, -signal.SIGTERM}
    until(lambda: not server.processes(), "no process is left")


@pytest.mark.slow
def test_a_stopped_training_process_of_a_server_that_is_killed_ends_and_frees_the_lock(
    start_server: StartServer,
) -> None:
    server = start_server()
    job_id = server.begin_training(TABLE, trainer=ENDLESS)
    os.kill(server.training_process(), signal.SIGSTOP)

    server.kill()

    until(lambda: not server.processes(), "no process is left")
    server.start()
    assert server.train(TABLE, trainer=SHORT).status_code == 200
    assert server.client.get(f"/jobs/{job_id}").json()["status"] == "failed"
    until(lambda: not [*(server.store / "locks").glob("*")], "no lock is left behind")


@pytest.mark.parametrize("name", RUNNERS)
def test_what_is_run_is_answered_from_another_process(name: str) -> None:
    executor = RUNNERS[name].start()

    assert executor.submit(os.getpid).result(60) != os.getpid()
    assert executor.submit(divmod, 7, 2).result(60) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        executor.submit(divmod, 7, 0).result(60)
    executor.shutdown()


def test_a_training_process_has_no_event_loop_to_load() -> None:
    """It is there beside every server, and would be larger by it."""
    look = "import sys, app.jobs.worker; sys.exit('asyncio' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", look], check=False, timeout=60).returncode == 0


@pytest.mark.slow
def test_a_killed_resource_tracker_leaves_no_traceback(start_server: StartServer) -> None:
    server = start_server()
    server.train(TABLE).raise_for_status()
    os.kill(find_tracker(server), signal.SIGKILL)

    assert server.train(TABLE).status_code == 200
    assert server.stop() == 0
    until(lambda: not server.processes(), "all its processes have ended")
    assert not any("exception" in event for event in events(server))


def find_tracker(server: Server) -> int:
    """Return the id of the process that Python has for resources that may be left behind."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in server.processes()}
    return next(pid for pid, command in commands.items() if "resource_tracker import main" in command)


def test_children_of_another_kind_are_left_alone() -> None:
    child = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    child.start()
    try:
        kill_training_processes()
        child.join(0.2)
        assert child.is_alive()
    finally:
        child.kill()
        child.join()
        child.close()
