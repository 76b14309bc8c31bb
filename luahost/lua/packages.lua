-- require: the packages of this library before files of the program
local H = ...
local first = true
local draws = {nn = true, nngraph = true, dpnn = true, rnn = true, nnx = true, dp = true}
local rawrequire = require

for _, name in ipairs(H.package_names) do
   package.preload[name] = function()
      if H.on_nn[name] then require 'nn' end
      return H.load_package(name)
   end
end

function require(name)
   if first and draws[name] then
      first = false
      H.draw_four()
   end
   return rawrequire(name)
end

package.path = './?.lua;./?/init.lua;' .. package.path

-- torch.include(package, file) and include(file): a file beside the one that asks
local function folder(level)
   local source = debug.getinfo(level, 'S').source
   return source:match('^@(.*/)') or './'
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

function dok() end

-- Packages besides: a face of Python's functions, or Lua files of the host
local faces = {}

function H.add_face(name, face)
   faces[name] = face
   package.preload[name] = function()
      rawset(_G, name, face)
      return face
   end
end

function H.add_rock(name)
   package.preload[name] = function()
      if faces[name] then rawset(_G, name, faces[name]) end
      local loaded = assert(loadstring(H.rock_text(name), '=' .. name))(faces[name])
      if not name:find('%.') then rawset(_G, name, loaded) end
      return loaded
   end
end

-- `th` had loaded Penlight: its parts are there by name
local penlight = {path = true, stringx = true, tablex = true, utils = true, lapp = true, pretty = true, List = true,
                  dir = true, file = true, app = true}
setmetatable(_G, {__index = function(_, name)
   if penlight[name] and package.preload['pl.' .. name] then
      local loaded = require('pl.' .. name)
      rawset(_G, name, loaded)
      return loaded
   end
end})

function string.split(text, separator)
   return require('pl.utils').split(text, separator or ' ', true)
end

function os.exit(code)
   H.exit(code == nil and 0 or code == true and 0 or code == false and 1 or code)
end
