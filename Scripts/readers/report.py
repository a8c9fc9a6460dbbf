"""The findings as a page with pictures, and as text."""

import base64
import html
import io
import os

from PIL import Image

from .reading import Reading

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1340px; padding: 0 1rem;
  color: #1c1f24; background: #f4f5f7; }
h1 { font-size: 1.5rem } h2 { margin-top: 2.5rem }
table { border-collapse: collapse; background: #fff }
th, td { padding: .3rem .8rem; text-align: right; border-bottom: 1px solid #e3e6ea }
th:first-child, td:first-child { text-align: left }
details { background: #fff; border: 1px solid #dde1e6; border-radius: 6px; margin: .6rem 0 }
summary { padding: .6rem 1rem; cursor: pointer }
summary b { display: inline-block; min-width: 7.5rem }
.count { color: #667; float: right }
.body { padding: 0 1rem 1rem } .why { color: #556; margin: .2rem 0 }
code { background: #eef0f3; padding: .05rem .3rem; border-radius: 3px; overflow-wrap: anywhere }
.row { display: flex; flex-wrap: wrap; gap: .6rem; margin: .4rem 0 1.2rem }
figure { margin: 0; font-size: .8rem; max-width: 206px } figure.bad figcaption { color: #b3261e }
figure img { image-rendering: pixelated; display: inline-block; margin-right: 2px;
  border: 1px solid #c7ccd3 }
figcaption { margin-bottom: .2rem } .fault { color: #667; overflow-wrap: anywhere }
.ours { outline: 2px solid #2b6cb0; outline-offset: 4px; border-radius: 2px }
nav a { margin-right: 1rem }
"""


def picture(pixels):
    """An <img> with the picture in it, at most 98 pixels wide."""
    height, width = pixels.shape[:2]
    if width > 260:
        image = Image.fromarray(pixels)
        image.thumbnail((130, 130))
    else:
        image = Image.fromarray(pixels)
    shown = 98 if width >= height else max(20, 98 * width // height)
    data = io.BytesIO()
    image.save(data, "PNG", optimize=True)
    text = base64.b64encode(data.getvalue()).decode()
    return f'<img width="{shown}" alt="" src="data:image/png;base64,{text}">'


def figure(name, reading, place, is_bad, is_ours=False):
    lines = [f"<b>{html.escape(name)}</b>"]
    facts = reading.facts
    if "width" in facts:
        lines.append(f"{facts['width']}×{facts['height']}")
    if facts.get("frames", 1) != 1:
        lines.append(f"{facts['frames']} frames")
    both = reading.pictures.get(place) or reading.pictures.get("first")
    body = "".join(picture(p) for p in both) if both else ""
    if reading.error:
        body += f'<div class="fault">{html.escape(reading.error)}</div>'
    css = ("bad " if is_bad else "") + ("ours" if is_ours else "")
    return f'<figure class="{css}"><figcaption>{" ".join(lines)}</figcaption>{body}</figure>'


def title(kind):
    against = " and ".join(kind.against)
    if kind.measure == "itself":
        return "Swapline contradicts itself"
    if " to " in kind.format:
        return "refused" if kind.measure == "refused" else f"what it became has other {kind.measure}"
    if kind.measure == "refused":
        return f"refused; {against} read{'s' if len(kind.against) == 1 else ''} it"
    other = f"; {' and '.join(kind.agreeing)} as we do" if kind.agreeing else ""
    return f"not as {against}{other}"


def told(difference):
    if difference.measure == "pixels":
        return f"the {difference.place} frame, {difference.size:.2f} apart"
    if difference.measure == "itself":
        return str(difference.ours)
    return f"ours {difference.ours}, {difference.reader} {difference.theirs}"


def examples(kind):
    for variant, path, worst, ours, others in kind.examples:
        yield f"<div><code>{html.escape(path)}</code> {html.escape(told(worst))}</div>"
        notes = "; ".join(ours.notes)
        if notes:
            yield f'<div class="why">Swapline says: {html.escape(notes)}</div>'
        yield '<div class="row">' + figure("Swapline", ours, worst.place, False, True)
        if kind.measure == "itself" and getattr(ours, "still", None) is not None:
            still = Reading()
            still.add("first", ours.still)
            yield figure("Swapline's still", still, "first", False, True)
        for name, reading in others.items():
            yield figure(name, reading, worst.place, name in kind.against)
        yield "</div>"


def page(tally, heading):
    kinds = tally.sorted()
    yield f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{heading}</title><style>{STYLE}</style>"
    yield f"<h1>{heading}</h1><p>Each picture over white and over black. Red: a reader that differs from ours.</p>"
    yield "<nav>" + "".join(f'<a href="#{o}">{o}</a>' for o in ("animations", "videos", "stills")) + "</nav>"
    states = ("agree", "minority", "on purpose", "left")
    yield "<table><tr><th>format</th><th>files</th><th>all agree</th><th>most agree</th><th>on purpose</th><th>left</th></tr>"
    for form, counter in sorted(tally.states.items()):
        cells = "".join(f"<td>{counter[s]}</td>" for s in states)
        yield f"<tr><td>{form}</td><td>{sum(counter.values())}</td>{cells}</tr>"
    yield "</table>"
    for owner in ("animations", "videos", "stills"):
        yield f'<h2 id="{owner}">{owner}</h2>'
        for part, name in ((lambda k: not k.purpose and not k.is_minor, "To look at"),
                           (lambda k: not k.purpose and k.is_minor, "Browsers (animations) or most readers agree with us"),
                           (lambda k: k.purpose, "On purpose")):
            chosen = [k for k in kinds if k.owner == owner and part(k)]
            if not chosen:
                continue
            yield f"<h3>{name}</h3>"
            for kind in chosen:
                yield (f"<details><summary><b>{kind.format} {kind.measure}</b> {html.escape(title(kind))}"
                       f"<span class='count'>{len(kind.files)} files · {kind.weight:.1f}</span></summary><div class='body'>")
                if kind.purpose:
                    yield f'<p class="why">On purpose: {html.escape(kind.purpose)}.</p>'
                yield "".join(f'<div class="why">{html.escape(v)}</div>' for v in tally.variants(kind)[:6])
                yield from examples(kind)
                yield "</div></details>"


def text(tally, heading):
    kinds = tally.sorted()
    yield f"# {heading}\n"
    yield "| format | files | all agree | most agree | on purpose | left |\n|---|---|---|---|---|---|"
    for form, counter in sorted(tally.states.items()):
        yield f"| {form} | {sum(counter.values())} | " + " | ".join(
            str(counter[s]) for s in ("agree", "minority", "on purpose", "left")) + " |"
    for owner in ("animations", "videos", "stills"):
        yield f"\n## {owner}\n"
        for kind in kinds:
            if kind.owner != owner or kind.purpose:
                continue
            mark = "minor: " if kind.is_minor else ""
            yield f"- **{mark}{kind.format} {kind.measure}** ({len(kind.files)}): {title(kind)}"
            for line in tally.variants(kind)[:5]:
                yield f"    - {line}"
            for _, path, worst, _, _ in kind.examples[:2]:
                yield f"    - `{path}`: {told(worst)}"
    planned = [k for k in kinds if k.purpose]
    if planned:
        yield "\n## On purpose\n"
        for kind in planned:
            yield f"- {kind.format} {kind.measure} ({len(kind.files)}): {kind.purpose}; {title(kind)}"


def write(folder, tally, heading):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "index.html"), "w") as file:
        file.write("\n".join(page(tally, heading)))
    with open(os.path.join(folder, "findings.md"), "w") as file:
        file.write("\n".join(text(tally, heading)) + "\n")
