"""The seeded bugs: each is a text of one function put in the place of another, and the tests that must fail then."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Mutant:
    """A bug."""

    name: str
    file: str
    old: str
    """Stands in the file once."""
    new: str
    tests: tuple[str, ...]
    """What is run to find it: files, or single tests of them."""

    def apply(self, text: str) -> str:
        """Return the file's text with the bug. Raises `ValueError` if it is not as the bug was written for."""
        if text.count(self.old) != 1:
            raise ValueError(
                f"{self.name}: {self.file} has its text {text.count(self.old)} times: write the mutant anew"
            )
        return text.replace(self.old, self.new)


STATES = "tests/system/test_crash_states.py"
STORE = "tests/unit/app/store/test_store.py"
SCHEDULES = "test_in_whatever_order_writers_readers_and_folders_take_their_steps_nothing_is_lost"
REGISTRY = "tests/unit/app/registry"
JOBS = "tests/unit/app/jobs"

MUTANTS = (
    Mutant(
        "a file is not synced",
        "app/store/folder.py",
        "                    os.fsync(file.fileno())\n",
        "",
        (STATES,),
    ),
    Mutant(
        "a folder is not synced",
        "app/store/folder.py",
        "        os.fsync(descriptor)\n",
        "        pass\n",
        (STATES,),
    ),
    Mutant(
        "a file is shown before it is synced",
        "app/store/folder.py",
        "                if is_durable:\n                    file.flush()\n                    os.fsync(file.fileno())\n"
        "            yield os.fspath(path)\n",
        "                file.flush()\n                yield os.fspath(path)\n"
        "                if is_durable:\n                    os.fsync(file.fileno())\n",
        (STATES, STORE),
    ),
    Mutant(
        "a record takes the place of another writer's",
        "app/store/disk.py",
        "            self._place(key, data, os.link)\n",
        "            self._place(key, data, os.replace)\n",
        (STORE, f"{REGISTRY}/test_registry.py"),
    ),
    Mutant(
        "a number is given out again after its version was removed",
        "app/registry/new_version.py",
        "        return wanted or state.newest + 1\n",
        "        return wanted or max(state.versions, default=0) + 1\n",
        (f"{REGISTRY}/test_registry.py", f"{REGISTRY}/test_removal.py"),
    ),
    Mutant(
        "what another process has changed is not looked for",
        "app/registry/log.py",
        "            or look(record_key(name, state.sequence + 1))\n",
        "",
        (f"{REGISTRY}/test_registry.py",),
    ),
    Mutant(
        "a record that was torn takes no number",
        "app/registry/state.py",
        "            changed = _pass_over(self, record)\n",
        "            changed = self\n",
        (f"{REGISTRY}/test_state.py",),
    ),
    Mutant(
        "a job that was told to have failed publishes",
        "app/registry/new_version.py",
        '        if self.provenance.get("job_id") in state.ended_jobs:\n',
        "        if not state:\n",
        (f"{REGISTRY}/test_ended_jobs.py",),
    ),
    Mutant(
        "a job publishes twice",
        "app/registry/new_version.py",
        '        if any(each.job_id == self.provenance.get("job_id") for each in state.versions.values() if each.job_id):\n',
        "        if not state:\n",
        (f"{REGISTRY}/test_ended_jobs.py",),
    ),
    Mutant(
        "records that are folded go from the newest to the oldest",
        "app/registry/log_records.py",
        "        for number in self._numbers(name):\n",
        "        for number in reversed(self._numbers(name)):\n",
        (f"{REGISTRY}/test_folding.py::{SCHEDULES}",),
    ),
    Mutant(
        "a damaged checkpoint is served",
        "app/registry/checkpoint_cache.py",
        "                if sha256(data) != version.sha256:\n",
        "                if not data:\n",
        (f"{REGISTRY}/test_registry.py::test_one_flipped_bit_anywhere_is_refused",),
    ),
    Mutant(
        "a store that has gone is not noticed",
        "app/store/marker.py",
        "        elif marker != self.identity.marker:\n",
        "        elif marker not in {None, self.identity.marker}:\n",
        ("tests/unit/app/store/test_marker.py",),
    ),
    Mutant(
        "a cancel is lost",
        "app/jobs/records.py",
        '            self._store.get(_key(job_id, "cancel"))\n            return True\n',
        '            self._store.get(_key(job_id, "cancel"))\n',
        (f"{JOBS}/test_records.py",),
    ),
    Mutant(
        "a heartbeat is ignored",
        "app/jobs/liveness.py",
        '            return bool(time.time() - heartbeat["at"] < DEAD_AFTER_SECONDS)\n',
        '            return "at" in heartbeat\n',
        (f"{JOBS}/test_heartbeats.py",),
    ),
    Mutant(
        "an Idempotency-Key is ignored",
        "app/jobs/idempotency.py",
        "            if earlier and earlier[-1] is not None and not is_interrupted(earlier[-1]):\n",
        "            if not job_id:\n",
        (f"{JOBS}/test_idempotency.py",),
    ),
    Mutant(
        "what has ended is not the end: the last record counts",
        "app/jobs/records.py",
        '        self._store.create(_key(job_id, "finished"), _bytes({"status": status, "finished": now(), **facts}))\n',
        '        self._store.put(_key(job_id, "finished"), _bytes({"status": status, "finished": now(), **facts}))\n',
        (f"{JOBS}/test_records.py",),
    ),
    Mutant(
        "an id may be less than those before it, when the clock is set back",
        "app/jobs/records.py",
        "        return make_id(self.ids())\n",
        "        return make_id([])\n",
        (f"{JOBS}/test_records.py",),
    ),
    Mutant(
        "one client has all turns",
        "app/jobs/queue/fair_queue.py",
        "        return self._clients[waiting.client], turn, waiting.job_id\n",
        "        return self._clients[min(self._clients)], turn, waiting.job_id\n",
        (f"{JOBS}/test_fair_queue.py",),
    ),
    Mutant(
        "a key is known by the beginning of its digest",
        "app/access/keys.py",
        "        found = self.by_digest.get(digest)\n"
        "        return found if found is not None and hmac.compare_digest(found.digest, digest) else None\n",
        "        return next((key for key in self.by_digest.values() if key.digest[:1] == digest[:1]), None)\n",
        ("tests/unit/app/access/test_keys.py",),
    ),
    Mutant(
        "a role is not checked",
        "app/rest/access/keys.py",
        "    if key.role < needed:\n",
        "    if key.role < Role.PREDICT:\n",
        ("tests/unit/app/rest/access/test_keys.py::test_every_operation_needs_a_key_of_its_role_but_probes",),
    ),
    Mutant(
        "a compressed body may be of any size",
        "app/rest/work/decompression.py",
        "        if _is_longer(body, coding, limit):\n",
        "        if not body:\n",
        ("tests/unit/app/rest/work/test_decompression.py::test_one_byte_more_is_too_many_and_one_less_is_no_whole",),
    ),
    Mutant(
        "intervals are not calibrated",
        "model/fitting/mixing/calibration.py",
        "    return StudentFit(scale * (1.0 + ESTIMATED_FEW / rows), dof)\n",
        "    return StudentFit(1.0, dof)\n",
        ("tests/unit/model/fitting/mixing/test_calibration.py",),
    ),
)
