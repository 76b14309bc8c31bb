-- Penlight's path: names of files and what lies there.
local path = {sep = '/', dirsep = ':', is_windows = false}

function path.exists(name) return (paths.filep(name) or paths.dirp(name)) and name or nil end
path.isfile, path.isdir, path.mkdir, path.rmdir = paths.filep, paths.dirp, paths.mkdir, paths.rmdir
path.currentdir, path.tmpname, path.getsize = paths.cwd, paths.tmpname, paths.filesize

function path.isabs(name) return name:sub(1, 1) == '/' end

function path.join(first, ...)
   for _, part in ipairs{...} do
      if path.isabs(part) then
         first = part
      elseif first == '' or first:sub(-1) == '/' then
         first = first .. part
      else
         first = first .. '/' .. part
      end
   end
   return first
end

function path.splitpath(name)
   local folder, file = name:match('^(.*)/([^/]*)$')
   if not folder then return '', name end
   return folder, file
end

function path.splitext(name)
   local stem, ending = name:match('^(.*)(%.[^./]*)$')
   if not stem then return name, '' end
   return stem, ending
end

function path.dirname(name) return (path.splitpath(name)) end
function path.basename(name) return select(2, path.splitpath(name)) end
function path.extension(name) return select(2, path.splitext(name)) end
function path.abspath(name) return path.isabs(name) and name or path.join(path.currentdir(), name) end
function path.expanduser(name) return (name:gsub('^~', os.getenv('HOME') or '~')) end
function path.normpath(name) return path.isabs(name) and paths.concat(name) or name end

local lfs = require 'lfs'
path.attrib, path.chdir, path.dir = lfs.attributes, lfs.chdir, lfs.dir
path.link_attrib = lfs.symlinkattributes
function path.islink(name) return lfs.symlinkattributes(name, 'mode') == 'link' end
function path.getatime(name) return lfs.attributes(name, 'access') end
function path.getmtime(name) return lfs.attributes(name, 'modification') end
function path.getctime(name) return lfs.attributes(name, 'change') end
function path.normcase(name) return name end
function path.relpath(name, start)
   local whole, from = path.abspath(name), path.abspath(start or path.currentdir())
   local parts, base = {}, {}
   for part in whole:gmatch('[^/]+') do parts[#parts + 1] = part end
   for part in from:gmatch('[^/]+') do base[#base + 1] = part end
   local same = 0
   while same < math.min(#parts, #base) and parts[same + 1] == base[same + 1] do same = same + 1 end
   local r = {}
   for _ = same + 1, #base do r[#r + 1] = '..' end
   for n = same + 1, #parts do r[#r + 1] = parts[n] end
   return table.concat(r, '/')
end
function path.common_prefix(a, b)
   while a ~= '' and b:sub(1, #a + 1) ~= a .. '/' and a ~= b do a = path.dirname(a) end
   return a
end
function path.package_path(name)
   local found = package.searchpath(name, package.path)
   if found then return found, true end
   return nil, "cannot find module on path"
end

return path
