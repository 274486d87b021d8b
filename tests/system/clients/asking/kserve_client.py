"""KServe's client: `python kserve_client.py URL`."""

import asyncio
import json
import sys
from typing import Any

import httpx
import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

ROWS = np.array([[4.0, 8.0], [2.0, 6.0]])


async def ask(client: Any, url: str, *, is_binary: bool, id_: str | None = None) -> dict[str, Any]:
    """Return what is answered, by name of the tensor, and the id."""
    tensor = InferInput("features", list(ROWS.shape), "FP64")
    tensor.set_data_from_numpy(ROWS, binary_data=is_binary)
    asked = InferRequest("exam-score", [tensor], request_id=id_, parameters={"coverage": 0.8})
    answer = await client.infer(url, asked, model_name="exam-score")
    outputs = {output.name: output.as_numpy().tolist() for output in answer.outputs}
    return {"id": answer.id, "model_name": answer.model_name, **outputs}


async def ask_by_first_protocol(url: str) -> Any:
    async with InferenceRESTClient(RESTConfig(protocol="v1")) as client:
        answer = await client.infer(url, {"instances": ROWS.tolist()}, model_name="exam-score")
        return {"ready": await client.is_model_ready(url, "exam-score"), **answer}


async def refused(client: Any, url: str) -> str:
    try:
        await client.infer(url, {"inputs": []}, model_name="exam-score")
    except httpx.HTTPStatusError as error:
        return str(error)
    raise AssertionError("it was not refused")


async def main(url: str) -> None:
    """Ask, and write what was told."""
    async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
        told = {
            "is_live": await client.is_server_live(url),
            "is_ready": await client.is_server_ready(url),
            "is_model_ready": await client.is_model_ready(url, "exam-score"),
            "is_nothing_ready": await client.is_model_ready(url, "nothing"),
            "JSON": await ask(client, url, is_binary=False, id_="seven"),
            "binary": await ask(client, url, is_binary=True, id_="seven"),
            "refused": await refused(client, url),
            "first protocol": await ask_by_first_protocol(url),
        }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
