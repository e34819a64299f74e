"""``pfy inspect`` and ``pfy replay``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pfy_core.cli.output import Json, Set, print_json
from pfy_core.cli.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pfy_core.provenance.credentials import Credentials
    from pfy_core.provenance.inspection import Inspection
    from pfy_core.replays import Replay

BROKEN = 1
"""Exit status for credentials that do not hold, and for a replay that came out differently."""
SHOWN = 200
"""Characters of a text that are shown; --json has all."""
STATES = {
    "trusted": "intact, signed by {signer}",
    "valid": "intact, signed by {signer}, whom nothing here vouches for",
    "expired": "intact, signed by {signer}, whose certificate has expired",
    "broken": "BROKEN: the file is not what was signed, or the signature is not good ({faults})",
    "unchecked": "there, but not verified",
}

Certificate = Annotated[
    Path | None,
    typer.Option("--certificate", help="Sign with this certificate chain (PEM); or $PFY_CERTIFICATE."),
]
Key = Annotated[Path | None, typer.Option("--key", help="Its private key (PEM); or $PFY_KEY.")]


def inspect(
    video: Annotated[Path, typer.Argument(help="A video, by pfy or anybody else.")],
    consent: Annotated[
        Path | None, typer.Option("--consent", help="Compare this statement with the video's.")
    ] = None,
    trust: Annotated[
        Path | None, typer.Option("--trust", help="Roots to trust (PEM), e.g. a C2PA trust list.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what a video says of its own making, and verify it; fails when it was changed after signing.

    [bold]pfy inspect hello.mp4[/bold]
    [bold]pfy inspect hello.mp4 --consent consent.pdf[/bold]
    """
    from pfy_core.provenance.inspection import inspect as look

    with Progress(quiet=json):
        seen = look(video, consent=consent, trust=trust)
    if json:
        print_json(seen.as_dict())
    else:
        print(_plain(f"{seen.path}  {_media(seen.media)}"))
        for name, text in _lines(seen):
            print(f"  {_plain(name):<13} {_plain(text)}")
    if seen.broken:
        raise typer.Exit(BROKEN)


def _media(media: dict[str, Any]) -> str:
    parts = [f"{media['duration']:.1f} s"] if "duration" in media else []
    if picture := media.get("video"):
        parts += [f"{picture['width']}x{picture['height']}", f"{picture['rate']:g} fps", picture["codec"]]
    if sound := media.get("audio"):
        parts.append(str(sound["codec"]))
    return ", ".join(parts)


def _lines(seen: Inspection) -> Iterator[tuple[str, str]]:
    where = {"credentials": "its signed statement", "tag": "its container tag"}
    said = " and ".join(where[place] for place in seen.stated)
    yield "AI-generated", f"yes, says {said}" if said else "it does not say so, which proves nothing"
    yield "credentials", _signed(seen.credentials)
    if seen.credentials and seen.credentials.generator:
        yield "claimed by", seen.credentials.generator
    for note in seen.notes:
        yield "note", note
    if seen.made is None:
        yield "made by", "unknown: no tag of pfy's in it"
    else:
        yield from _made(seen.made)
    if seen.consent:
        here = f", {seen.consent['file']}" if "file" in seen.consent else ", no copy on this machine"
        yield "consent", f"sha256 {seen.consent['sha256']}{here}"
    if seen.made is not None and not seen.broken:
        yield "again", f"pfy replay {seen.path}"


def _signed(found: Credentials | None) -> str:
    if found is None:
        return "none: nobody signed it, or they were removed"
    faults = "; ".join(found.faults) or "no reason given"
    signer = f"{found.signer or found.issuer or 'nobody'}" + (" (this installation)" if found.own else "")
    if found.issuer and not found.own:
        signer += f" ({found.issuer})"
    more = "".join(f", {item}" for item in (found.algorithm, found.made) if item and found.state != "broken")
    return STATES[found.state].format(signer=signer, faults=faults) + more


def _made(made: dict[str, Any]) -> Iterator[tuple[str, str]]:
    def mapping(name: str) -> dict[str, Any]:
        found = made.get(name)
        return found if isinstance(found, dict) else {}

    versions = {"pfy-core": mapping("packages").get("pfy-core", "?"), **mapping("plugins")}
    yield "made by", ", ".join(f"{name} {number}" for name, number in versions.items())
    yield "made", str(made.get("made", "unknown"))
    yield "graph", f"{mapping('graph').get('name', '')}, digest {made.get('digest', '')}"
    yield "seed", str(made.get("seed", ""))
    for name, about in mapping("inputs").items():
        if isinstance(about, dict) and isinstance(about.get("text"), str):
            text = about["text"]
            yield name, repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
        elif isinstance(about, dict):
            kind = "sha256" if "sha256" in about else "digest"
            yield name, f"{kind} {about.get(kind, 'unknown')}"
    yield "record", str(made.get("record", ""))


def _plain(text: str) -> str:
    """Text of a file that anybody may have made, without what would steer a terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def replay(
    video: Annotated[Path, typer.Argument(help="A video made by pfy.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The new video; NAME-replay.mp4 by default.")
    ] = None,
    face: Annotated[
        Path | None, typer.Option("--face", "-f", help="The photo of then, where it is not found.")
    ] = None,
    voice: Annotated[Path | None, typer.Option("--voice", "-v", help="The recording of then.")] = None,
    speech: Annotated[Path | None, typer.Option("--speech", help="The spoken recording of then.")] = None,
    motion: Annotated[Path | None, typer.Option("--motion-in", help="The motion file of then.")] = None,
    set: Set = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing video.")] = False,
    certificate: Certificate = None,
    key: Key = None,
    cache: Annotated[str, typer.Option(help="The store: on, off, read, write or verify.")] = "on",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no notes.")] = False,
    json: Json = False,
) -> None:
    """Make a video again from what it carries, and compare; fails when it comes out differently.

    Graph, seed and words are in the video; photo and recordings are found by their sha256, or given.

    [bold]pfy replay hello.mp4[/bold]
    [bold]pfy replay hello.mp4 --face me.jpg -o again.mp4[/bold]
    """
    from pfy_core import store
    from pfy_core.replays import replay as again

    given = {"face": face, "voice": voice, "speech": speech, "motion": motion}
    with Progress(quiet=quiet or json) as progress:
        made = again(
            video,
            output,
            overrides=set or [],
            force=force,
            certificate=certificate,
            key=key,
            store=store.Store(mode=cache),
            watch=progress.watch,
            **given,
        )
    if json:
        like = vars(made.likeness)
        print_json({"identical": made.identical, **like, "changed": made.changed, **made.narration.record})
    else:
        print(made.narration)
        print(_outcome(made))
        for name, (then, now) in made.changed.items():
            print(_plain(f"  {name}: {then or 'absent'} then, {now or 'absent'} now"))
    if not made.identical:
        raise typer.Exit(BROKEN)


def _outcome(made: Replay) -> str:
    like = made.likeness
    if made.identical:
        return f"identical: {like.frames[1]} pictures and the sound are the same to the last bit"
    if like.frames[0] != like.frames[1]:
        return f"different: {like.frames[1]} pictures, {like.frames[0]} then"
    return (  # other versions or threads of the encoder, or streaming, give other bits for the same pictures
        f"different: the picture that differs most has {like.psnr:.1f} dB of PSNR, "
        f"samples differ by {like.sound:.3g} at most"
    )
