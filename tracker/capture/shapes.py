"""Shapes of secrets: how known tokens, keys and connection strings are written.

Each shape has a literal hint: text without it cannot hold the shape, so the pattern is compiled and tried
only where the hint stands. Every pattern is anchored by its literal and free of nested repetition, so that
a search is linear. Group 1, where there is one, is the secret; otherwise the whole match is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple


class Shape(NamedTuple):
    """What a secret is called, the literals one of which it must hold, its pattern, and its least length."""

    name: str
    hints: tuple[str, ...]
    pattern: str
    least: int = 12


_START = r"(?<![A-Za-z0-9])"


def _prefixed(name: str, prefix: str, tail: str) -> Shape:
    return Shape(name, (prefix,), f"{_START}{re.escape(prefix)}{tail}")


SHAPES: tuple[Shape, ...] = (
    Shape(
        "private key",
        ("PRIVATE KEY",),
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?!-----END)[\s\S])*(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?",
    ),
    Shape("Slack token", ("xox",), _START + r"xox[abceoprs](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}"),
    _prefixed("Slack app token", "xapp-", r"[A-Za-z0-9-]{10,}"),
    _prefixed("Slack workflow token", "xwfp-", r"[A-Za-z0-9-]{10,}"),
    Shape(
        "Slack webhook",
        ("hooks.slack",),
        r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([A-Za-z0-9/+_-]+)",
    ),
    Shape("Discord webhook", ("api/webhooks/",), r"discord(?:app)?\.com/api/webhooks/([0-9]+/[\w-]+)"),
    Shape("GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), _START + r"gh[pousr]_[A-Za-z0-9]{20,}"),
    _prefixed("GitHub token", "github_pat_", r"[A-Za-z0-9_]{20,}"),
    Shape("GitLab token", ("gl",), _START + r"gl(?:pat|dt|rt|ptt|cbt|oas|soat|ft|imt|agent|wt|ffct)-[\w.-]{20,}"),
    Shape(
        "AWS access key",
        ("AKIA", "ASIA", "ABIA", "ACCA"),
        _START + r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])",
    ),
    Shape("Anthropic key", ("sk-ant-",), _START + r"sk-ant-[\w-]{20,}"),
    Shape("OpenRouter key", ("sk-or-",), _START + r"sk-or-v1-[0-9a-f]{32,}"),
    Shape("OpenAI key", ("sk-",), _START + r"sk-(?:(?:proj|svcacct|admin|None)-[\w-]{20,}|[A-Za-z0-9]{32,})"),
    Shape("Hugging Face token", ("hf_", "api_org_"), _START + r"(?:hf|api_org)_[A-Za-z0-9]{30,}"),
    Shape("W&B key", ("wandb_v", "local-"), _START + r"(?:wandb_v[0-9]_\w{20,}|local-[0-9a-f]{40}(?![0-9a-f]))"),
    Shape("Google API key", ("AIza",), _START + r"AIza[\w-]{35}"),
    Shape("Google OAuth token", ("ya29.",), _START + r"ya29\.[\w-]{20,}"),
    Shape("Google client secret", ("GOCSPX-",), _START + r"GOCSPX-[\w-]{20,}"),
    Shape("Azure storage key", ("AccountKey=",), r"AccountKey=([A-Za-z0-9+/=]{20,})"),
    Shape("Azure access key", ("SharedAccessKey=",), r"SharedAccessKey=([A-Za-z0-9+/=]{20,})"),
    Shape("JSON Web Token", ("eyJ",), _START + r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"),
    Shape("encoded credentials", ("eyJ",), _START + r"eyJ[\w+/-]{60,}={0,2}"),
    Shape("Stripe key", ("k_live_", "k_test_"), _START + r"[rsp]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    _prefixed("webhook secret", "whsec_", r"[A-Za-z0-9+/=]{20,}"),
    Shape("Twilio key", ("SK",), _START + r"SK[0-9a-f]{32}(?![A-Za-z0-9])"),
    Shape("SendGrid key", ("SG.",), _START + r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    Shape("Mailgun key", ("key-",), _START + r"key-[0-9a-f]{32}(?![A-Za-z0-9])"),
    Shape("Mailchimp key", ("-us",), _START + r"[0-9a-f]{32}-us[0-9]{1,2}(?![0-9])"),
    _prefixed("npm token", "npm_", r"[A-Za-z0-9]{36}"),
    Shape("PyPI token", ("pypi-Ag",), _START + r"pypi-Ag[\w-]{30,}"),
    _prefixed("Docker token", "dckr_pat_", r"[\w-]{20,}"),
    Shape("DigitalOcean token", ("_v1_",), _START + r"do[opr]_v1_[0-9a-f]{40,}"),
    Shape("Databricks token", ("dapi",), _START + r"dapi[0-9a-f]{32}(?:-[0-9])?(?![A-Za-z0-9])"),
    _prefixed("Replicate token", "r8_", r"[A-Za-z0-9]{30,}"),
    _prefixed("Groq key", "gsk_", r"[A-Za-z0-9]{30,}"),
    _prefixed("xAI key", "xai-", r"[A-Za-z0-9]{40,}"),
    _prefixed("NVIDIA key", "nvapi-", r"[\w-]{40,}"),
    _prefixed("Perplexity key", "pplx-", r"[A-Za-z0-9]{30,}"),
    _prefixed("Notion token", "ntn_", r"[A-Za-z0-9]{40,}"),
    _prefixed("Notion token", "secret_", r"[A-Za-z0-9]{43}(?![A-Za-z0-9])"),
    _prefixed("Linear key", "lin_api_", r"[A-Za-z0-9]{30,}"),
    Shape("Shopify token", ("shp",), _START + r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    Shape("Vault token", ("hvs.", "hvb."), _START + r"hv[sb]\.[\w-]{20,}"),
    Shape("Doppler token", ("dp.",), _START + r"dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{30,}"),
    Shape("Supabase key", ("sbp_",), _START + r"sbp_[0-9a-f]{40}"),
    Shape("Sentry token", ("sntry",), _START + r"sntry[su]_[\w+/=-]{30,}"),
    Shape("Grafana token", ("glsa_", "glc_"), _START + r"gl(?:sa|c)_[\w+/=-]{30,}"),
    Shape("Pulumi token", ("pul-",), _START + r"pul-[0-9a-f]{40}"),
    Shape("Terraform token", (".atlasv1.",), r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,}"),
    Shape("age key", ("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    Shape("Telegram token", (":AA",), r"(?<![0-9])[0-9]{8,10}:AA[\w-]{30,}"),
    Shape("Discord token", (".",), _START + r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}", 58),
    Shape("Runcite token", ("rc_",), _START + r"rc_[A-Za-z0-9_-]{20,}"),
    Shape("bearer token", ("earer ", "EARER "), r"(?i:bearer)[ ]{1,4}(?=[a-zA-Z.~+/=_-]{0,200}[0-9])([\w.~+/=-]{12,})"),
    Shape(
        "basic credentials",
        ("asic ", "ASIC "),
        r"(?i:authorization['\"]?\s{0,4}[:=]\s{0,4}['\"]?basic)[ ]{1,4}([A-Za-z0-9+/=]{6,})",
    ),
    Shape(
        "URL with a password",
        ("://",),
        r"://(?!\[scrubbed\])[^\s/?#@:\"'<>]{0,200}:(?!\[scrubbed\]@)([^\s/?#@\"'<>]{1,500})@",
        8,
    ),
    Shape("URL with a token", ("://",), r"https?://(?!\[scrubbed\])([^\s/?#@:\"'<>]{12,500})@"),
    Shape(
        "signed URL",
        ("?", "&"),
        r"[?&](?i:x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|signature|sig|awsaccesskeyid|"
        r"access_token|auth_token|id_token|refresh_token|token|api_?key|key|password|secret|client_secret|code)"
        r"=(?!\[scrubbed\])([^\s&#\"'<>]{8,})",
    ),
)


@cache
def compiled(shape: Shape) -> re.Pattern[str]:
    """The shape's pattern, compiled when it is first needed."""
    return re.compile(shape.pattern)
