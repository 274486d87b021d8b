"""How full the store may be, as settings say: what would add to it is refused then; predictions, other changes and removals go on."""

import time
from functools import partial
from math import inf
from threading import Lock

from fastapi import Depends, Request

from app.bootstrap import Services
from app.errors import StoreFull, UnknownModel
from app.rest.work.threads import run_storing

LOOK_SECONDS, LOOK_AGAIN_SECONDS = 10.0, 1.0
"""How often the store is measured; and where it seems full, since something may have been removed."""


class StoreQuota:
    """What this process knows of how full the store is; threads may share it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._measuring = Lock()
        self._measured_at, self._bytes = -inf, 0

    def check_bytes(self, adding: int) -> None:
        """Raise `StoreFull` if the store has no room for so many bytes more."""
        most = self._services.settings.max_store_bytes
        if most is None:
            return
        with self._measuring:
            for seconds in (LOOK_SECONDS, LOOK_AGAIN_SECONDS):
                if time.monotonic() - self._measured_at >= seconds:
                    self._bytes = self._services.store.measure()
                    self._measured_at = time.monotonic()
                if self._bytes + adding <= most:
                    self._bytes += adding  # until it is measured again: a body, and about what comes of it
                    return
            raise StoreFull(
                f"the store holds {self._bytes:,} bytes of the {most:,} allowed (SCORECAST_MAX_STORE_BYTES), and this would "
                f"add {adding:,}: remove versions or models"
            )

    def find_body_limit(self, method: str) -> int:
        """Return how many bytes a body may have that adds to the store: a declaration is put, all else is posted."""
        settings = self._services.settings
        return settings.max_body_bytes if method == "PUT" else settings.max_train_body_bytes

    def check_models(self, name: str) -> None:
        """Raise `StoreFull` if a model of this name would be one too many."""
        registry, most = self._services.registry, self._services.settings.max_models
        try:
            is_new = registry.state(name).declaration is None
        except UnknownModel:  # which the route reports
            return
        if is_new and (count := len(registry.names())) >= most:
            raise StoreFull(
                f"there are already {count:,} models, and {most:,} are allowed (SCORECAST_MAX_MODELS): remove one"
            )


async def refuse_where_full(request: Request) -> None:
    """Raise `StoreFull` for a request that the store has no room for, before its body is read."""
    quota: StoreQuota = request.app.state.quota
    await run_storing(partial(quota.check_bytes, _count_bytes(request, quota.find_body_limit(request.method))))
    name = request.path_params.get("name")
    is_training = request.url.path.endswith("/train")
    if name is not None and (not is_training or "targets" in request.query_params):
        await run_storing(partial(quota.check_models, name))


def _count_bytes(request: Request, most: int) -> int:
    """Return how many bytes a body may add: the most that is taken, where its headers do not tell its length as it is read."""
    if "transfer-encoding" in request.headers or request.headers.get("content-encoding", "identity") != "identity":
        return most
    length = int(request.headers.get("content-length", 0))
    return length if length <= most else 0  # a longer one is refused as such


ROOM = Depends(refuse_where_full)
"""What a route depends on that adds to the store."""
