-- Penlight's dir: the contents of folders.
local lfs = require 'lfs'
local path = require 'pl.path'
local dir = {}

local function names(folder, wanted, mask)
   local found = {}
   for name in lfs.dir(folder) do
      local full = path.join(folder, name)
      if name ~= '.' and name ~= '..' and wanted(full) and (not mask or dir.fnmatch(name, mask)) then
         found[#found + 1] = full
      end
   end
   table.sort(found)
   return found
end

function dir.fnmatch(name, mask)
   local pattern = mask:gsub('[%-%.%+%[%]%(%)%$%^%%]', '%%%1'):gsub('%*', '.*'):gsub('%?', '.')
   return name:find('^' .. pattern .. '$') ~= nil
end
function dir.getfiles(folder, mask) return names(folder or '.', path.isfile, mask) end
function dir.getdirectories(folder) return names(folder or '.', path.isdir) end
function dir.getallfiles(folder, mask)
   local found = dir.getfiles(folder, mask)
   for _, below in ipairs(dir.getdirectories(folder)) do
      for _, name in ipairs(dir.getallfiles(below, mask)) do found[#found + 1] = name end
   end
   return found
end
function dir.makepath(name) return paths.mkdir(name) end
function dir.rmtree(name) return paths.rmall(name, 'yes') end
function dir.copyfile(from, to)
   local file = require 'pl.file'
   return file.write(path.isdir(to) and path.join(to, path.basename(from)) or to, file.read(from, true))
end

return dir
