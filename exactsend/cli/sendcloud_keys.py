"""Asks for the Sendcloud keys of a division, where they are missing or refused."""

from pydantic import SecretStr

from exactsend.cli.prompts import Prompts
from exactsend.cli.terminal import Terminal
from exactsend.credentials.secrets import SendcloudKey, SendcloudKeys
from exactsend.engine.division_connection import KEY_NAMES, DivisionConnection, ProvedKeys
from exactsend.errors import LoginNeeded


def proved_keys(connection: DivisionConnection, prompts: Prompts, terminal: Terminal) -> ProvedKeys:
    """The keys of the division, proved at Sendcloud. Refused keys are asked for once more.

    Raises:
        LoginNeeded: Sendcloud refuses them.
    """
    keys, are_new = _keys(connection, prompts)
    try:
        return connection.prove_keys(keys, are_new=are_new)
    except LoginNeeded as refused:
        if not connection.has_replaceable_keys or (are_new and not prompts.is_a_person):
            raise
        advice = "Enter them once more." if are_new else "If they were renewed, enter the new ones."
        terminal.note(f"{connection.division.name}: {refused.message}. {advice}")
        renewed = _renewed_keys(connection, prompts, keys)
        if renewed is None:
            raise
        return connection.prove_keys(renewed, are_new=True)


def _keys(connection: DivisionConnection, prompts: Prompts) -> tuple[SendcloudKeys, bool]:
    """The keys, and whether a person entered one of them."""
    known = {name: connection.known_key(name) for name in KEY_NAMES}
    is_complete = None not in known.values()
    if connection.move and is_complete and connection.has_replaceable_keys:
        stored = SendcloudKeys.model_validate(known)
        renewed = _renewed_keys(connection, prompts, stored)
        return renewed or stored, renewed is not None
    keys = {
        name: key or SecretStr(prompts.secret(_question(connection, name))) for name, key in known.items()
    }
    return SendcloudKeys(**keys), not is_complete


def _renewed_keys(
    connection: DivisionConnection, prompts: Prompts, stored: SendcloudKeys
) -> SendcloudKeys | None:
    """The keys with those that a person enters; None where nothing is entered."""
    public = prompts.secret_or_nothing(f"{_question(connection, 'public_key')} (empty: no change)")
    secret = prompts.secret_or_nothing(f"{_question(connection, 'secret_key')} (empty: no change)")
    if not public and not secret:
        return None
    return SendcloudKeys(
        public_key=SecretStr(public) if public else stored.public_key,
        secret_key=SecretStr(secret) if secret else stored.secret_key,
    )


def _question(connection: DivisionConnection, name: SendcloudKey) -> str:
    return f"Sendcloud {name.replace('_', ' ')} of {connection.division.name}"
