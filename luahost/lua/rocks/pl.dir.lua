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

function dir.movefile(from, to)
   return os.rename(from, path.isdir(to) and path.join(to, path.basename(from)) or to)
end
function dir.filter(list, mask)
   local r = {}
   for _, name in ipairs(list) do if dir.fnmatch(name, mask) then r[#r + 1] = name end end
   return r
end
local function names_of(list)
   local r = {}
   for i, name in ipairs(list) do r[i] = path.basename(name) end
   return r
end
-- root, folders and files of a folder, and of those in it
function dir.walk(root, bottom_up)
   local function visit(folder)
      local folders, files = names_of(dir.getdirectories(folder)), names_of(dir.getfiles(folder))
      if not bottom_up then coroutine.yield(folder, folders, files) end
      for _, name in ipairs(folders) do visit(path.join(folder, name)) end
      if bottom_up then coroutine.yield(folder, folders, files) end
   end
   return coroutine.wrap(function() visit(root) end)
end
-- each name below a folder, and whether it is a folder
function dir.dirtree(root)
   return coroutine.wrap(function()
      for folder, folders, files in dir.walk(root) do
         for _, name in ipairs(folders) do coroutine.yield(path.join(folder, name), true) end
         for _, name in ipairs(files) do coroutine.yield(path.join(folder, name), false) end
      end
   end)
end

return dir
