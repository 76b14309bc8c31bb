-- trepl.colors: the colours of a terminal, nothing where the output is none.
local colors, terminal = {}, torch.isatty(io.stdout)
for name, code in pairs(sys.COLORS) do colors[name] = terminal and code or '' end
return colors
