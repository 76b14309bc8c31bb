-- sys: the place of a script; the rest is Python's.
local sys = ...

function sys.fpath()
   local file = paths.concat(paths.cwd(), (debug.getinfo(2, 'S').source:gsub('^@', '')))
   return paths.dirname(file), paths.basename(file)
end

return sys
