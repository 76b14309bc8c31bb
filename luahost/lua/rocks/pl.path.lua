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

return path
