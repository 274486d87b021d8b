"""The tools: what an agent is told of each, and what carries it out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.rest.agents import reading, training
from app.rest.agents.answers import ExplanationToolAnswer, ModelsToolAnswer, ModelToolAnswer, TrainingToolAnswer
from app.rest.agents.requests import (
    ExplanationToolRequest,
    ModelsToolRequest,
    ModelToolRequest,
    PredictToolRequest,
    TrainingToolRequest,
    TrainToolRequest,
)
from app.rest.agents.tool_call import ToolCall
from app.rest.bodies import Predictions

INSTRUCTIONS = (
    "Scorecast trains small models on tables and predicts with them, with prediction intervals. Call list_models to see what "
    "there is, and describe_model for a model's columns with units and bounds, and for its scores on unseen rows. predict "
    "answers each row with a prediction interval, and names in `extrapolated` the features that lie outside the range of "
    "the training rows: explain_extrapolation says why. train_model makes a new version of a model, which answers from then on."
)


@dataclass(frozen=True)
class Tool:
    """A tool: its name, what it is for, what it is sent and answers, and what carries it out."""

    name: str
    description: str
    request: type[BaseModel]
    answer: type[BaseModel]
    run: Callable[[ToolCall, Any], Awaitable[dict[str, Any]]]
    changes: bool = False
    """Whether something is different afterwards."""


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "list_models",
            "List models by name, with their columns and how many versions there are.",
            ModelsToolRequest,
            ModelsToolAnswer,
            reading.list_models,
        ),
        Tool(
            "describe_model",
            "Describe a model: features and targets with kind, unit, bounds and categories, its default version, and "
            "how far off its answers are for rows that it has not seen.",
            ModelToolRequest,
            ModelToolAnswer,
            reading.describe_model,
        ),
        Tool(
            "train_model",
            "Train a new version of a model with a table, given as rows or as the text of a CSV; it becomes the default "
            "version. A model that does not exist yet is declared by the table, if `targets` names the columns to "
            "predict. Waits for the training; if that takes longer, read_training tells what became of it.",
            TrainToolRequest,
            TrainingToolAnswer,
            training.train_model,
            changes=True,
        ),
        Tool(
            "read_training",
            "Wait for a training, and tell what has become of it.",
            TrainingToolRequest,
            TrainingToolAnswer,
            training.read_training,
        ),
        Tool(
            "predict",
            "Predict rows, given as rows or as the text of a CSV: for each a prediction, an interval that holds the "
            "truth with the probability `coverage`, and the features in which it is extrapolated.",
            PredictToolRequest,
            Predictions,
            reading.predict,
        ),
        Tool(
            "explain_extrapolation",
            "Say which features of some rows lie outside the range of the training rows, and what that range is.",
            ExplanationToolRequest,
            ExplanationToolAnswer,
            reading.explain_extrapolation,
        ),
    )
}
