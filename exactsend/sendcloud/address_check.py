"""The result of Sendcloud's address validation.

Source: Sendcloud, API v3 reference (Validate an address) and its guide to address validation, the only page that says that
``input_address_is_valid`` may be null.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field

from exactsend.sendcloud.fields import Flag, OptionalFlag, Resource, Texts, read_object, read_objects


class ValidationResult(Resource):
    """Whether an address is valid, and why not."""

    is_valid: OptionalFlag = None
    reasons: Texts = ()


class Analysis(Resource):
    """Wraps the result."""

    validation_result: Annotated[ValidationResult, BeforeValidator(read_object)] = Field(
        default_factory=ValidationResult
    )


class CheckedAddress(Resource):
    """One spelling of the address, and its result."""

    recommended: Flag = False
    analysis: Annotated[Analysis, BeforeValidator(read_object)] = Field(default_factory=Analysis)

    @property
    def is_accepted(self) -> bool:
        """Whether Sendcloud would ship to this spelling."""
        return self.recommended or self.analysis.validation_result.is_valid is True


class AddressCheck(Resource):
    """The result of checking an address."""

    input_address_is_valid: OptionalFlag = None
    """None: the source that Sendcloud asks did not respond."""
    results: Annotated[tuple[CheckedAddress, ...], BeforeValidator(read_objects)] = ()

    @property
    def objections(self) -> tuple[str, ...]:
        """What is wrong with the address; empty if Sendcloud knows an accepted spelling, which it uses when it ships."""
        if self.input_address_is_valid is not False or any(result.is_accepted for result in self.results):
            return ()
        reasons = (reason for result in self.results for reason in result.analysis.validation_result.reasons)
        return tuple(dict.fromkeys(reasons))
