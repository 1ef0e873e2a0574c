"""How a command says that a value cannot be."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management.base import CommandError


def refusal(error: ValidationError) -> CommandError:
    """The error of a model as one of a command, with the names of the fields."""
    if not hasattr(error, "error_dict"):
        return CommandError(" ".join(error.messages))
    about = {name: " ".join(sentences) for name, sentences in error.message_dict.items()}
    return CommandError(
        "\n".join(text if name == NON_FIELD_ERRORS else f"{name}: {text}" for name, text in about.items())
    )
