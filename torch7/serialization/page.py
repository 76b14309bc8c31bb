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
.scroll { overflow: auto; max-height: 75vh; border: 1px solid #8884; border-radius: 6px; margin: .3em 0 }
svg.drawing { margin: 0 auto }
.box { cursor: pointer }
.box rect { fill: #eee; stroke: #999 }
.conv rect { fill: #cfe3f7 } .linear rect { fill: #d5efd0 } .pool rect { fill: #fbe2c2 } .norm rect { fill: #e4d7f5 }
.cell rect { fill: #f7d3d9 } .quiet rect { fill: #f7f7f7 } .head rect { fill: none; stroke: none }
.box text { font: 11px ui-monospace, monospace; text-anchor: middle; fill: #333; stroke: none }
.box text.t { font-weight: bold }
.box.hit rect { stroke: #d60; stroke-width: 3; fill: #fd6 }
.frame { fill: none; stroke: #999; stroke-dasharray: 4 3 }
.edge { fill: none; stroke: #777 } #head path { fill: #777 }
details.found > summary { background: #fd66 }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #181a1b } .numbers { color: #999 } .scroll { background: #e8e8e8 }
}
</style>
<h1>$title</h1>
<p>$parameters parameters</p>
<ul>$networks</ul>
<!-- drawings --><input type="search" id="search" placeholder="search: a class, a field, a size" aria-label="search">
<main id="tree"><!-- tree --></main>
<script>
const rows = [...document.querySelectorAll("#tree details")];
const boxes = [...document.querySelectorAll(".box")];
for (const box of boxes) box.addEventListener("click", () => {
  const row = document.getElementById("e" + box.dataset.e);
  if (row === null) return;
  for (let at = row; at && at.id !== "tree"; at = at.parentElement) at.open = true;
  for (const other of document.querySelectorAll(".found")) other.classList.remove("found");
  row.classList.add("found");
  row.scrollIntoView({ block: "center" });
});
document.getElementById("search").addEventListener("input", event => {
  const wanted = event.target.value.toLowerCase();
  for (const box of boxes) {
    box.classList.toggle("hit", wanted !== "" && box.textContent.toLowerCase().includes(wanted));
  }
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
