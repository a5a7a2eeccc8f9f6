"""ragas's side of the comparison; runs in ragas's own environment, told what to do by lines of JSON, and asks for vectors.

Every case is measured twice, by ``ragas.metrics`` and by its successor ``ragas.metrics.collections``. A scripted model answers
each tool's own prompts from the case's verdicts, having read its input back out of the prompt; or, with "model", one at
an OpenAI-compatible server answers as it will.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final, TextIO, TypeAlias

import ragas  # type: ignore[import-not-found]
from langchain_core.outputs import Generation, LLMResult  # type: ignore[import-not-found]
from openai import AsyncOpenAI, OpenAIError
from ragas.dataset_schema import SingleTurnSample  # type: ignore[import-not-found]
from ragas.embeddings.base import BaseRagasEmbedding, BaseRagasEmbeddings  # type: ignore[import-not-found]
from ragas.exceptions import RagasException  # type: ignore[import-not-found]
from ragas.llms import LangchainLLMWrapper, llm_factory  # type: ignore[import-not-found]
from ragas.llms.base import BaseRagasLLM, InstructorBaseRagasLLM  # type: ignore[import-not-found]
from ragas.metrics import collections  # type: ignore[import-not-found]
from ragas.metrics._answer_relevance import ResponseRelevancy  # type: ignore[import-not-found]
from ragas.metrics._context_precision import LLMContextPrecisionWithReference  # type: ignore[import-not-found]
from ragas.metrics._context_recall import LLMContextRecall  # type: ignore[import-not-found]
from ragas.metrics._faithfulness import Faithfulness  # type: ignore[import-not-found]

INPUT: Final = "Now perform the same with the following input\ninput: "
FORMS: Final = {
    "StatementGeneratorOutput": "statements",
    "NLIStatementOutput": "supported",
    "ResponseRelevanceOutput": "made",
    "AnswerRelevanceOutput": "made",
    "Verification": "useful",
    "ContextPrecisionOutput": "useful",
    "ContextRecallClassifications": "held",
    "ContextRecallOutput": "held",
}
"""What a prompt asks for, by the title of the form of its answer; of both implementations."""
Score: TypeAlias = float | str
"""A figure, or the error that came instead."""


class ScriptError(Exception):
    """A prompt does not hold what it should, or asks for something unknown."""


class Script:
    """Answers the prompts of one metric on one case.

    Args:
        case: The case, see :class:`benchmarks.ragas_cases.Case`.
    """

    def __init__(self, case: Mapping[str, Any]) -> None:
        self._case = case
        self._asked = 0

    def answer(self, prompt: str) -> dict[str, Any]:
        """Return what the table says to one prompt."""
        start = prompt.rindex(INPUT) + len(INPUT)
        given, _ = json.JSONDecoder().raw_decode(prompt[start:])
        (kind,) = {kind for form, kind in FORMS.items() if f'"title": "{form}"' in prompt}
        self._asked += 1
        made: dict[str, Any] = getattr(self, f"_{kind}")(given)
        return made

    def _statements(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._check(given, question=self._case["question"], answer=self._case["answer"])
        return {"statements": [text for text, _ in self._case["statements"]]}

    def _supported(self, given: Mapping[str, Any]) -> dict[str, Any]:
        texts = [text for text, _ in self._case["statements"]]
        self._check(given, statements=texts, context=self._context)
        return {"statements": [_verdict(*one, name="verdict") for one in self._case["statements"]]}

    def _made(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._check(given, response=self._case["answer"])
        made = self._case["made"]
        question, noncommittal = made[self._asked - 1] if made else ("", False)
        return {"question": question, "noncommittal": int(noncommittal)}

    def _useful(self, given: Mapping[str, Any]) -> dict[str, Any]:
        text, verdict = self._case["contexts"][self._asked - 1]
        self._check(given, context=text, answer=self._case["reference"])
        return {"reason": "", "verdict": int(verdict)}

    def _held(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._check(given, context=self._context, answer=self._case["reference"])
        return {"classifications": [_verdict(*one, name="attributed") for one in self._case["sentences"]]}

    @property
    def _context(self) -> str:
        return "\n".join(text for text, _ in self._case["contexts"])

    def _check(self, given: Mapping[str, Any], **wanted: object) -> None:
        for name, value in wanted.items():
            if given[name] != value:
                raise ScriptError(f"{self._case['name']}: {name} is {given[name]!r}, not {value!r}")


def _verdict(text: str, verdict: bool, *, name: str) -> dict[str, Any]:  # noqa: FBT001
    return {"statement": text, "reason": "", name: int(verdict)}


class ScriptedOld(BaseRagasLLM):  # type: ignore[misc]
    """The scripted model as ``ragas.metrics`` asks it."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self._script = script

    def generate_text(self, prompt: Any, n: int = 1, **_: Any) -> LLMResult:
        """Answer in words."""
        texts = [json.dumps(self._script.answer(prompt.to_string())) for _ in range(n)]
        return LLMResult(generations=[[Generation(text=text) for text in texts]])

    async def agenerate_text(self, prompt: Any, n: int = 1, **_: Any) -> LLMResult:
        """Answer in words."""
        return self.generate_text(prompt, n)

    def is_finished(self, response: LLMResult) -> bool:
        """Tell that no answer is cut off."""
        del response
        return True


class ScriptedNew(InstructorBaseRagasLLM):  # type: ignore[misc]
    """The scripted model as ``ragas.metrics.collections`` asks it."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def generate(self, prompt: str, response_model: Any) -> Any:
        """Answer in a form."""
        return response_model.model_validate(self._script.answer(prompt))

    async def agenerate(self, prompt: str, response_model: Any) -> Any:
        """Answer in a form."""
        return self.generate(prompt, response_model)


class Vectors(dict[str, list[float]]):
    """Vectors by text; one that is not there yet is asked for."""

    def __init__(self, out: TextIO) -> None:
        super().__init__()
        self._out = out

    def __missing__(self, text: str) -> list[float]:
        """Ask whoever gave the order."""
        print(json.dumps({"embed": text}), file=self._out, flush=True)
        vector: list[float] = json.loads(sys.stdin.readline())
        self[text] = vector
        return vector


class VectorsOld(BaseRagasEmbeddings):  # type: ignore[misc]
    """Vectors that were worked out beforehand, as ``ragas.metrics`` asks for them."""

    def __init__(self, vectors: Vectors) -> None:
        super().__init__()
        self._vectors = vectors

    def embed_query(self, text: str) -> list[float]:
        """Look one up."""
        return self._vectors[text]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Look several up."""
        return [self._vectors[text] for text in texts]

    async def aembed_query(self, text: str) -> list[float]:
        """Look one up."""
        return self._vectors[text]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Look several up."""
        return self.embed_documents(texts)


class VectorsNew(BaseRagasEmbedding):  # type: ignore[misc]
    """The same, as ``ragas.metrics.collections`` asks for them."""

    def __init__(self, vectors: Vectors) -> None:
        super().__init__()
        self._vectors = vectors

    def embed_text(self, text: str, **_: Any) -> list[float]:
        """Look one up."""
        return self._vectors[text]

    async def aembed_text(self, text: str, **_: Any) -> list[float]:
        """Look one up."""
        return self._vectors[text]


Llm: TypeAlias = Callable[[str, Script], Any]
"""Gives the model that an implementation ("metrics", "collections") asks, for one metric on one case."""


def scripted(side: str, script: Script) -> Any:
    """Return a model that follows the script."""
    return ScriptedOld(script) if side == "metrics" else ScriptedNew(script)


def real(model: Mapping[str, Any]) -> Llm:
    """Return what gives the model at a server."""
    from langchain_openai import ChatOpenAI  # type: ignore[import-not-found]

    most = int(model["max_tokens"])
    at = {"base_url": model["base_url"], "api_key": model["api_key"], "timeout": 300, "max_retries": 0}
    old = LangchainLLMWrapper(ChatOpenAI(model=model["model"], temperature=0, max_tokens=most, **at))
    new = llm_factory(model["model"], client=AsyncOpenAI(**at), temperature=0, max_tokens=most)  # type: ignore[arg-type]
    return lambda side, _: old if side == "metrics" else new


def measures(
    case: Mapping[str, Any], vectors: Vectors, llm: Llm
) -> Iterator[tuple[str, str, Awaitable[Any]]]:
    """Yield implementation, figure and what measures it."""
    contexts = [text for text, _ in case["contexts"]]
    given = {"user_input": case["question"], "response": case["answer"], "reference": case["reference"]}
    sample = SingleTurnSample(**given, retrieved_contexts=contexts)
    old, new = (lambda: llm("metrics", Script(case))), (lambda: llm("collections", Script(case)))

    def of(*names: str) -> dict[str, Any]:
        return {name: contexts if name == "retrieved_contexts" else given[name] for name in names}

    embedded = VectorsOld(vectors)
    for name, metric in (
        ("faithfulness", Faithfulness(llm=old())),
        ("answer relevance", ResponseRelevancy(llm=old(), embeddings=embedded)),
        ("context precision", LLMContextPrecisionWithReference(llm=old())),
        ("context recall", LLMContextRecall(llm=old())),
    ):
        yield "metrics", name, metric.single_turn_ascore(sample)
    faithful = collections.Faithfulness(llm=new())
    yield "collections", "faithfulness", faithful.ascore(**of("user_input", "response", "retrieved_contexts"))
    relevant = collections.AnswerRelevancy(llm=new(), embeddings=VectorsNew(vectors))
    yield "collections", "answer relevance", relevant.ascore(**of("user_input", "response"))
    precise = collections.ContextPrecisionWithReference(llm=new())
    asked = of("user_input", "reference", "retrieved_contexts")
    yield "collections", "context precision", precise.ascore(**asked)
    yield "collections", "context recall", collections.ContextRecall(llm=new()).ascore(**asked)


async def score(measured: Awaitable[Any]) -> Score:
    """Return a figure, or the name of what ragas, or the server, refused with."""
    try:
        found = await measured
    except (ValueError, RagasException, OpenAIError) as error:
        return type(error).__name__
    except Exception as error:
        # What wraps the errors of a real model differs from version to version.
        if type(error).__module__.split(".")[0] == "instructor":
            return type(error).__name__
        raise
    return float(getattr(found, "value", found))


async def scores(order: Mapping[str, Any], vectors: Vectors) -> list[dict[str, dict[str, Score]]]:
    """Measure all cases."""
    llm = real(order["model"]) if order.get("model") else scripted
    done: list[dict[str, dict[str, Score]]] = []
    for case in order["cases"]:
        found: dict[str, dict[str, Score]] = {"metrics": {}, "collections": {}}
        for side, name, measured in measures(case, vectors, llm):
            found[side][name] = await score(measured)
        done.append(found)
        print(f"{len(done)} of {len(order['cases'])}", file=sys.stderr, flush=True)
    return done


def main() -> None:
    """Answer one order."""
    logging.disable(logging.ERROR)
    warnings.simplefilter("ignore")
    out, sys.stdout = sys.stdout, sys.stderr  # what ragas prints must not come between
    order = json.loads(sys.stdin.readline())
    answer = {"ragas": ragas.__version__, "scores": asyncio.run(scores(order, Vectors(out)))}
    print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
