-- sys: colours and the place of a script; the rest is Python's.
local sys = ...
sys.COLORS = {
   none = '\27[0m', black = '\27[0;30m', red = '\27[0;31m', green = '\27[0;32m', yellow = '\27[0;33m',
   blue = '\27[0;34m', magenta = '\27[0;35m', cyan = '\27[0;36m', white = '\27[0;37m', Black = '\27[1;30m',
   Red = '\27[1;31m', Green = '\27[1;32m', Yellow = '\27[1;33m', Blue = '\27[1;34m', Magenta = '\27[1;35m',
   Cyan = '\27[1;36m', White = '\27[1;37m', _black = '\27[40m', _red = '\27[41m', _green = '\27[42m',
   _yellow = '\27[43m', _blue = '\27[44m', _magenta = '\27[45m', _cyan = '\27[46m', _white = '\27[47m',
}
sys.colors, sys.OS = sys.COLORS, sys.uname()

function sys.fpath()
   return paths.concat(paths.cwd(), debug.getinfo(2, 'S').source:gsub('^@', ''):match('^(.*)/') or '.')
end

return sys
