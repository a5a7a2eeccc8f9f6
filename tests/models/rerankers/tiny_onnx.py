"""A cross-encoder of a few nodes, written as protobuf by hand: its log odds are the words that a pair shares.

The wire form is that of onnx.proto (ModelProto and what it holds); no package is needed to write it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

INT64, FLOAT = 7, 1
OPSET = 13


def _varint(n: int) -> bytes:
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes((*out, n))


def _number(field: int, n: int) -> bytes:
    return _varint(field << 3) + _varint(n)


def _bytes(field: int, value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


def _node(kind: str, inputs: Sequence[str], output: str, **attributes: int) -> bytes:
    body = b"".join(_bytes(1, name) for name in inputs) + _bytes(2, output) + _bytes(4, kind)
    for name, value in attributes.items():
        body += _bytes(5, _bytes(1, name) + _number(3, value) + _number(20, 2))
    return _bytes(1, body)


def _constant(name: str, values: np.ndarray) -> bytes:
    kind = INT64 if values.dtype == np.int64 else FLOAT
    dims = b"".join(_number(1, n) for n in values.shape)
    return _bytes(5, dims + _number(2, kind) + _bytes(8, name) + _bytes(9, values.tobytes()))


def _value(field: int, name: str, kind: int, dims: Sequence[str]) -> bytes:
    shape = b"".join(_bytes(1, _bytes(2, dim)) for dim in dims)
    return _bytes(field, _bytes(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape))))


def model_bytes(*, outputs: int = 1, extra_input: bool = False, spoiled: bool = False) -> bytes:
    """Return a model: how often a word of the first part occurs in the second.

    Args:
        outputs: Width of its output: 1, or 2 for two classes, or anything that no cross-encoder has.
        extra_input: Ask for an input that no cross-encoder has.
        spoiled: Give NaN.
    """
    weights = np.zeros((1, outputs), np.float32)
    weights[0, -1] = np.nan if spoiled else 1.0
    graph = b"".join(
        (
            _node("Unsqueeze", ["input_ids", "one"], "rows"),
            _node("Unsqueeze", ["input_ids", "two"], "columns"),
            _node("Equal", ["rows", "columns"], "same"),
            _node("Cast", ["same"], "same_f", to=FLOAT),
            _node("Cast", ["attention_mask"], "mask", to=FLOAT),
            _node("Cast", ["token_type_ids"], "second", to=FLOAT),
            _node("Mul", ["second", "mask"], "second_m"),
            _node("Sub", ["mask", "second_m"], "first_m"),
            _node("Unsqueeze", ["first_m", "two"], "first_c"),
            _node("Unsqueeze", ["second_m", "one"], "second_r"),
            _node("Mul", ["same_f", "first_c"], "half"),
            _node("Mul", ["half", "second_r"], "pairs"),
            _node("ReduceSum", ["pairs", "both"], "shared", keepdims=0),
            _node("Unsqueeze", ["shared", "one"], "column"),
            _node("MatMul", ["column", "weights"], "logits"),
            _bytes(2, "tiny"),
            _constant("one", np.array([1], np.int64)),
            _constant("two", np.array([2], np.int64)),
            _constant("both", np.array([1, 2], np.int64)),
            _constant("weights", weights),
            _value(11, "input_ids", INT64, ("n", "t")),
            _value(11, "attention_mask", INT64, ("n", "t")),
            _value(11, "token_type_ids", INT64, ("n", "t")),
            _value(11, "pixel_values", INT64, ("n", "t")) if extra_input else b"",
            _value(12, "logits", FLOAT, ("n", "k")),
        )
    )
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, OPSET))


def write_model(
    folder: Path, *, inside: str = "model.onnx", words: Sequence[str] = (), **options: bool | int
) -> Path:
    """Write a model with its tokenizer, which knows *words* and single Chinese characters; return the folder."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3}
    for word in words:
        vocabulary.setdefault(word, len(vocabulary))
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A",
        pair="[CLS] $A $B:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    path = folder / inside
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model_bytes(**options))  # type: ignore[arg-type]
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
