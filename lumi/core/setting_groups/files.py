"""Files: where uploads are kept, how large they may be, who looks for malware in them."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from lumi.core.setting_groups.audience import NOBODY, SERVERS

_MIB = 1 << 20


class FileSettings(BaseSettings):
    """Files"""

    uploads_root: Path | None = Field(
        None,
        description="The folder of uploaded files; `LUMI_HOME/uploads` when it is not set. All processes share it.",
        json_schema_extra=SERVERS,
    )
    uploads_keep_free_bytes: int = Field(
        256 * _MIB,
        ge=0,
        description="How many bytes of its disk stay free: a file that comes when there are fewer is refused, or "
        "fetched later, and what else is written there goes on.",
        json_schema_extra=NOBODY,
    )
    max_visitor_bytes_a_day: int = Field(
        1_024 * _MIB,
        ge=0,
        description="How many bytes of files the visitors of one organisation's web chat may send within 24 hours, all "
        "together: anybody is a visitor.",
        json_schema_extra=NOBODY,
    )
    max_upload_bytes: int = Field(
        64 * _MIB, ge=1_024, description="The largest file of any kind, in bytes.", json_schema_extra=NOBODY
    )
    max_image_bytes: int = Field(
        16 * _MIB, ge=1_024, description="The largest image, in bytes.", json_schema_extra=NOBODY
    )
    max_audio_bytes: int = Field(
        32 * _MIB, ge=1_024, description="The largest recording, in bytes.", json_schema_extra=NOBODY
    )
    max_video_bytes: int = Field(
        64 * _MIB, ge=1_024, description="The largest video, in bytes.", json_schema_extra=NOBODY
    )
    max_document_bytes: int = Field(
        32 * _MIB, ge=1_024, description="The largest PDF, text or office document, in bytes.", json_schema_extra=NOBODY
    )
    file_url_seconds: int = Field(
        900,
        ge=1,
        le=7 * 24 * 3600,
        description="How long a link to a file is good for, unless who asks for one says less or more.",
        json_schema_extra=NOBODY,
    )
    scanner: Literal["off", "clamd"] | None = Field(
        None,
        description="Who looks for malware in files. With `clamd` no file can be had before it was found clean; `off` "
        "lets every file through unseen, and each says so. Not set, files are kept and in production nobody can have "
        "them.",
        json_schema_extra=SERVERS,
    )
    clamd_address: str = Field(
        "",
        description="Where clamd listens: `host:port`, or the path of its socket.",
        json_schema_extra=SERVERS,
    )
    s3_endpoint: str = Field(
        "",
        description="The address of an S3-compatible storage, with https. With `S3_BUCKET` new files go there and not "
        "into `UPLOADS_ROOT`; what is there stays readable.",
        json_schema_extra=SERVERS,
    )
    s3_bucket: str = Field(
        "", pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$", description="Its bucket.", json_schema_extra=SERVERS
    )
    s3_region: str = Field("us-east-1", description="Its region.", json_schema_extra=SERVERS)
    s3_access_key: SecretStr | None = Field(
        None, description="The id of the key that may read, write and delete there.", json_schema_extra=SERVERS
    )
    s3_secret_key: SecretStr | None = Field(None, description="The secret of that key.", json_schema_extra=SERVERS)

    @field_validator("uploads_root")
    @classmethod
    def _uploads_absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value is not None else None

    @model_validator(mode="after")
    def _files_whole(self) -> Self:
        if self.scanner == "clamd" and not self.clamd_address:
            raise ValueError("SCANNER=clamd needs CLAMD_ADDRESS")
        place, _, port = self.clamd_address.rpartition(":")
        if self.clamd_address and not self.clamd_address.startswith("/") and not (place and port.isdigit()):
            raise ValueError("CLAMD_ADDRESS is `host:port` or the path of a socket")
        if self.s3_bucket and not (self.s3_endpoint and self.s3_access_key and self.s3_secret_key):
            raise ValueError("S3_BUCKET needs S3_ENDPOINT, S3_ACCESS_KEY and S3_SECRET_KEY")
        if self.s3_endpoint and not self.s3_endpoint.startswith(("https://", "http://")):
            raise ValueError("S3_ENDPOINT begins with https://")
        return self
