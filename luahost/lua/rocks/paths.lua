-- paths: files of Lua beside a script; the rest is Python's.
local paths = ...
paths.home = os.getenv('HOME') or '.'

function paths.thisfile(name, level)
   local source = debug.getinfo((level or 1) + 1, 'S').source:match('^@(.*)')
   if not source then return nil end
   local full = paths.concat(source)
   return name and paths.concat(paths.dirname(full), name) or full
end

function paths.dofile(name, level)
   return dofile(paths.thisfile(name, (level or 1) + 1))
end

function paths.require(name) return require(name) end
paths.execdir, paths.install_dir = '.', '.'
paths.install_bin = '.'

return paths
