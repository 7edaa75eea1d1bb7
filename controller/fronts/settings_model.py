"""The shape of ``sagectl.yaml``; apart, for pydantic is imported only where there are settings."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
)
from pydantic.alias_generators import to_camel

from controller.fronts.duration import seconds

Scalar = StrictStr | StrictInt | StrictFloat | StrictBool


def _time(text: str) -> str:
    seconds(text)
    return text


Time = Annotated[str, AfterValidator(_time)]
Text = Annotated[str, Field(min_length=1)]
Account = Annotated[str, Field(pattern=r"^\d{12}$")]
Address = Annotated[str, Field(pattern=r"^https?://\S+$")]
Secure = Annotated[str, Field(pattern=r"^https://\S+$")]
Label = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
_APART = frozenset({"account", "region", "variables"})


class Strict(BaseModel):
    """A mapping in lowerCamelCase, read strictly; errors never hold what was given."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        alias_generator=to_camel,
        populate_by_name=False,
    )


class SettingsModel(Strict):
    """One member for each option of the command line that a tree may set."""

    account: Account | None = None
    region: Text | None = None
    set: Text | None = None
    inventory: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    endpoint_url: Address | None = None
    sandbox: bool | None = None
    prune: bool | None = None
    mode: Literal["Apply", "Plan"] | None = None
    timeout: Time | None = None
    poll: Time | None = None
    variables: dict[str, Scalar] = {}

    def given(self) -> dict[str, Any]:
        """What is set, under the names of the options, times in seconds."""
        told = self.model_dump(exclude_none=True, exclude=set(_APART))
        return {
            name: seconds(value) if name in ("timeout", "poll") else value for name, value in told.items()
        }
