"""A graph of ONNX operators while it is built: tensors that formulas are written with as with arrays."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

ML = "ai.onnx.ml"
"""The standard's domain of trees and of encoders of words."""

OPSETS = {"": 21, ML: 5}
"""Those of ONNX 1.16 (2024): the first whose tree ensembles know numbers of double precision."""

IR_VERSION = 10

Operand = Union["Tensor", NDArray[Any], float]
"""What a formula is made of; numbers and arrays become constants of the graph."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """A value in the graph; rows run along the first axis unless something else is said."""

    graph: "Graph"
    name: str

    def __add__(self, other: Operand) -> "Tensor":
        return self.graph.op("Add", self, other)

    def __radd__(self, other: Operand) -> "Tensor":
        return self.graph.op("Add", other, self)

    def __sub__(self, other: Operand) -> "Tensor":
        return self.graph.op("Sub", self, other)

    def __rsub__(self, other: Operand) -> "Tensor":
        return self.graph.op("Sub", other, self)

    def __mul__(self, other: Operand) -> "Tensor":
        return self.graph.op("Mul", self, other)

    def __truediv__(self, other: Operand) -> "Tensor":
        return self.graph.op("Div", self, other)

    def __matmul__(self, other: Operand) -> "Tensor":
        return self.graph.op("MatMul", self, other)

    def __neg__(self) -> "Tensor":
        return self.graph.op("Neg", self)

    __array_ufunc__ = None
    """Arrays leave operators with tensors to these."""

    def apply(self, kind: str, *others: Operand, **attributes: Any) -> "Tensor":
        """Return what an operator of this kind makes of it, and of others behind it."""
        return self.graph.op(kind, self, *others, **attributes)

    def take(self, places: "Tensor | Sequence[int] | NDArray[Any]", axis: int = 1) -> "Tensor":
        """Return its entries at places along an axis."""
        numbers = places if isinstance(places, Tensor) else np.asarray(places, np.int64)
        return self.graph.op("Gather", self, numbers, axis=axis)

    def reshape(self, *shape: int) -> "Tensor":
        """Return it in another shape; 0 is a size that stays, -1 what is left."""
        return self.graph.op("Reshape", self, np.array(shape, np.int64))

    def unsqueeze(self, *axes: int) -> "Tensor":
        """Return it with axes of size 1."""
        return self.graph.op("Unsqueeze", self, np.array(axes, np.int64))

    def reduce(self, kind: str, axis: int, *, keepdims: bool = False) -> "Tensor":
        """Return its sum, mean, maximum and so on along an axis."""
        return self.graph.op(f"Reduce{kind}", self, np.array([axis], np.int64), keepdims=int(keepdims))

    def cast(self, dtype: Any) -> "Tensor":
        """Return it as numbers of another type."""
        return self.graph.op("Cast", self, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def where(self, yes: Operand, no: Operand) -> "Tensor":
        """Return `yes` where it is true, and `no` elsewhere."""
        return self.graph.op("Where", self, yes, no)


@dataclass(eq=False)
class Graph:
    """Nodes and constants. Names that a user sees are `taken`; all others are numbered."""

    taken: Collection[str]
    constants: list[TensorProto] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._bodies: list[list[NodeProto]] = [[]]
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        numbered: Iterator[str] = (f"_{number}" for number in count())
        self._names = (name for name in numbered if name not in self.taken)

    @property
    def nodes(self) -> list[NodeProto]:
        """The nodes so far, of the innermost body that is being built."""
        return self._bodies[-1]

    def op(self, kind: str, *inputs: Operand, domain: str = "", **attributes: Any) -> Tensor:
        """Add a node, and return what it makes."""
        return self.ops(kind, 1, *inputs, domain=domain, **attributes)[0]

    def ops(self, kind: str, outputs: int, *inputs: Operand, domain: str = "", **attributes: Any) -> list[Tensor]:
        """Add a node that makes several tensors, and return them."""
        names = [next(self._names) for _ in range(outputs)]
        read = [self.tensor(each).name for each in inputs]
        self.nodes.append(helper.make_node(kind, read, names, names[0], domain=domain, **attributes))
        return [Tensor(self, name) for name in names]

    def tensor(self, value: Operand) -> Tensor:
        """Return a constant; a tensor is returned as it is. Small constants that are equal are one."""
        if isinstance(value, Tensor):
            return value
        array = np.asarray(value, np.float64) if isinstance(value, float) else np.ascontiguousarray(value)
        array = array.reshape(np.shape(value))
        key = (array.dtype.str, array.shape, array.tobytes() if array.nbytes <= _SMALL_BYTES else b"")
        if key[2] and key in self._known:
            return Tensor(self, self._known[key])
        name = next(self._names)
        self._known[key] = name
        self.constants.append(numpy_helper.from_array(array, name))
        return Tensor(self, name)

    def join(self, *tensors: Operand, axis: int = 1) -> Tensor:
        """Return tensors side by side."""
        return self.tensor(tensors[0]) if len(tensors) == 1 else self.op("Concat", *tensors, axis=axis)

    def choose(self, condition: Tensor, yes: Callable[[], Tensor], no: Callable[[], Tensor]) -> Tensor:
        """Return what `yes` makes if a condition holds, and what `no` makes if not; the other one is not computed."""
        then_branch, else_branch = self.body(lambda: (yes(),)), self.body(lambda: (no(),))
        return self.op("If", condition, then_branch=then_branch, else_branch=else_branch)

    def repeat(self, times: int, state: Tensor, step: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """Return a state after so many steps, each of which makes it from its number and the state before."""
        number, go_on, before = (Tensor(self, next(self._names)) for _ in range(3))
        inputs = [_declare(number, np.int64, []), _declare(go_on, np.bool_, []), _declare(before, np.float64)]
        body = self.body(lambda: (go_on.apply("Identity"), step(number, before)), inputs)
        return self.op("Loop", np.array(times, np.int64), np.array(True), state, body=body)  # noqa: FBT003

    def each(self, rows: Tensor, numbers: Tensor, width: int, make: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """Return what is made of each row (width,) and its number, one below the other: (rows, width)."""
        row, number = (Tensor(self, next(self._names)) for _ in range(2))
        inputs = [_declare(row, np.float64, [width]), _declare(number, np.int64, [])]
        body = self.body(lambda: (make(row, number),), inputs, [width])
        return self.op("Scan", rows, numbers, body=body, num_scan_inputs=2)

    def body(
        self,
        make: Callable[[], tuple[Tensor, ...]],
        inputs: Sequence[ValueInfoProto] = (),
        shape: list[int] | None = None,
    ) -> GraphProto:
        """Return a graph inside of this one, whose values it sees. What it makes is doubles, behind a condition if there are two."""
        self._bodies.append([])
        made = make()
        kinds = [np.bool_, np.float64][-len(made) :]
        outputs = [_declare(tensor, kind, shape) for tensor, kind in zip(made, kinds, strict=True)]
        return helper.make_graph(self._bodies.pop(), next(self._names), inputs, outputs)


def _declare(tensor: Tensor, dtype: Any, shape: list[int] | None = None) -> ValueInfoProto:
    return helper.make_tensor_value_info(tensor.name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape)


_SMALL_BYTES = 1024
