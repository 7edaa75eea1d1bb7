"""The model of ``sagectl.yaml``, in a module of its own so that pydantic is imported only when needed."""

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

from controller.core.cloud import OPERATION
from controller.core.times import seconds
from controller.manifests.document import IgnoredTags
from controller.schema.leaf import MOST_TAGS, tag_problem

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
RateLimits = dict[
    Annotated[str, Field(pattern=f"^{OPERATION}$")], Annotated[StrictFloat | StrictInt, Field(gt=0)]
]
_PER_FILE_SETTINGS = frozenset({"account", "region", "variables", "sensitive_variables"})


class StrictModel(BaseModel):
    """Base of settings: lowerCamelCase, unknown members refused; errors never repeat a value."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        alias_generator=to_camel,
        populate_by_name=False,
    )


def _tag_key(key: str) -> str:
    if wrong := tag_problem(key):
        raise ValueError(wrong)
    return key


def _tag_value(value: str) -> str:
    if wrong := tag_problem("key", value):
        raise ValueError(wrong)
    return value


TagKey = Annotated[str, AfterValidator(_tag_key)]
TagValue = Annotated[str, AfterValidator(_tag_value)]


class IgnoreTagsModel(StrictModel):
    """Tags that others manage: keys and prefixes of keys."""

    keys: list[TagKey] = []
    key_prefixes: list[TagKey] = []

    def ignored_tags(self) -> IgnoredTags:
        """The ignored tags as the engine's type."""
        return IgnoredTags(frozenset(self.keys), tuple(self.key_prefixes))


class TagsModel(StrictModel):
    """The settings for the tags of all resources of a set."""

    default_tags: Annotated[dict[TagKey, TagValue], Field(max_length=MOST_TAGS)] = {}
    ignore_tags: IgnoreTagsModel = Field(default_factory=IgnoreTagsModel)


class SettingsModel(TagsModel):
    """One member for each option of the command line that a tree may set."""

    account: Account | None = None
    region: Text | None = None
    set: Text | None = None
    inventory: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    endpoint_url: Address | None = None
    rate_limits: RateLimits = {}
    sandbox: bool | None = None
    prune: bool | None = None
    mode: Literal["Apply", "Plan"] | None = None
    timeout: Time | None = None
    poll: Time | None = None
    observation_interval: Time | None = None
    variables: dict[str, Scalar] = {}
    sensitive_variables: list[Text] = []

    def given_settings(self) -> dict[str, Any]:
        """The given settings by the names of options, times in seconds."""
        dumped = self.model_dump(exclude_none=True, exclude=set(_PER_FILE_SETTINGS))
        dumped["ignore_tags"] = self.ignore_tags.ignored_tags()
        times = ("timeout", "poll", "observation_interval")
        return {name: seconds(value) if name in times else value for name, value in dumped.items()}


def settings_schema() -> dict[str, Any]:
    """The JSON Schema of ``sagectl.yaml``, for editors."""
    return model_schema(SettingsModel, "sagectl.yaml")


def model_schema(model: type[StrictModel], title: str) -> dict[str, Any]:
    """The JSON Schema of a file with this model."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return {**head, **_plain_schema(model.model_json_schema())}


def _plain_schema(value: Any) -> Any:
    """The schema without pydantic's generated titles, and with JSON Schema's keyword for a lower limit."""
    if isinstance(value, list):
        return [_plain_schema(each) for each in value]
    if not isinstance(value, dict):
        return value
    named = {"properties", "$defs"}  # keys in these are names, not keywords of the schema
    return {
        {"gt": "exclusiveMinimum"}.get(key, key): (
            {name: _plain_schema(each) for name, each in inner.items()}
            if key in named
            else _plain_schema(inner)
        )
        for key, inner in value.items()
        if key != "title"
    }
