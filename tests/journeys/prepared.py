"""What a script would download, made here from nothing: `python -m tests.journeys.prepared WHAT FOLDER`.

`tiny_language_model` is a config of a GPT-2 with random weights, a tokenizer of words, and a text.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers


def tiny_language_model(folder: Path) -> None:
    """A model's config, a tokenizer and a text that it can learn."""
    lines = [f"the {animal} sees the {other} ." for animal in ("cat", "dog", "owl") for other in ("sun", "moon", "sea")]
    (folder / "text.txt").write_text("\n".join(lines * 40) + "\n")
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(lines, trainers.WordLevelTrainer(special_tokens=["<unk>"]))
    place = folder / "tiny"
    place.mkdir()
    tokenizer.save(str(place / "tokenizer.json"))
    told = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", "model_max_length": 32}
    (place / "tokenizer_config.json").write_text(json.dumps(told))
    size = {"vocab_size": tokenizer.get_vocab_size(), "n_positions": 32, "n_embd": 16, "n_layer": 1, "n_head": 2}
    (place / "config.json").write_text(json.dumps({"model_type": "gpt2", "bos_token_id": 0, "eos_token_id": 0, **size}))


if __name__ == "__main__":
    {"tiny_language_model": tiny_language_model}[sys.argv[1]](Path(sys.argv[2]))
