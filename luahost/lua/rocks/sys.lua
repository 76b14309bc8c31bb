-- sys: the place of a script; the rest is Python's.
local sys = ...

function sys.fpath()
   return paths.concat(paths.cwd(), debug.getinfo(2, 'S').source:gsub('^@', ''):match('^(.*)/') or '.')
end

return sys
