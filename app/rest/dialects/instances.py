"""Instances and predictions, as KServe's first protocol, TensorFlow Serving and Vertex AI have them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.errors import BodyError, InvalidBody
from app.predict import PredictRequest, classify, predict
from app.tables import Table, check, parse_json
from model.predictors import Classifier, Regressor
from model.table import Signature


class InstancesMembers(BaseModel):
    """The JSON of a request."""

    model_config = ConfigDict(strict=True, extra="ignore")

    instances: list[Any] = Field(min_length=1)
    parameters: dict[str, Any] | None = None


def read_instances(body: bytes, signature: Signature) -> Table:
    """Return a body's instances as a table: objects by their names, or lists in the order of the features.

    Raises `MalformedBody`, `InvalidBody`.
    """
    instances = check(InstancesMembers, parse_json(body)).instances
    names = [column.name for column in signature.features]
    first = instances[0]
    if isinstance(first, dict):
        for place, each in enumerate(instances):
            if not isinstance(each, dict) or each.keys() != first.keys():
                raise _refuse(place, "should be an object with the same names as the first")
        return Table({name: [each[name] for each in instances] for name in first}, is_typed=True)
    for place, each in enumerate(instances):
        if not isinstance(each, list) or len(each) != len(names):
            raise _refuse(place, f"should be an object, or a list of {len(names)} values, as all others")
    return Table({name: [each[place] for each in instances] for place, name in enumerate(names)}, is_typed=True)


def write_predictions(asked: PredictRequest, predictor: Regressor | Classifier) -> list[Any]:
    """Return what is predicted for each row: a value, or an object of values where there are several targets."""
    targets = predictor.signature.targets
    if isinstance(predictor, Classifier):
        numbers = classify(asked, predictor).most_probable.tolist()
        return [targets[0].categories[number] for number in numbers]
    means = predict(asked, predictor).mean.tolist()
    if len(targets) == 1:
        return [values[0] for values in means]
    return [dict(zip([column.name for column in targets], values, strict=True)) for values in means]


def _refuse(place: int, detail: str) -> InvalidBody:
    return InvalidBody([BodyError(f"instance {place + 1} {detail}", f"/instances/{place}")])
