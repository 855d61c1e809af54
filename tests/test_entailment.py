"""An entailment model beside the claim check: a tiny one with random weights, whose head is set by hand."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.errors import EncoderError
from rag.entailment import CrossEncoderEntailment, entailment_label
from rag.sayers import Cited
from rag.support import ClaimCheck
from ui.assembly import entailment_of
from ui.settings import load_settings

QUOTE = [Cited("it took us five days", "Ada Berg")]
CLAIM = "It took five days."


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[dict[int, str], int], str]:
    """Saves a model with these labels that always says the one at `says`, and gives its folder."""

    def save(labels: dict[int, str], says: int) -> str:
        import torch
        from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

        words = tmp_path / "vocab.txt"
        words.write_text(
            "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "it", "took", "days"]), "utf-8"
        )
        config = BertConfig(
            vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
            id2label=labels, label2id={label: place for place, label in labels.items()},
        )  # fmt: skip
        model = BertForSequenceClassification(config)
        with torch.inference_mode():
            model.classifier.weight.zero_()
            model.classifier.bias.copy_(torch.tensor([4.0 if place == says else 0.0 for place in labels]))
        folder = tmp_path / "-".join(labels.values())
        model.save_pretrained(folder)
        BertTokenizerFast(str(words)).save_pretrained(folder)
        return str(folder)

    return save


@pytest.mark.parametrize(
    ("labels", "says", "passes"),
    [
        ({0: "contradiction", 1: "entailment", 2: "neutral"}, 1, True),
        ({0: "contradiction", 1: "entailment", 2: "neutral"}, 0, False),
        ({0: "ENTAILMENT", 1: "NEUTRAL", 2: "CONTRADICTION"}, 0, True),
        ({0: "ENTAILMENT", 1: "NEUTRAL", 2: "CONTRADICTION"}, 1, False),
        ({0: "not_entailment", 1: "entailment"}, 0, False),
    ],
)
def test_a_claim_must_pass_the_model_too(
    saved: Callable[[dict[int, str], int], str],
    labels: dict[int, str],
    says: int,
    passes: bool,
) -> None:
    entailment = entailment_of(load_settings(nli=saved(labels, says)))
    alone = ClaimCheck().check(CLAIM, QUOTE)
    assert alone.supported
    joined = ClaimCheck(entailment).check(CLAIM, QUOTE)
    assert joined.supported is passes
    assert joined.why == ("" if passes else "it does not follow from the quote")
    assert joined.score <= alone.score


def test_the_model_is_asked_only_of_what_the_check_lets_pass_with_the_speaker_named() -> None:
    class Listening:
        asked: tuple[tuple[str, str], ...] = ()

        def entailed(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
            self.asked += tuple(pairs)
            return [1.0] * len(pairs)

    listening = Listening()
    check = ClaimCheck(listening)
    both = check.check_many([("It took nine days.", QUOTE), (CLAIM, [*QUOTE, Cited("five, yes", None)])])
    assert [verdict.supported for verdict in both] == [False, True]
    assert listening.asked == (("Ada Berg: it took us five days five, yes", CLAIM),)
    assert not check.check("It took nine days.", QUOTE).supported
    assert len(listening.asked) == 1


@pytest.mark.parametrize(
    "labels", [{0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}, {0: "entailment"}, {0: "entails", 1: "entailed"}]
)
def test_labels_that_do_not_tell_are_an_error(labels: dict[int, str]) -> None:
    with pytest.raises(EncoderError, match="do not tell which one is entailment"):
        entailment_label("some-model", labels)


def test_a_model_that_is_not_there_is_an_error_when_it_is_first_asked(tmp_path: Path) -> None:
    entailment = CrossEncoderEntailment(str(tmp_path / "nothing"))
    with pytest.raises(EncoderError, match="there is no usable entailment model"):
        entailment.entailed([("a", "b")])


def test_probabilities_of_several_pairs_are_one_each(saved: Callable[[dict[int, str], int], str]) -> None:
    entailment = CrossEncoderEntailment(saved({0: "entailment", 1: "neutral", 2: "contradiction"}, 0))
    likely = entailment.entailed([("it took days", "it took"), ("it", "days")])
    assert np.allclose(likely, np.exp(4) / (np.exp(4) + 2), atol=1e-4)


def test_none_is_asked_where_none_is_named() -> None:
    assert entailment_of(load_settings()) is None
