"""A mistake in the command line itself, told as every other: what, where, what to do. The reader's own words are typer's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from photobench.errors import PhotobenchError, akin, unknown

UsageError: Any = typer.BadParameter.__base__
"""What typer raises where a command line cannot be read."""


class Commands(TyperGroup):
    """A group of commands that tells an unknown one in our words."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in self.commands:
            raise PhotobenchError(f"{unknown('command', args[0], self.commands)} {_help(ctx)}")
        return super().resolve_command(ctx, args)


def asks_for_help(error: Any) -> bool:
    """No mistake: the help was wanted, and has been shown."""
    return type(error).__name__ == "NoArgsIsHelpError"


def sentence(error: Any) -> str:
    """What is wrong, and where it is explained."""
    return f"{_wrong(error)} {_help(error.ctx)}"


def _help(context: Any) -> str:
    return f"See: {context.command_path if context else 'photobench'} --help"


def _command(context: Any) -> str:
    return context.command_path.removeprefix("photobench ")


def _wrong(error: Any) -> str:
    """typer tells its kinds of mistakes apart by classes that it keeps to itself; each has something that no other has."""
    if hasattr(error, "possibilities"):
        return _no_option(error.option_name, error.ctx)
    if hasattr(error, "option_name"):
        lacks = "wants a value behind it" if "requires" in error.message else "stands alone, without a value"
        return f"{error.option_name} {lacks}."
    if hasattr(error, "param_type") and error.param:
        return f"{_command(error.ctx)} wants {_called(error.param)}: {error.param.help}"
    if getattr(error, "param", None):
        return _wrong_value(error)
    extra = re.search(r"extra argument\S* \((.*)\)$", error.message)
    if extra:
        return _extra(extra[1], error.ctx)
    return f"{error.message.rstrip('.')}."


def _no_option(name: str, context: Any) -> str:
    """An option of a command inside this one, one of the project, or a misspelt one."""
    inside = getattr(context.command, "commands", {}).values()
    if any(name in _options(command) for command in inside):
        return f"Options stand behind the command: {context.command_path} COMMAND {name} …"
    known = _options(context.command)
    spelled = {**(_of_project() if "--set" in known else {}), **{_bare(one): one for one in known}}
    near = akin(_bare(name), spelled)
    meant = [*(one for one in known if one.startswith(name)), *([spelled[near]] if near else [])]
    hint = f" Did you mean {' or '.join(dict.fromkeys(meant))}?" if meant else ""
    return f"{_command(context)} has no option {name}.{hint}"


def _options(command: Any) -> list[str]:
    return [spelling for param in command.params for spelling in param.opts if spelling.startswith("-")]


def _bare(option: str) -> str:
    """Without its dashes, which all have in common."""
    return option.lstrip("-")


def _of_project() -> dict[str, str]:
    """How a person may spell an option of the project, and how it is set: `epochs`, `--set train.epochs=VALUE`."""
    from photobench import config
    from photobench.project import ProjectOptions

    keys = [field.key for field in config.fields(ProjectOptions(), [])]
    keys.sort(key=lambda key: key.startswith("train."))  # of several sections with a name, it is meant
    names = {name: key for key in keys for name in (key, key.rpartition(".")[2].replace("_", "-"))}
    return {name: f"--set {key}=VALUE" for name, key in names.items()}


def _extra(words: str, context: Any) -> str:
    is_project = "--workspace" in _options(context.command) and Path(words).is_dir()
    where = f" The folder of a project is named so: --workspace {words}" if is_project else ""
    return f'{_command(context)} has no use for "{words}".{where}'


def _wrong_value(error: Any) -> str:
    """`--trials abc: should be a whole number.`"""
    problems = error.__cause__.errors() if hasattr(error.__cause__, "errors") else []
    if not problems:
        return f"{_called(error.param)}: {error.message.rstrip('.')}."
    from photobench import config

    return f"{_called(error.param)} {problems[0]['input']}: {config.rule(problems[0])}."


def _called(param: Any) -> str:
    """An option as it is written, an argument as the help names it."""
    options = [spelling for spelling in param.opts if spelling.startswith("-")]
    return max(options, key=len) if options else param.metavar or param.name.upper()
