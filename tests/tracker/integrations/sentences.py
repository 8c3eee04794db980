"""A trainer of Hugging Face over a few sentences. Loaded by the tests that train it: the framework takes seconds."""

from typing import Any

import torch
import transformers


class Rows(torch.utils.data.Dataset):
    """A few random sentences."""

    def __len__(self) -> int:
        return 8

    def __getitem__(self, place: int) -> dict[str, Any]:
        tokens = torch.arange(4) + place
        return {"input_ids": tokens, "labels": tokens}


def hugging_face_trainer(callbacks: list[Any] | None = None, **more: Any) -> Any:
    config = transformers.GPT2Config(vocab_size=16, n_positions=8, n_embd=8, n_layer=1, n_head=1)
    told = transformers.TrainingArguments(
        output_dir="out", max_steps=4, logging_steps=2, per_device_train_batch_size=2, save_strategy="no",
        use_cpu=True, disable_tqdm=True, seed=11, learning_rate=0.01, **more,
    )  # fmt: skip
    model = transformers.GPT2LMHeadModel(config)
    return transformers.Trainer(model, told, train_dataset=Rows(), eval_dataset=Rows(), callbacks=callbacks)
