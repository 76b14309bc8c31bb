-- require: the packages of this library before files of the program
local H = ...
local first = true
local draws = {nn = true, nngraph = true, dpnn = true, rnn = true, nnx = true, dp = true}
local rawrequire = require

-- what a package loaded besides, in its own init: rnn has dpnn, and dpnn leaves moses in the global _
local before = {rnn = {'dpnn'}, dpnn = {'nnx', 'moses'},
                fbcunn = {'cunn'}, dataload = {'paths', 'xlua', 'torchx', 'sys', 'image', 'lfs', 'moses'}}

for _, name in ipairs(H.package_names) do
   package.preload[name] = function()
      if H.on_nn[name] then require 'nn' end
      for _, other in ipairs(before[name] or {}) do require(other) end
      if name == 'dpnn' then rawset(_G, '_', package.loaded.moses) end
      if name == 'dataload' then rawset(_G, 'ffi', require 'ffi') end
      return H.load_package(name)
   end
end
package.preload['dataload._env'] = function() return require 'dataload' end

-- A file of the program, by what it looks through itself, is what it means by the name of a service
local services, defaults = {}, {}

local function has_file(name)
   for template in package.path:gmatch('[^;]+') do
      if not defaults[template] then
         local f = io.open((template:gsub('%?', (name:gsub('%.', '/')))))
         if f then
            f:close()
            return true
         end
      end
   end
end

local cuda = {cutorch = true, cunn = true, cudnn = true, fbcunn = true}

-- A file by a name with its folder, as `th` took it: a program, data, or a folder with init.lua
local function run(path)
   return dofile(path)
end

local function load_object(path)
   return torch.load(path)
end

local readers = {
   {'.lua', run},
   {'.th', load_object},
   {'.net', function(path)
      require 'nn'
      return torch.load(path)
   end},
   {'.json', function(path)
      local file = assert(io.open(path))
      local text = file:read('*a')
      file:close()
      return require('cjson').decode(text)
   end},
   {'.csv', function(path) return require('csvigo').load{path = path} end},
}

local function reader_of(path)
   if paths.filep(path .. '.lua') then return run, path .. '.lua' end
   if paths.filep(path) then
      for _, reader in ipairs(readers) do
         if path:sub(-#reader[1]) == reader[1] then return reader[2], path end
      end
      return run, path
   end
   for _, reader in ipairs(readers) do
      if paths.filep(path .. reader[1]) then return reader[2], path .. reader[1] end
   end
   if paths.filep(path .. '/init.lua') then return run, path .. '/init.lua' end
end

-- Whether Lua's own require finds a package
local function is_known(name)
   if package.loaded[name] ~= nil or package.preload[name] then return true end
   return package.searchpath(name, package.path) ~= nil or package.searchpath(name, package.cpath) ~= nil
end

-- The folder of the file that asks
local function folder_of(level)
   local file = debug.getinfo(level + 1, 'S').source:match('^@(.*)')
   return file and paths.filep(file) and paths.dirname(file) or '.'
end

function require(name)
   if name:find('^%.') then
      local path = paths.concat(folder_of(2), name)
      local read, file = reader_of(path)
      if not read then error("module '" .. name .. "' not found: no file '" .. path .. ".lua'", 2) end
      return read(file)
   end
   if services[name] and package.loaded[name] == nil and has_file(name) then package.preload[name] = nil end
   if cuda[name] and package.loaded[name] == nil and package.preload[name] and not H.cuda_is_there(H.guarded > 0) then
      error("module '" .. name .. "' not found: there is no GPU here", 2)
   end
   if first and draws[name] then
      first = false
      H.draw_four()
   end
   if not is_known(name) then
      local read, file = reader_of(paths.concat('.', name))
      if read then return read(file) end
   end
   return rawrequire(name)
end

for template in package.path:gmatch('[^;]+') do defaults[template] = true end
defaults['./?.lua'] = nil
package.path = './?.lua;./?/init.lua;' .. package.path

-- torch.include(package, file) and include(file): a file beside the one that asks
local function folder(level)
   local source = debug.getinfo(level, 'S').source
   return source:match('^@(.*/)') or './'
end

function torch.packageLuaPath(name)
   for template in package.path:gmatch('[^;]+') do
      local path = template:gsub('%?', (name:gsub('%.', '/')))
      local opened = io.open(path)
      if opened then
         opened:close()
         return (path:gsub('/?[^/]*$', ''))
      end
   end
end

function torch.include(name, file)
   for template in package.path:gmatch('[^;]+') do
      local path = template:gsub('%?', (name:gsub('%.', '/'))):gsub('[^/]*$', '') .. file
      local opened = io.open(path)
      if opened then
         opened:close()
         return dofile(path)
      end
   end
   error("torch.include: no file '" .. file .. "' of package '" .. name .. "'", 2)
end

function include(file, level)
   return dofile(folder(3 + (level or 0)) .. file)
end

-- Packages besides: doors to Python's, and Lua files of the host, which get the door of their name
function H.add_door(name)
   services[name] = true
   package.preload[name] = function()
      if name == 'cunn' or name == 'cudnn' then
         require 'nn'
         require 'cutorch'
      end
      local door, call = H.open_door(name)
      setmetatable(door, {
         __call = call and function(_, ...) return call(...) end or nil,
         __index = function(_, key) return H.door_field(name, key) end,
      })
      if not name:find('%.') then rawset(_G, name, door) end
      return door
   end
end

function H.add_rock(name)
   local door = package.preload[name]
   services[name] = true
   package.preload[name] = function()
      local loaded = assert(loadstring(H.rock_text(name), '=' .. name))(door and door() or nil, H)
      if not name:find('%.') then rawset(_G, name, loaded) end
      return loaded
   end
end

