"""The bodies that tell what is inside a version: its networks, and what their units answer."""

from pydantic import BaseModel, Field


class LayerAnswer(BaseModel):
    """A layer of a network."""

    units: int
    activation: str
    weights: list[list[float]] | None = Field(
        description="For each input of the layer, the weights to its units; null where the network is large."
    )
    biases: list[float] | None = Field(description="Of its units; null without biases, or where the network is large.")


class NetworkAnswer(BaseModel):
    """One of the networks that a version's answers are mixed from, of the ensemble that has most weight."""

    model_name: str
    model_version: int
    member: int | None = Field(description="Which of the ensemble's networks it is; null where no network takes part.")
    members: int = Field(description="How many the ensemble has.")
    weight: dict[str, float] = Field(description="For each target, the ensemble's share in the answers.")
    parameters: int
    is_summary: bool = Field(description="Whether the network is so large that only the sizes of its layers are told.")
    inputs: list[str] = Field(
        description="What the first layer reads, in scaled units: columns, categories as `column=category`, or components."
    )
    outputs: list[str] = Field(
        description="What the last layer answers: targets in scaled units, or the logits of classes."
    )
    layers: list[LayerAnswer]


class ActivationsAnswer(BaseModel):
    """What the units of a network answer for one row."""

    model_name: str
    model_version: int
    member: int | None
    inputs: list[float] = Field(description="The values that the first layer reads, in scaled units.")
    layers: list[list[float]] = Field(description="What the units of each layer answer.")
