-- Penlight's Map: a table with methods for its keys and values.
local tablex = require 'pl.tablex'
local List = require 'pl.List'
local Map = {}
Map.__index = Map

function Map:keys() return List(tablex.keys(self)) end
function Map:values() return List(tablex.values(self)) end
function Map:items()
   local items = List()
   for key, value in pairs(self) do items:append{key, value} end
   return items:sort(function(a, b) return a[1] < b[1] end)
end
function Map:iter() return pairs(self) end
function Map:get(key) return rawget(self, key) end
function Map:set(key, value) self[key] = value end
function Map:setdefault(key, default)
   if self[key] == nil then self[key] = default end
   return self[key]
end
function Map:getvalues(keys) return List(keys):map(function(key) return self[key] end) end
function Map:update(other) return tablex.update(self, other) end
function Map:len() return tablex.size(self) end
function Map.__eq(a, b) return tablex.deepcompare(tablex.copy(a), tablex.copy(b)) end
function Map.__tostring(map)
   local parts = {}
   for key, value in tablex.sort(map) do parts[#parts + 1] = tostring(key) .. '=' .. tostring(value) end
   return '{' .. table.concat(parts, ',') .. '}'
end

return setmetatable(Map, {__call = function(_, values)
   return setmetatable(tablex.copy(values or {}), Map)
end})
