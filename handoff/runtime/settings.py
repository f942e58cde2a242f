"""The desk's settings, read once from the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting of the desk; docs/operations.md describes them for operators."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", validation_alias="DESK_HOST")
    hosts: str = Field(default="", validation_alias="DESK_HOSTS")
    forwarded_allow_ips: str = Field(default="", validation_alias="FORWARDED_ALLOW_IPS")
    port: int = Field(default=8000, validation_alias="DESK_PORT")
    own_port: int | None = Field(default=None, validation_alias="DESK_OWN_PORT")
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    database_pool: int = Field(default=10, validation_alias="DATABASE_POOL", ge=1)
    var: Path = Field(default=Path("var"), validation_alias="VAR_DIR")
    models: Path = Field(default=Path("models"), validation_alias="MODELS_DIR")
    data: Path = Field(default=Path("data"), validation_alias="DATA_DIR")
    bot_urls: str = Field(default="http://127.0.0.1:5005", validation_alias="BOT_URLS")
    bot_token: str = Field(default="", validation_alias="BOT_TOKEN")
    service_token: str = Field(default="", validation_alias="SERVICE_TOKEN")
    widget_origins: str = Field(default="", validation_alias="WIDGET_ORIGINS")
    wallet_url: str = Field(default="", validation_alias="WALLET_URL")
    wallet_key: str = Field(default="", validation_alias="WALLET_KEY")
    identity_jwks: str = Field(default="", validation_alias="IDENTITY_JWKS")
    identity_audience: str = Field(default="wallet-support", validation_alias="IDENTITY_AUDIENCE")
    identity_issuer: str = Field(default="", validation_alias="IDENTITY_ISSUER")
    sms_url: str = Field(default="", validation_alias="SMS_URL")
    sms_key: str = Field(default="", validation_alias="SMS_KEY")
    demo: bool = Field(default=False, validation_alias="DEMO")
