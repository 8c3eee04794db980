"""Real-looking cases for the scrubber, both ways.

Nothing here is a secret: whatever looks like a token is put together at run time from a seeded generator, so
that no scanner that reads this file mistakes it for one.
"""

from __future__ import annotations

import base64
import random
import string

_LETTERS = string.ascii_letters
_ALNUM = string.ascii_letters + string.digits
_URLSAFE = _ALNUM + "-_"
_BASE64 = _ALNUM + "+/"
_HEX = "0123456789abcdef"
_rng = random.Random(20261123)


def some(alphabet: str, length: int) -> str:
    """Random text that begins and ends with a letter or digit and mixes its kinds, as real tokens do."""
    while True:
        text = "".join(_rng.choice(alphabet) for _ in range(length))
        if text[0].isalnum() and text[-1].isalnum() and (alphabet == _LETTERS or any(c.isdigit() for c in text)):
            return text


def _jwt() -> str:
    parts = ('{"alg":"HS256","typ":"JWT"}', '{"sub":"1234567890","name":"Ada"}')
    return ".".join([*(base64.urlsafe_b64encode(p.encode()).decode().rstrip("=") for p in parts), some(_URLSAFE, 43)])


def _key_block(kind: str) -> str:
    lines = "\n".join(some(_BASE64, 64) for _ in range(6))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----"


TOKENS: dict[str, str] = {
    "Slack bot": f"xox{'b'}-{some(string.digits, 12)}-{some(string.digits, 13)}-{some(_ALNUM, 24)}",
    "Slack user": f"xox{'p'}-{some(string.digits, 12)}-{some(string.digits, 12)}-{some(_HEX, 32)}",
    "Slack legacy": f"xox{'a'}-2-{some(string.digits, 12)}-{some(_HEX, 32)}",
    "Slack refresh": f"xox{'e'}-1-{some(_ALNUM, 100)}",
    "Slack rotated": f"xox{'e'}.xox{'b'}-1-{some(_ALNUM, 100)}",
    "Slack app": f"xapp{'-'}1-A{some(string.digits, 10)}-{some(string.digits, 13)}-{some(_HEX, 64)}",
    "GitHub classic": f"ghp{'_'}{some(_ALNUM, 36)}",
    "GitHub OAuth": f"gho{'_'}{some(_ALNUM, 36)}",
    "GitHub user-to-server": f"ghu{'_'}{some(_ALNUM, 36)}",
    "GitHub server": f"ghs{'_'}{some(_ALNUM, 36)}",
    "GitHub refresh": f"ghr{'_'}{some(_ALNUM, 76)}",
    "GitHub fine-grained": f"github{'_'}pat_{some(_ALNUM, 22)}_{some(_ALNUM, 59)}",
    "GitLab personal": f"glpat{'-'}{some(_URLSAFE, 20)}",
    "GitLab deploy": f"gldt{'-'}{some(_URLSAFE, 20)}",
    "GitLab runner": f"glrt{'-'}{some(_URLSAFE, 20)}",
    "AWS key": "AKIA" + some(string.ascii_uppercase + "234567", 16),
    "AWS session key": "ASIA" + some(string.ascii_uppercase + "234567", 16),
    "OpenAI legacy": "sk" + "-" + some(_ALNUM, 48),
    "OpenAI project": "sk" + "-proj-" + some(_URLSAFE, 74),
    "OpenAI service": "sk" + "-svcacct-" + some(_URLSAFE, 60),
    "Anthropic": "sk" + "-ant-api03-" + some(_URLSAFE, 93) + "AA",
    "OpenRouter": "sk" + "-or-v1-" + some(_HEX, 64),
    "Hugging Face": "hf" + "_" + some(_LETTERS, 34),
    "Hugging Face organisation": "api" + "_org_" + some(_LETTERS, 34),
    "W&B local": "local" + "-" + some(_HEX, 40),
    "W&B new": "wandb" + "_v1_" + some(_ALNUM, 60),
    "Google API": "AIza" + some(_URLSAFE, 35),
    "Google OAuth": "ya29" + "." + some(_URLSAFE, 60),
    "Google client": "GOCSPX" + "-" + some(_URLSAFE, 28),
    "Stripe live": "sk" + "_live_" + some(_ALNUM, 24),
    "Stripe restricted": "rk" + "_test_" + some(_ALNUM, 24),
    "webhook secret": "whsec" + "_" + some(_ALNUM, 32),
    "Twilio": "SK" + some(_HEX, 32),
    "SendGrid": "SG" + "." + some(_URLSAFE, 22) + "." + some(_URLSAFE, 43),
    "Mailgun": "key" + "-" + some(_HEX, 32),
    "Mailchimp": some(_HEX, 32) + "-us" + "14",
    "npm": "npm" + "_" + some(_ALNUM, 36),
    "PyPI": "pypi" + "-AgEIcHlwaS5vcmc" + some(_URLSAFE, 120),
    "Docker": "dckr" + "_pat_" + some(_URLSAFE, 27),
    "DigitalOcean": "dop" + "_v1_" + some(_HEX, 64),
    "Databricks": "dapi" + some(_HEX, 32),
    "Replicate": "r8" + "_" + some(_ALNUM, 37),
    "Groq": "gsk" + "_" + some(_ALNUM, 52),
    "xAI": "xai" + "-" + some(_ALNUM, 80),
    "NVIDIA": "nvapi" + "-" + some(_URLSAFE, 64),
    "Perplexity": "pplx" + "-" + some(_ALNUM, 48),
    "Notion": "ntn" + "_" + some(_ALNUM, 46),
    "Notion older": "secret" + "_" + some(_ALNUM, 43),
    "Linear": "lin" + "_api_" + some(_ALNUM, 40),
    "Shopify": "shpat" + "_" + some(_HEX, 32),
    "Vault": "hvs" + "." + some(_URLSAFE, 90),
    "Doppler": "dp" + ".pt." + some(_ALNUM, 43),
    "Supabase": "sbp" + "_" + some(_HEX, 40),
    "Sentry": "sntrys" + "_" + some(_ALNUM, 60),
    "Grafana": "glsa" + "_" + some(_ALNUM, 32) + "_" + some(_HEX, 8),
    "Pulumi": "pul" + "-" + some(_HEX, 40),
    "Terraform": some(_ALNUM, 14) + ".atlasv1" + "." + some(_URLSAFE, 67),
    "age": "AGE" + "-SECRET-KEY-1" + some(string.ascii_uppercase + string.digits, 58),
    "Telegram": some(string.digits, 10) + ":AA" + some(_URLSAFE, 33),
    "Discord": "M" + some(_ALNUM, 23) + "." + some(_ALNUM, 6) + "." + some(_URLSAFE, 38),
    "Runcite": "rc" + "_" + some(_URLSAFE, 43),
    "JSON Web Token": _jwt(),
    "Neptune": base64.b64encode(b'{"api_address":"https://app.example.ai","api_key":"0f0f0f0f"}').decode(),
    "RSA key": _key_block("RSA PRIVATE" + " KEY"),
    "OpenSSH key": _key_block("OPENSSH PRIVATE" + " KEY"),
    "PKCS8 key": _key_block("PRIVATE" + " KEY"),
    "PGP key": _key_block("PGP PRIVATE" + " KEY BLOCK"),
    "unnamed, 40 of base62": some(_ALNUM, 40),
    "unnamed, 64 of base64": some(_BASE64, 64),
    "unnamed, 48 of base36": some(string.ascii_lowercase + string.digits, 48),
    "unnamed, 44 of URL-safe base64": some(_ALNUM, 30) + "-" + some(_ALNUM, 13),
}
"""Secrets that are known by their shape, or by looking random, whatever stands around them."""

_PASSWORDS = ("hunter2", "correct horse battery", "S3cr3t!", "pa55word", "Tr0ub4dor&3", "letmein99")
_STRONG_NAMES = (
    "password", "DB_PASSWORD", "db.password", "passwd", "passphrase", "PGPASSWORD", "secret", "client_secret",
    "clientSecret", "API_KEY", "apiKey", "api-key", "OPENAI_API_KEY", "WANDB_API_KEY", "aws_secret_access_key",
    "AWS_SESSION_TOKEN", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "GITHUB_TOKEN", "SLACK_BOT_TOKEN", "access_token",
    "refresh_token", "auth_token", "private_key", "encryption_key", "credentials", "ACCOUNT_KEY", "smtp_password",
)  # fmt: skip


def _named_secrets() -> list[tuple[str, str, str]]:
    cases = []
    for position, name in enumerate(_STRONG_NAMES):
        value = _PASSWORDS[position % len(_PASSWORDS)].replace(" ", "-").replace("&", "-")
        cases.append((f"{name}=", f"{name}={value}", value))
        cases.append((f"--{name} in one text", f"train.py --{name} {value} --lr 0.1", value))
        cases.append((f"{name} in JSON", f'{{"lr": 0.1, "{name}": "{value}"}}', value))
    hex40, mixed = some(_HEX, 40), some(_ALNUM, 20)
    return [
        *cases,
        ("a weak name, hex", f"token={hex40}", hex40),
        ("a weak name, YAML", f"key: {mixed}", mixed),
        ("a weak name, option", f"--auth {mixed}", mixed),
        ("W&B by its name", f"wandb_key={hex40}", hex40),
        ("a bearer header", f"Authorization: Bearer {mixed}", mixed),
        ("a basic header", f"Authorization: Basic {(basic := base64.b64encode(b'ada:lovelace1').decode())}", basic),
        ("a quoted password with spaces", "password='correct horse battery staple'", "horse battery"),
        ("ADO.NET", "Server=tcp:db,1433;Database=runs;User ID=ada;Password=Zx9!kk;Encrypt=true", "Zx9!kk"),
        ("Azure storage", f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={mixed * 3}==", mixed),
        ("PostgreSQL", "postgresql+psycopg://ada:lovelace1@db.example.org:5432/runs", "lovelace1"),
        ("MySQL", "mysql://root:toor@localhost/runs", "toor"),
        ("MongoDB", "mongodb+srv://ada:Lace-99@cluster0.example.net/runs?retryWrites=true", "Lace-99"),
        ("Redis without a user", "redis://:foobared@localhost:6379/0", "foobared"),
        ("AMQP", "amqp://guest:guest99@rabbit:5672//", "guest99"),
        ("a proxy", "http_proxy=http://ada:lovelace1@proxy:3128", "lovelace1"),
        ("a git address with a token", f"https://{mixed}@github.com/team/project.git", mixed),
        ("a git address with user and token", f"https://oauth2:{mixed}@gitlab.com/team/project.git", mixed),
        ("a signed S3 address", f"https://b.s3.amazonaws.com/k?X-Amz-Signature={some(_HEX, 64)}", "X-Amz-Signature=0"),
        ("an Azure SAS", f"https://a.blob.core.windows.net/c?sv=2024&sig={mixed}%3D", mixed),
        ("a token in a query", f"https://api.example.org/v1?token={mixed}&page=2", mixed),
        ("a Slack webhook", f"https://hooks.slack.com/services/T0{mixed[:6]}/B0{mixed[6:12]}/{mixed}", mixed),
        ("a Discord webhook", f"https://discord.com/api/webhooks/{some(string.digits, 18)}/{mixed}", mixed),
    ]


NAMED = _named_secrets()
"""Secrets that are known by what stands beside them: what it is, the text, and what must be gone from it."""

_DIGEST = "".join(_rng.choice(_HEX) for _ in range(64))
HARMLESS: tuple[str, ...] = (
    *(_DIGEST[:n] for n in (7, 8, 12, 32, 40, 64)),
    f"sha256:{_DIGEST}",
    f"commit {_DIGEST[:40]}",
    f"digest={_DIGEST}",
    f"{_DIGEST[:8]}-{_DIGEST[8:12]}-4{_DIGEST[13:16]}-a{_DIGEST[17:20]}-{_DIGEST[20:32]}",
    "r-7K3M9QX2", "result of r-7K3M9QX2: 0.882", "run_id=r-7K3M9QX2",
    "lr=0.001", "--lr 1e-3 --epochs 10", "0.123456789012345678901234567890", "3.14159265358979323846264338327950288",
    "1732370400000000", "2026-11-23T14:09:00+00:00", "20261123-140900-123456", "1e-05,1e-04,1e-03,1e-02,1e-01",
    "max_tokens=512", "num_tokens: 4096", "tokenizer=gpt2", "tokenizer: bert-base-uncased", "--tokenizer gpt2",
    "pad_token=<pad>", "eos_token: </s>", "bos_token_id=1", "mask_token=[MASK]", "cls_token=[CLS]", "unk_token='[UNK]'",
    "tokens_per_batch=32768", "token_dropout=0.1", "n_key_heads=8", "key_dim=64", "num_key_value_heads=8",
    "key_padding_mask=True", "sort_key=val/accuracy", "primary_key=id", "group_key=optimizer", "metric_key=f1",
    "keys=lr,wd,seed", "key=value", "key: learning_rate", "author=Ada Lovelace", "authors: A. Turing, A. Church",
    "password=None", "password: null", "password=", "password=''", "api_key=$OPENAI_API_KEY", "api_key=${oc.env:KEY}",
    "api_key: <your key here>", "password=***", "token: ...", "api_key=os.environ['OPENAI_API_KEY']",
    "password = getpass.getpass()", "token=tokenizer.decode(ids)", "def login(password: str) -> None:",
    "password=password", "api_key=api_key", "client(token=token)", "token_type=bearer", "use_auth_token=True",
    "use_auth_token=False", "secret=false", "password_file=/run/secrets/db", "ssl_key=/etc/ssl/private/server.key",
    "--key-file keys/deploy.pub", "ssh_key_path=~/.ssh/id_ed25519", "the secret of good batch normalisation",
    "the key to attention is the query", "pass the token along", "a bearer of bad news", "passing=97",
    "--pass-through", "bypass=True", "compass=north", "monkey=1", "keyboard=qwerty", "passes=3", "patience=10",
    "cookie_cutter=yes", "basic training", "authentic=1", "signature: conv-bn-relu",
    "/home/ada/projects/milestone-1/train.py", "/mnt/data/imagenet/train/n01440764/n01440764_10026.JPEG",
    "C:\\Users\\ada\\projects\\train.py", "~/.cache/huggingface/hub/models--meta-llama--Llama-3.1-8B-Instruct",
    f"snapshots/{_DIGEST[:40]}/model-00001-of-00004.safetensors", "s3://bucket/prefix/run/artifacts/model.pt",
    "../data/processed/train_2026-11-23_v2.parquet", "outputs/2026-11-23/14-09-00/checkpoints/epoch=9-step=4690.ckpt",
    "meta-llama/Llama-3.1-8B-Instruct", "mistralai/Mixtral-8x7B-Instruct-v0.1", "google/vit-base-patch16-224-in21k",
    "facebook/wav2vec2-large-xlsr-53-german", "timm/convnext_xxlarge.clip_laion2b_soup_ft_in1k", "resnet50_a1_in1k",
    "sentence-transformers/all-MiniLM-L6-v2", "bert-base-uncased-finetuned-sst-2-english", "tf_efficientnetv2_s.in21k",
    "Qwen2.5-Coder-32B-Instruct-GPTQ-Int4", "openai/clip-vit-large-patch14-336", "stable-diffusion-xl-base-1.0",
    "BertForSequenceClassification", "MultiHeadSelfAttentionWithRotaryPositionEmbedding", "CosineAnnealingWarmRestarts",
    "torch.optim.lr_scheduler.OneCycleLR", "nn.Sequential(nn.Conv2d(3, 64, 3), nn.ReLU())", "AdamW8bit",
    "torch-2.13.0+cu126-cp311-cp311-manylinux_2_28_x86_64.whl", "nvidia-cublas-cu12==12.6.4.1", "numpy==2.4.0",
    "GPU-8f2d9f0c-1c2b-4b1e-9a64-0c0ffee0beef", "NVIDIA H100 80GB HBM3", "linux-x86_64-gnu-cpython-311",
    "https://github.com/team/project.git", "git@github.com:team/project.git", "ssh://git@gitlab.com:2222/team/x.git",
    "https://huggingface.co/datasets/ylecun/mnist", "https://arxiv.org/abs/1706.03762v7", "http://127.0.0.1:8000/runs",
    "https://runs.example.org/compare?runs=r-7K3M9QX2,r-9QX27K3M", "postgresql://localhost/runs", "sqlite:///runs.db",
    "postgresql+psycopg://ada@db.example.org/runs", "https://user@bitbucket.org/team/project.git", "ada@example.org",
    "train/loss=0.31 val/accuracy=0.882", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "=" * 60, "-" * 80, "_" * 50,
    "abcdefghijklmnopqrstuvwxyz0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789" * 5,
    "sk-learn-random-forest-classifier", "sk-learn", "hf_model_name", "hf_hub_download", "key-value-store", "glpat",
    "xoxo", "AKIAH", "SKLEARN", "SG.filter", "dapi", "npm_install", "pypi-server", "eyJ", "sha512-integrity",
    "layer1.0.conv1.weight layer1.0.bn1.weight layer1.0.bn1.bias", "encoder.layers.11.self_attn.out_proj.weight",
    "val_accuracy_at_best_validation_loss_epoch", "this-is-a-very-long-experiment-name-with-many-words-in-it",
    "exp042_adamw_lr3e-4_wd0.1_bs256_ep90_seed7_ema0.9999", "lr3e4wd01bs256ep90", "digits", "",
    f"cache_key={_DIGEST[:40]}", f"state_key: {_DIGEST[:32]}", f"group_key={_DIGEST}",
    "MultiHeadAttentionWithRotaryEmbedding2DVersion10", "ResidualBlockWithSqueezeExcitation3DSize128",
    "训练集准确率=0.88", "точность=0.88", "😀" * 30, "line one\nline two\ttabbed",
)  # fmt: skip
"""What a training run says all day, and none of it secret."""
