"""The frame of a page of :mod:`.view`: its style and its search."""

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 2em; color: #222; background: #fff }
h1 { font-size: 1.3em; margin: 0 }
details { margin-left: 1.2em }
summary { cursor: pointer; font-family: ui-monospace, monospace; white-space: pre-wrap }
.numbers { margin-left: 2.2em; color: #666 }
svg, img { margin-left: 2.2em; display: block; fill: #47a; image-rendering: pixelated }
input { font: inherit; padding: .3em .6em; width: 24em; margin: 1em 0 }
mark { background: #fd6 }
.hidden { display: none }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181a1b } .numbers { color: #999 } }
</style>
<h1>$title</h1>
<p>$parameters parameters</p>
<ul>$networks</ul>
<input type="search" id="search" placeholder="search: a class, a field, a size" aria-label="search">
<main id="tree"><!-- tree --></main>
<script>
const rows = [...document.querySelectorAll("#tree details")];
document.getElementById("search").addEventListener("input", event => {
  const wanted = event.target.value.toLowerCase();
  for (const row of rows) row.classList.toggle("hidden", wanted !== "");
  if (wanted === "") return;
  for (const row of rows) {
    if (!row.firstElementChild.textContent.toLowerCase().includes(wanted)) continue;
    for (let at = row; at && at.id !== "tree"; at = at.parentElement) {
      at.classList.remove("hidden");
      if (at !== row) at.open = true;
    }
  }
});
</script>
</html>
"""
