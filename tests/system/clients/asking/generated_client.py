"""A client that was generated from the service's document: `python generated_client.py URL`.

It is found as `scorecast_api` on the path.
"""

import json
import sys

from scorecast_api import Client
from scorecast_api.api.instances import predict_instances
from scorecast_api.api.models import list_models
from scorecast_api.api.predict import predict_exam_score
from scorecast_api.api.train import train_exam_score
from scorecast_api.models import LabelledRow, Predictions, Row, Rows, TrainAnswer, TrainRequest

TABLE = [(2, 9, 92), (1, 5, 86), (3, 6, 89)]


def main(url: str) -> None:
    """Train, predict, and write what was told."""
    client = Client(base_url=url)
    rows = [LabelledRow(hours_studied=studied, hours_slept=slept, score=score) for studied, slept, score in TABLE]
    trained = train_exam_score.sync(client=client, body=TrainRequest(rows=rows))
    assert isinstance(trained, TrainAnswer)
    asked = Rows(rows=[Row(hours_studied=4, hours_slept=8), Row(hours_studied=2, hours_slept=6)], coverage=0.8)
    predicted = predict_exam_score.sync(client=client, body=asked)
    assert isinstance(predicted, Predictions)
    models = list_models.sync(client=client)
    told = {
        "status": trained.status,
        "model_version": trained.model_version,
        "predictions": [each.to_dict() for each in predicted.predictions],
        "models": models and models.to_dict(),
        "has_instances": callable(predict_instances.sync),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
