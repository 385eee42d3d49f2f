"""All commands together, in the order in which the help lists them."""

import typer

from bot.cli.backup import backup
from bot.cli.bench import bench
from bot.cli.chat import chat
from bot.cli.check import check
from bot.cli.crashtest import crashtest
from bot.cli.demo import demo
from bot.cli.erase import erase
from bot.cli.explore import explore
from bot.cli.export import export
from bot.cli.facts import facts
from bot.cli.graph import graph
from bot.cli.keys import keys
from bot.cli.play import play
from bot.cli.restore import restore
from bot.cli.schema import schema
from bot.cli.serve import serve
from bot.cli.text import text

app = typer.Typer(
    name="breathing-room",
    help="Guided conversations for people who are close.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(check)
app.command()(explore)
app.command()(play)
app.command()(graph)
app.command()(facts)
app.command()(schema)
app.command()(chat)
app.command()(demo)
app.command()(serve)
for command in (backup, restore, export, erase):
    app.command()(command)
app.add_typer(keys, name="keys")
app.command()(crashtest)
app.command(context_settings={"ignore_unknown_options": True})(bench)
app.add_typer(text, name="text")


def main() -> None:
    """Run the command line."""
    app()
