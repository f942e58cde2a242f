"""A small neural network on a sparse and a dense view of a message: one hidden layer, written out in numpy.

scikit-learn's `MLPClassifier` and Keras update every weight of the first layer in every step. A batch contains a few thousand
of the hundred thousand n-grams. Updating only the rows of these n-grams takes less than half the time, and needs no library
that serving does not have (figures: docs/decisions/010-network.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

_MOMENTUM, _DECAY, _ROW_DECAY, _EPSILON = 0.9, 0.999, 0.9, 1e-7


@dataclass(frozen=True)
class Training:
    """The parameters of a fit. All values were chosen by grouped cross-validation on one fold (docs/understanding.md).

    `hidden`: number of hidden units. `epochs`: passes over the messages. `batch`: messages per step. `least_steps`: fewest
    steps; with few messages there are more passes. `rate`, `sparse_rate`: initial learning rates of the dense weights and of
    the n-grams' rows; both decrease linearly to 0. `drop_*`: shares of n-grams, dense columns and hidden units that are left
    out at random. `smoothing`: probability given to all other intents (label smoothing, Szegedy et al. 2016). `balance`: with
    0 every message has the same weight, with 1 every intent.
    """

    hidden: int = 192
    epochs: int = 6
    least_steps: int = 600
    batch: int = 128
    rate: float = 3e-3
    sparse_rate: float = 5e-3
    drop_sparse: float = 0.3
    drop_dense: float = 0.3
    drop_hidden: float = 0.4
    smoothing: float = 0.1
    balance: float = 0.5


class _Adam:
    """Adam (Kingma & Ba 2015) for one dense array, in place."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        self._values, self._mean, self._square = values, np.zeros_like(values), np.zeros_like(values)
        self._steps = 0

    def update(self, gradient: NDArray[np.float32], rate: float) -> None:
        self._steps += 1
        self._mean += (1 - _MOMENTUM) * (gradient - self._mean)
        self._square += (1 - _DECAY) * (gradient * gradient - self._square)
        correction = np.sqrt(1 - _DECAY**self._steps) / (1 - _MOMENTUM**self._steps)
        self._values -= np.float32(rate * correction) * self._mean / (np.sqrt(self._square) + np.float32(_EPSILON))


@dataclass(frozen=True)
class Network:
    """The fitted weights. Shapes: `sparse` (n-grams, hidden), `dense` (dense columns, hidden), `hidden_bias` (hidden,),
    `output` (hidden, classes), `output_bias` (classes,). `mean` and `scale` (dense columns,) standardise the dense view."""

    sparse: NDArray[Any]
    dense: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    output: NDArray[np.float32]
    output_bias: NDArray[np.float32]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]

    def logits(self, sparse: Any, dense: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unnormalised log-probabilities, shape (rows, classes). Both views have one row per message; `sparse` is CSR."""
        columns, compact = _compact(sparse)
        return self._logits(compact @ self.sparse[columns].astype(np.float32), dense)

    def logits_of_one(
        self, columns: NDArray[np.int64], values: NDArray[np.float32], dense: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """`logits` of one message, shape (1, classes). Its sparse view has `values` in `columns` and 0 in all other columns."""
        return self._logits(values @ self.sparse[columns].astype(np.float32), dense)

    def _logits(self, from_sparse: NDArray[np.float32], dense: NDArray[np.float32]) -> NDArray[np.float32]:
        hidden = from_sparse + ((dense - self.mean) * self.scale) @ self.dense
        return np.asarray(np.maximum(hidden + self.hidden_bias, 0) @ self.output + self.output_bias)

    def as_arrays(self) -> Dict[str, NDArray[Any]]:
        """The weights by name. Those of the n-grams have half precision: a quarter of the size, no measurable loss."""
        return {**self.__dict__, "sparse": self.sparse.astype(np.float16)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Network:
        """The network from the arrays of `as_arrays`. Other names are ignored."""
        return cls(**{name: np.asarray(arrays[name]) for name in cls.__dataclass_fields__})


def _compact(sparse: Any) -> tuple[NDArray[np.int64], Any]:
    """The columns that occur, and the matrix restricted to these columns."""
    columns, inverse = np.unique(sparse.indices, return_inverse=True)
    shape = (sparse.shape[0], len(columns))
    return columns, scipy.sparse.csr_matrix((sparse.data, inverse.astype(np.int32), sparse.indptr), shape=shape)


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-probabilities of each row."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def fit(
    sparse: Any, dense: NDArray[np.float32], classes: NDArray[np.int64], count: int, training: Training, seed: int = 0
) -> Network:
    """Fit a network: `classes` (messages,) in 0..count-1, `sparse` CSR (rows, n-grams), `dense` (messages, columns).

    `sparse` has k rows for each of n messages, k of 1 or more: row i + j * n is variant j of message i. Each visit of a message
    draws one of its variants. The loss is cross-entropy with dropout, label smoothing and partly balanced weights. The same
    arguments give the same network.
    """
    variants = sparse.shape[0] // len(classes)
    generator = np.random.default_rng(seed)
    sparse = scipy.sparse.csr_matrix(sparse, dtype=np.float32)
    mean, scale = dense.mean(axis=0), np.float32(0.05) / (dense.std(axis=0) + np.float32(1e-6))
    dense = (dense - mean) * scale

    def weights(inputs: int, outputs: int) -> NDArray[np.float32]:
        return generator.standard_normal((inputs, outputs), dtype=np.float32) * np.float32(0.05)

    # The n-grams start at 0, so that rare n-grams have little weight.
    rows = np.zeros((sparse.shape[1], training.hidden), dtype=np.float32)
    row_square = np.zeros(len(rows), dtype=np.float32)
    parameters = (
        weights(dense.shape[1], training.hidden),
        np.zeros(training.hidden, dtype=np.float32),
        weights(training.hidden, count),
        np.zeros(count, dtype=np.float32),
    )
    optimizers = [_Adam(parameter) for parameter in parameters]
    frequency = np.maximum(np.bincount(classes, minlength=count), 1)
    importance = ((len(classes) / count / frequency) ** training.balance).astype(np.float32)

    batch = min(training.batch, len(classes))
    steps_each = len(classes) // batch
    steps = max(training.epochs * steps_each, training.least_steps)
    for step in range(steps):
        if step % steps_each == 0:
            order = generator.permutation(len(classes))
        chosen = order[(step % steps_each) * batch :][:batch]
        left = 1 - step / steps
        targets = np.full((batch, count), training.smoothing / count, dtype=np.float32)
        targets[np.arange(batch), classes[chosen]] += 1 - training.smoothing

        seen = chosen + len(classes) * generator.integers(variants, size=batch)
        inputs = sparse[seen]
        inputs.data *= _dropout(generator, inputs.data.shape, training.drop_sparse)
        columns, inputs = _compact(inputs)
        known = dense[chosen] * _dropout(generator, (batch, dense.shape[1]), training.drop_dense)
        used = rows[columns]
        active = inputs @ used + known @ parameters[0] + parameters[1]
        kept = _dropout(generator, active.shape, training.drop_hidden) * (active > 0)
        hidden = active * kept
        probabilities = np.exp(log_softmax(hidden @ parameters[2] + parameters[3])).astype(np.float32)

        error = (probabilities - targets) * (importance[classes[chosen]] / np.float32(batch))[:, None]
        error_hidden = (error @ parameters[2].T) * kept
        gradients = (known.T @ error_hidden, error_hidden.sum(axis=0), hidden.T @ error, error.sum(axis=0))
        for optimizer, gradient in zip(optimizers, gradients):
            optimizer.update(gradient, training.rate * left)
        # One step size per row, by the row's mean square (as for embeddings, Naumov et al. 2019): rare n-grams get larger
        # steps, and only the rows of this batch change.
        change = inputs.T @ error_hidden
        square = np.einsum("ij,ij->i", change, change) / np.float32(training.hidden)
        square = np.float32(_ROW_DECAY) * row_square[columns] + np.float32(1 - _ROW_DECAY) * square
        row_square[columns] = square
        change *= (np.float32(training.sparse_rate * left) / (np.sqrt(square) + np.float32(_EPSILON)))[:, None]
        rows[columns] = used - change

    return Network(rows, *parameters, mean=mean.astype(np.float32), scale=scale.astype(np.float32))


def _dropout(generator: np.random.Generator, shape: tuple[int, ...], share: float) -> NDArray[np.float32]:
    """Factors that set a share to 0 at random and keep the expected value."""
    return (generator.random(shape, dtype=np.float32) >= share).astype(np.float32) / np.float32(1 - share)
