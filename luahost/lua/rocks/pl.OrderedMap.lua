-- Penlight's OrderedMap: a table that keeps the order in which its keys came.
local Map = require 'pl.Map'
local order = setmetatable({}, {__mode = 'k'})  -- of each map: its keys
local OrderedMap = {}
OrderedMap.__index = OrderedMap

function OrderedMap:set(key, value)
   local keys = order[self]
   local known = rawget(self, key) ~= nil
   rawset(self, key, value)
   if value == nil and known then
      for i = 1, #keys do if keys[i] == key then return table.remove(keys, i) and self end end
   elseif value ~= nil and not known then
      keys[#keys + 1] = key
   end
   return self
end
OrderedMap.__newindex = OrderedMap.set

function OrderedMap:insert(place, key, value)
   if value == nil then return self:set(place, key) end
   self:set(key, nil)
   rawset(self, key, value)
   table.insert(order[self], place, key)
   return self
end
function OrderedMap:update(other)
   if getmetatable(other) == OrderedMap then
      for key, value in other:iter() do self:set(key, value) end
   elseif #other > 0 then
      for _, entry in ipairs(other) do
         local key, value = next(entry)
         self:set(key, value)
      end
   else
      for key, value in pairs(other) do self:set(key, value) end
   end
   return self
end
function OrderedMap:keys() return require('pl.List')(order[self]) end
function OrderedMap:values() return self:keys():map(function(key) return rawget(self, key) end) end
function OrderedMap:iter()
   local i, keys = 0, order[self]
   return function()
      i = i + 1
      if keys[i] ~= nil then return keys[i], rawget(self, keys[i]) end
   end
end
OrderedMap.__pairs = OrderedMap.iter
function OrderedMap:sort(before)
   table.sort(order[self], before)
   return self
end
function OrderedMap.__tostring(map)
   local parts = {}
   for key, value in map:iter() do parts[#parts + 1] = tostring(key) .. '=' .. tostring(value) end
   return '{' .. table.concat(parts, ',') .. '}'
end
for _, name in ipairs{'get', 'len', 'items'} do OrderedMap[name] = Map[name] end

return setmetatable(OrderedMap, {__call = function(_, values)
   local map = setmetatable({}, OrderedMap)
   order[map] = {}
   return map:update(values or {})
end})
