-- What `th` had around a program besides packages: Penlight by name, functions of strings, the end of a program.
local H = ...

-- Penlight's parts, loaded when they are named
local penlight = {path = true, stringx = true, tablex = true, utils = true, lapp = true, pretty = true, List = true,
                  dir = true, file = true, app = true, text = true, seq = true, OrderedMap = true, Map = true,
                  Set = true}
setmetatable(_G, {__index = function(_, name)
   if penlight[name] and package.preload['pl.' .. name] then
      local loaded = require('pl.' .. name)
      rawset(_G, name, loaded)
      return loaded
   end
   if name == 'dok' then return require 'dok' end
end})

-- xlua's: the parts between matches of a pattern, an empty one at the start or the end left out
function string.split(text, pattern)
   local parts, start = {}, 1
   pattern = '(.-)' .. (pattern or ' ')
   local first, last, part = text:find(pattern)
   while first do
      if first ~= 1 or part ~= '' then parts[#parts + 1] = part end
      start = last + 1
      first, last, part = text:find(pattern, start)
   end
   if start <= #text then parts[#parts + 1] = text:sub(start) end
   return parts
end

-- 'a.b.c': the value of this name
function string.tosymbol(text)
   local f = assert(loadstring('return ' .. text))
   local value = f()
   if not value then error('symbol "' .. text .. '" does not exist', 2) end
   return value
end

-- Penlight's: 'a %d' % 3, '%s %s' % {1, 2}, '$name' % {name = 'x'}
getmetatable('').__mod = function(form, value)
   if type(value) == 'function' or type(value) == 'table' and #value == 0 then
      return (form:gsub('%$([%w_]+)', value))
   elseif type(value) == 'table' then
      return form:format(unpack(value))
   end
   return form:format(value)
end

local ffi = require 'ffi'
ffi.cdef 'int isatty(int); int fileno(void *);'

-- Whether a file is a terminal
function torch.isatty(file)
   return io.type(file) == 'file' and ffi.C.isatty(ffi.C.fileno(file)) ~= 0
end

function os.exit(code)
   H.exit(code == nil and 0 or code == true and 0 or code == false and 1 or code)
end

H.names_before = {}
for name in pairs(_G) do H.names_before[name] = true end
