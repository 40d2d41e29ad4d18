"""The files that let a shell complete a command line: each asks the program, which knows its commands and the divisions."""

from typer._completion_shared import get_completion_script

FILES = {"exactsend.bash": "bash", "_exactsend": "zsh", "exactsend.fish": "fish"}

_ZSH = "compdef _exactsend_completion exactsend"
_ZSH_LOADED_WHEN_NEEDED = """\
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _exactsend_completion "$@"
else
  compdef _exactsend_completion exactsend
fi"""
"""Where zsh loads the file at the first press of the key, that press is to be answered too."""


def completion(file: str) -> str:
    """What such a file holds."""
    script = get_completion_script(
        prog_name="exactsend", complete_var="_EXACTSEND_COMPLETE", shell=FILES[file]
    )
    return f"{script.strip().replace(_ZSH, _ZSH_LOADED_WHEN_NEEDED)}\n"
