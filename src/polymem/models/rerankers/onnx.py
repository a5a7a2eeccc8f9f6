"""A cross-encoder on this machine, run by ONNX Runtime from a local folder."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from polymem.domain.slotted import dataclass
from polymem.errors import ConfigError, InputError, InvalidOutputError, MissingExtraError, ModelError
from polymem.ports.reranker import checked_scores
from polymem.text.normalise import clean

__all__ = ["OnnxReranker"]

_EXTRA: Final = "rerank"
_PACKAGES: Final = ("onnxruntime", "tokenizers")
_USUAL: Final = ("model.onnx", "onnx/model.onnx")
_TOKENIZER: Final = "tokenizer.json"
_CHARS_A_TOKEN: Final = 16
"""More characters than this a token are cut before the tokenizer sees them; words are shorter."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What belongs to one process.

    Attributes:
        pid: The process.
        session: Runs the model.
        tokenizer: Reads the pairs.
        inputs: Names of what the model takes.
    """

    pid: int
    session: Any
    tokenizer: Any
    inputs: tuple[str, ...]


class OnnxReranker:
    """Rerank with a cross-encoder exported to ONNX, such as ``bge-reranker`` or ``ms-marco-MiniLM``.

    Nothing is ever downloaded: the model is a file of the user's. It computes in a thread, one batch after another, and is
    loaded with the first texts. A model with one output gives log odds; of two, the second is the class that helps.

    Args:
        model: A folder with ``model.onnx`` (or ``onnx/model.onnx``) and ``tokenizer.json``, or the path of the ``.onnx`` file
            with ``tokenizer.json`` beside it or one folder up.
        max_tokens: Longest pair of question and text; of longer texts the beginning is read.
        batch_size: Most pairs at a time.
        threads: Threads that compute; 0 for as many as there are cores.

    Raises:
        ConfigError: There is no such model, or a value cannot be used.
        MissingExtraError: ONNX Runtime or the tokenizers are not installed.
    """

    def __init__(
        self, model: str | Path, *, max_tokens: int = 512, batch_size: int = 16, threads: int = 0
    ) -> None:
        for setting, number, least in (
            ("max_tokens", max_tokens, 8),
            ("batch_size", batch_size, 1),
            ("threads", threads, 0),
        ):
            if number < least:
                raise ConfigError(f"{setting} must be at least {least}, not {number!r}", setting=setting)
        self._model, self._tokenizer = _files(Path(model).expanduser())
        for package in _PACKAGES:
            if find_spec(package) is None:
                raise MissingExtraError(_EXTRA, package)
        self._max_tokens = max_tokens
        self._batch_size = batch_size
        self._threads = threads
        self._loaded: _Loaded | None = None
        self._pid, self._gate = os.getpid(), threading.Lock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"

    @property
    def name(self) -> str:
        """The folder's name, and the file's where it is not the usual one."""
        usual = self._model.stem == "model"
        return f"onnx:{self._tokenizer.parent.name}{'' if usual else '/' + self._model.stem}"

    async def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Score in a thread; see :meth:`polymem.ports.reranker.Reranker.score`.

        Raises:
            InputError: `texts` is one string.
            InvalidOutputError: The model does not give one or two finite numbers for each pair.
            ModelError: It cannot be loaded or run.
        """
        if isinstance(texts, str):
            raise InputError("texts must be a sequence of strings, not one string", argument="texts")
        if not texts:
            return np.zeros(0, np.float32)
        return await asyncio.to_thread(self._score, clean(query), [clean(text) for text in texts])

    def _score(self, query: str, texts: list[str]) -> NDArray[np.float32]:
        most = self._max_tokens * _CHARS_A_TOKEN
        # Alike long texts together, so that little is padded.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        scores = np.zeros(len(texts), np.float32)
        with self._own_gate():
            loaded = self._ready()
            for begin in range(0, len(order), self._batch_size):
                batch = order[begin : begin + self._batch_size]
                pairs = [(query[:most], texts[place][:most]) for place in batch]
                scores[batch] = self._read(self._run(loaded, pairs), n=len(batch))
        return scores

    def _run(self, loaded: _Loaded, pairs: list[tuple[str, str]]) -> Any:
        try:
            encoded = loaded.tokenizer.encode_batch(pairs)
            fields = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
            given = {
                name: np.array([getattr(one, fields[name]) for one in encoded], dtype=np.int64)
                for name in loaded.inputs
            }
            return loaded.session.run(None, given)[0]
        except Exception as error:
            # The type alone: the library's message may quote the texts.
            raise ModelError(f"{self.name!r} failed: {type(error).__name__}", reranker=self.name) from None

    def _read(self, output: Any, *, n: int) -> NDArray[np.float32]:
        values = np.asarray(output)
        if values.ndim == 2 and values.shape[1] == 2:
            values = values[:, 1] - values[:, 0]
        if values.ndim > 2 or (values.ndim == 2 and values.shape[1] != 1):
            raise InvalidOutputError(
                f"{self.name!r} gives {list(values.shape)!r}, not one or two numbers a pair; it is no cross-encoder",
                reranker=self.name,
                shape=values.shape,
            )
        return checked_scores(values, n=n, reranker=self.name)

    def _own_gate(self) -> threading.Lock:
        if self._pid != os.getpid():
            # The lock may have been held by another thread at the moment of the fork, whose threads are not here.
            self._pid, self._gate, self._loaded = os.getpid(), threading.Lock(), None
        return self._gate

    def _ready(self) -> _Loaded:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def _load(self) -> _Loaded:
        runtime, tokenizers = (import_module(package) for package in _PACKAGES)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = self._threads
        # Warnings about the graph are for whoever exported it.
        options.log_severity_level = 3
        try:
            session = runtime.InferenceSession(
                str(self._model), sess_options=options, providers=["CPUExecutionProvider"]
            )
            tokenizer = tokenizers.Tokenizer.from_file(str(self._tokenizer))
        except Exception as error:
            raise ModelError(
                f"{self.name!r} cannot be loaded: {type(error).__name__}", reranker=self.name
            ) from error
        inputs = tuple(given.name for given in session.get_inputs())
        unknown = set(inputs) - {"input_ids", "attention_mask", "token_type_ids"}
        if unknown:
            raise ModelError(
                f"{self.name!r} wants {', '.join(sorted(unknown))}; it is no cross-encoder",
                reranker=self.name,
            )
        tokenizer.enable_truncation(self._max_tokens)
        padding = tokenizer.padding
        if not padding:
            pad = next((p for p in ("[PAD]", "<pad>") if tokenizer.token_to_id(p) is not None), None)
            tokenizer.enable_padding(
                **({"pad_token": pad, "pad_id": tokenizer.token_to_id(pad)} if pad else {})
            )
        return _Loaded(os.getpid(), session, tokenizer, inputs)


def _files(model: Path) -> tuple[Path, Path]:
    """Return the paths of model and tokenizer.

    Raises:
        ConfigError: One is not there.
    """
    found = [model] if model.suffix == ".onnx" else [model / name for name in _USUAL]
    file = next((path for path in found if path.is_file()), None)
    if file is None:
        raise ConfigError(f"there is no ONNX model at {str(model)!r}", setting="reranker.model")
    beside = (file.parent, file.parent.parent)
    folder = next((path for path in beside if (path / _TOKENIZER).is_file()), None)
    if folder is None:
        raise ConfigError(f"there is no {_TOKENIZER} beside {str(file)!r}", setting="reranker.model")
    return file, folder / _TOKENIZER
